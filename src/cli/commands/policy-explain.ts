import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { Command, Option } from 'commander'
import type { Demand } from '../../approval.ts'
import type { Circumstances } from '../../decision.ts'
import { EXIT_CODES, HoopctlError } from '../../errors.ts'
import { describeDemand } from '../../policy/describe-demand.ts'
import { whoAgrees } from '../../policy/describe-grant.ts'
import type { Explained } from '../../policy/explain.ts'
import type { Policy } from '../../policy/policy.ts'
import type { Rule } from '../../policy/rule.ts'
import type { Subject } from '../../subject.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'
import { loadInForce } from '../load-in-force.ts'
import { osSubject } from '../os-subject.ts'
import { type Paint, painter } from '../paint.ts'
import { checkCall, readCallLines } from '../read-calls.ts'
import { serverHint } from '../server-hint.ts'

interface ExplainOptions {
  readonly policy?: string
  readonly server?: string
  readonly as?: string
  readonly grant?: readonly string[]
  readonly call?: string
  readonly calls?: string
  readonly json: boolean
}

/** Declares `hoopctl policy explain`. */
export function policyExplainCommand(context: Context, run = policyExplain): Command {
  return new Command('explain')
    .description('Say what would become of calls under a policy, and by which rules.')
    .option('--policy <FILE>', 'the policy; without it, the configured one')
    .option(
      '--server <NAME>',
      'the server that is called, as the policy names it; without it, one that the policy does not name',
    )
    .option('--as <FILE>', 'who calls, as JSON: {"email":…,"groups":[…],"kind":"human"}')
    .option('--grant <NAME>', 'count only this grant as active; repeatable', collect)
    .addOption(new Option('--call <JSON>', 'one call').conflicts('calls'))
    .option('--calls <FILE>', 'a file with one call a line; - is stdin')
    .option('--json', 'print one JSON object for each call', false)
    .addHelpText(
      'after',
      examples(
        `hoopctl policy explain --server docs --call '{"name":"write_file"}'`,
        'hoopctl policy explain --policy policy.yaml --calls calls.jsonl',
      ),
    )
    .action((options: ExplainOptions) => run(options, context))
}

/** Prints what would become of each call. Exits with 0 whatever that is, with 3 where a line is no call. */
export async function policyExplain(options: ExplainOptions, context: Context): Promise<void> {
  const { explain } = await import('../../policy/explain.ts')
  const calls = await callsOf(options, context)
  const policy = await openPolicy(options, context)
  const circumstances = await circumstancesOf(options, policy, context)
  const caseSensitive = policy.servers.get(options.server ?? '')?.caseSensitiveArguments ?? false
  const paint = painter(context)
  let hint: string | null = null
  for (const [index, bytes] of calls.entries()) {
    const checked = checkCall(bytes, caseSensitive)
    const explained = checked.ok ? explain(checked.text, policy, circumstances, options.grant) : checked
    if (!explained.ok) context.setExitCode(EXIT_CODES.INPUT_INVALID)
    if (checked.ok && options.server === undefined) hint ??= serverHint(checked.text, explained, policy)
    const title = calls.length === 1 ? '' : `call ${index + 1}: `
    context.stdout.write(
      options.json
        ? asJson(explained)
        : `${title}${inWords(explained, policy, options.policy ?? policy.path, paint)}`,
    )
  }
  if (hint !== null) context.stderr.write(`hoopctl: ${visible(hint)}\n`)
}

async function callsOf({ call, calls }: ExplainOptions, context: Context): Promise<readonly Uint8Array[]> {
  if (call !== undefined) return [Buffer.from(call)]
  if (calls !== undefined) return readCallLines(calls, context)
  const hint = `add --call '{"name":"a_tool","arguments":{}}', or --calls FILE`
  throw new HoopctlError('USAGE', 'no call is given', { hint })
}

