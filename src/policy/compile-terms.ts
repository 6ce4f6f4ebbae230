import type { AskTerms } from '../approval.ts'
import { compileTime } from './compile-time.ts'
import { compileWho } from './compile-who.ts'
import { checkProof, type ProofSetting } from './check-proof.ts'
import type { ProblemList } from './problem-list.ts'
import type { ApprovalInFile } from './schema-approval.ts'
import type { YamlPath } from './yaml-node.ts'

const DEFAULT_WAIT_MS = 45_000
const DEFAULT_TIMEOUT_MS = 30 * 60_000
const DEFAULT_VALID_MS = 10 * 60_000
const CLIENTS_WAIT_MS = 55_000
const MAX_WAIT_MS = 10 * 60_000

/** What the terms of an `ask` rule are compiled with. */
export interface TermsTools extends ProofSetting {
  readonly problems: ProblemList
}

/**
 * Compiles what an `ask` rule wants; what is wrong with it is noted.
 * @param rule the path of the rule; `approval` may be missing there, and then everything has its default
 */
export function compileTerms(
  approval: ApprovalInFile | undefined,
  rule: YamlPath,
  tools: TermsTools,
): AskTerms {
  const written = approval ?? {}
  const path = [...rule, 'approval']
  const { problems } = tools
  const proof = written.proof ?? (tools.signed ? 'oidc' : 'terminal')
  checkProof(written, proof, rule, tools)
  if (written.edit === true && (written.count ?? 1) > 1) {
    const message =
      '`edit` cannot stand beside `count` over 1: the others would have said yes to another call'
    problems.atValue([...path, 'edit'], message, 'leave out `edit`, or `count`')
  }
  return {
    by: written.by === undefined ? null : compileWho(written.by, [...path, 'by'], problems),
    notSelf: written.notSelf ?? written.by !== undefined,
    count: written.count ?? 1,
    proof,
    confirm: written.confirm ?? 'key',
    ...compileClocks(written, path, problems),
    onTimeout: written.onTimeout ?? 'queue',
    edit: written.edit ?? false,
    remember: compileRemember(written.remember, [...path, 'remember'], problems),
    message: written.message ?? null,
  }
}

function compileClocks(
  { wait, timeout, valid, onTimeout }: ApprovalInFile,
  path: YamlPath,
  problems: ProblemList,
): Pick<AskTerms, 'waitMs' | 'timeoutMs' | 'validMs'> {
  const timeoutMs = compileTime(timeout, [...path, 'timeout'], problems, '7d') ?? DEFAULT_TIMEOUT_MS
  const waitMs = compileTime(wait, [...path, 'wait'], problems, '10m')
  if (waitMs !== null && waitMs > timeoutMs) {
    const message = 'the call would be held longer than its question lives: `wait` is longer than `timeout`'
    problems.atValue([...path, 'wait'], message, 'raise `timeout`, or lower `wait`')
  } else if (waitMs !== null && waitMs > CLIENTS_WAIT_MS && waitMs <= MAX_WAIT_MS) {
    const message = 'many clients give up at about 60 s, and nobody then sees what becomes of a held call'
    problems.warn(problems.offset([...path, 'wait']), message, 'write `45s`, and let `onTimeout` queue it')
  }
  if (onTimeout === 'deny' && timeout !== undefined && timeoutMs > (waitMs ?? DEFAULT_WAIT_MS)) {
    const message = '`timeout` means nothing beside `onTimeout: deny`: the question ends with `wait`'
    const hint = 'leave out `timeout`, or write `onTimeout: queue`'
    problems.warn(problems.offset([...path, 'timeout']), message, hint)
  }
  return {
    waitMs: waitMs ?? Math.min(DEFAULT_WAIT_MS, timeoutMs),
    timeoutMs,
    validMs: compileTime(valid, [...path, 'valid'], problems, '24h') ?? DEFAULT_VALID_MS,
  }
}

function compileRemember(
  remember: ApprovalInFile['remember'],
  path: YamlPath,
  problems: ProblemList,
): AskTerms['remember'] {
  if (remember === undefined) return null
  if (remember.count < 2) {
    const message = 'an answer covers one call anyway: to remember it means two calls or more'
    problems.atValue([...path, 'count'], message, 'leave out `remember`, or raise `count`')
  }
  const forMs = compileTime(remember.for, [...path, 'for'], problems, '24h')
  return { count: remember.count, forMs: forMs ?? 0 }
}
