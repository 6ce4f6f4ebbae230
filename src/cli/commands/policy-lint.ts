import { Command } from 'commander'
import { EXIT_CODES, HoopctlError } from '../../errors.ts'
import type { ParsedPolicy } from '../../policy/load.ts'
import type { Policy } from '../../policy/policy.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'

interface LintOptions {
  readonly files: readonly string[]
  readonly json: boolean
}

interface Checked extends ParsedPolicy {
  readonly file: string
}

/** Declares `hoopctl policy lint`. */
export function policyLintCommand(context: Context, run = policyLint): Command {
  return new Command('lint')
    .description('Check policy files: each problem with its file, line and column.')
    .argument('<FILE...>', 'policy files')
    .option('--json', 'print the problems as JSON', false)
    .addHelpText('after', examples('hoopctl policy lint policy.yaml'))
    .action((files: string[], { json }: { json: boolean }) => run({ files, json }, context))
}

/** Checks policy files and prints what is wrong with them; the exit code says whether anything is. */
export async function policyLint({ files, json }: LintOptions, context: Context): Promise<void> {
  const { parsePolicy, readPolicyFile } = await import('../../policy/load.ts')
  const { printProblem } = await import('../../policy/problem.ts')
  const { problemsOfUnread } = await import('../unread-file.ts')
  const now = context.now()
  const results: Checked[] = []
  for (const file of files) {
    try {
      results.push({ file, ...(await parsePolicy(readPolicyFile(file), file, { now })) })
    } catch (failure) {
      // One file that cannot be read does not hide what is wrong with the others.
      if (!(failure instanceof HoopctlError) || files.length === 1) throw failure
      results.push({ file, policy: null, problems: problemsOfUnread(file, failure) })
    }
  }
  if (results.some(({ policy }) => policy === null)) context.setExitCode(EXIT_CODES.POLICY_INVALID)
  if (json) {
    const told = results.map(({ file, policy, problems }) => ({ file, ok: policy !== null, problems }))
    return void context.stdout.write(jsonLine({ files: told }))
  }
  for (const { file, policy, problems } of results) {
    for (const problem of problems) context.stdout.write(`${printProblem(problem)}\n`)
    if (policy !== null) context.stdout.write(`${visible(file)}: ok (${sizeOf(policy)})\n`)
  }
}

function sizeOf({ rules, grants, servers }: Policy): string {
  const count = rules.length + grants.reduce((sum, grant) => sum + grant.rules.length, 0)
  return `${counted(count, 'rule')}, ${counted(servers.size, 'server')}`
}