async function openPolicy(
  { policy: named, server, grant }: ExplainOptions,
  context: Context,
): Promise<Policy> {
  const { loadPolicy } = await import('../../policy/load.ts')
  const { grantNames } = await import('../../policy/rules-in-force.ts')
  const { didYouMean } = await import('../../policy/near-miss.ts')
  const found = await loadInForce(named, context)
  const policy = found.kind === 'file' ? await loadPolicy(found.path, context.now()) : found.policy
  if (server !== undefined && !policy.servers.has(server)) {
    const names = [...policy.servers.keys()]
    const message = `the policy has no server \`${server}\`${didYouMean(server, names)}`
    throw new HoopctlError('UNKNOWN_SERVER', message, { hint: `its servers: ${names.join(', ') || 'none'}` })
  }
  const grants = grantNames(policy, server ?? null)
  for (const name of grant ?? []) {
    if (grants.includes(name)) continue
    const message = `there is no grant \`${name}\` on this server${didYouMean(name, grants)}`
    throw new HoopctlError('USAGE', message, { hint: `its grants: ${grants.join(', ') || 'none'}` })
  }
  return policy
}

async function circumstancesOf(
  { as, server }: ExplainOptions,
  { identity }: Policy,
  context: Context,
): Promise<Circumstances> {
  const home = identity?.issuer ?? null
  const subject = as === undefined ? osSubject(userInfo().username) : await readSubjectFile(as, home)
  const session = { id: 'policy-explain', calls: 0 }
  return { subject, client: null, server: server ?? null, session, now: context.now() }
}

async function readSubjectFile(file: string, home: string | null): Promise<Subject> {
  const { readSubject } = await import('../../policy/subject-file.ts')
  const hint = 'a subject is JSON like {"email":"alice@acme.example","groups":["dba"],"kind":"human"}'
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new HoopctlError('INPUT_INVALID', `\`${file}\` cannot be read`, { hint, cause })
  })
  const checked = checkCall(bytes, false)
  const read = checked.ok ? readSubject(JSON.parse(checked.text), home) : { subject: null, why: checked.why }
  if (read.subject !== null) return read.subject
  throw new HoopctlError('INPUT_INVALID', `\`${file}\` holds no subject: ${read.why}`, { hint })
}

const BAD_CALL_HINT = 'a call is a JSON-RPC request or {"name":"a_tool","arguments":{}}, on one line'

function asJson(explained: Explained): string {
  if (explained.ok) return jsonLine(explained.explanation)
  return jsonLine({ error: { code: 'INPUT_INVALID', message: explained.why, hint: BAD_CALL_HINT } })
}

const TONES = { allow: 'good', ask: 'warn', deny: 'bad' } as const

function inWords(explained: Explained, policy: Policy, file: string, paint: Paint): string {
  if (!explained.ok)
    return `${paint('bad', 'no call')}: ${visible(explained.why)}\n  hint: ${BAD_CALL_HINT}\n`
  const { effect, grants, why, approval } = explained.explanation
  const lines = [`${paint(TONES[effect], effect)}: ${visible(why)}`]
  const title = (index: number) => (index === 0 ? '  rules   ' : '          ')
  lines.push(...explained.ledBy.map((rule, index) => title(index) + citation(rule, file)))
  if (effect === 'ask') lines.push(...asking(approval))
  if (grants.length > 0)
    lines.push(`  grants  ${grants.map((name) => grantInWords(name, policy)).join(', ')}`)
  return `${lines.join('\n')}\n`
}

function grantInWords(name: string, { grants }: Policy): string {
  const grant = grants.find((each) => each.name === name)
  const agrees = grant === undefined ? null : whoAgrees(grant)
  return agrees === null ? visible(name) : `${visible(name)} (needs ${visible(agrees)} to agree)`
}

function asking(approval: Demand | undefined): string[] {
  const lines =
    approval === undefined
      ? ['nobody: what a server requests cannot wait for a person, so it is denied']
      : describeDemand(approval)
  return lines.map((line, index) => `${index === 0 ? '  asks    ' : '          '}${visible(line)}`)
}

function citation({ ref, line, reason }: Rule, file: string): string {
  return `${visible(ref)} (${visible(file)}:${line})${reason === null ? '' : `: ${visible(reason)}`}`
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}
