import type { AskTerms } from '../approval.ts'
import { checkKeyProof } from './check-proof.ts'
import type { RuleTools } from './compile-rule.ts'
import { compileTime } from './compile-time.ts'
import { compileWho } from './compile-who.ts'
import type { Grant } from './policy.ts'
import type { GrantInFile } from './schema-grant.ts'
import type { YamlPath } from './yaml-node.ts'

type Written = NonNullable<GrantInFile['activate']>

const DEFAULT_TIMEOUT_MS = 30 * 60_000
const VALID_MS = 10 * 60_000

/** Compiles how a grant is made active; what is wrong with it is noted. @param grant the path of the grant */
export function compileActivate(
  written: Written | undefined,
  grant: YamlPath,
  setting: RuleTools,
): Grant['activate'] {
  const activate = written ?? {}
  const mode = activate.mode ?? 'request'
  const proof = compileProof(activate, mode, grant, setting)
  const path = [...grant, 'activate']
  if (mode !== 'approval') refuseTerms(activate, path, setting)
  return {
    mode,
    reason: activate.reason ?? 'optional',
    proof,
    approval: mode === 'approval' ? compileApproval(activate, proof, path, setting) : null,
  }
}

function compileProof(
  activate: Written,
  mode: Grant['activate']['mode'],
  grant: YamlPath,
  setting: RuleTools,
): Grant['activate']['proof'] {
  const { problems, signed, approvalsClient } = setting
  // What starts with `wrap` starts without a question, so there is nothing to prove.
  const proof = activate.proof ?? (signed && mode !== 'session' ? 'oidc' : 'terminal')
  const at = activate.proof === undefined ? [...grant, 'name'] : [...grant, 'activate', 'proof']
  if (proof === 'oidc' && !approvalsClient) {
    const how =
      activate.proof === undefined ? 'in a signed policy a grant is' : 'a grant with `proof: oidc` is'
    const other = mode === 'approval' ? '`proof: key`, with `people`' : '`proof: terminal`'
    const hint = `add \`approvals: { clientId: … }\` to \`identity\`, or say ${other}`
    problems.atValue(at, `${how} proven at \`identity.approvals\`, which there is not`, hint)
  }
  if (proof === 'key' && mode !== 'session') checkKeyProof(at, setting)
  if (proof === 'terminal' && mode === 'approval') {
    const message = 'a second person agrees, and `proof: terminal` does not show who it was'
    problems.atValue([...grant, 'activate', 'mode'], message, 'write `proof: oidc` or `proof: key` beside it')
  }
  return proof
}

function compileApproval(
  { by, count = 1, timeout, message }: Written,
  proof: AskTerms['proof'],
  path: YamlPath,
  { problems }: RuleTools,
): AskTerms {
  const timeoutMs = compileTime(timeout, [...path, 'timeout'], problems, '7d') ?? DEFAULT_TIMEOUT_MS
  return {
    by: by === undefined ? null : compileWho(by, [...path, 'by'], problems),
    notSelf: true,
    count,
    proof,
    confirm: 'key',
    // `hoopctl request` waits as long as its question lives, and nothing is left for later.
    waitMs: timeoutMs,
    onTimeout: 'deny',
    timeoutMs,
    // The first of several must still count when the last one agrees.
    validMs: count > 1 ? Math.max(timeoutMs, VALID_MS) : VALID_MS,
    edit: false,
    remember: null,
    message: message ?? null,
  }
}

const TERMS = ['by', 'count', 'timeout', 'message'] as const

// Whoever wrote them believes that a second person is asked.
function refuseTerms(activate: Written, path: YamlPath, { problems }: RuleTools): void {
  for (const key of TERMS) {
    if (activate[key] === undefined) continue
    const message = `\`${key}\` is about a second person, whom this grant does not ask`
    problems.atValue([...path, key], message, 'write `mode: approval` beside it, or leave it out')
  }
}
