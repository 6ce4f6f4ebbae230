import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Command } from 'commander'
import { EXIT_CODES, HoopctlError } from '../../errors.ts'
import type { TestResult } from '../../policy/policy-test.ts'
import type { Problem } from '../../policy/problem.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'
import { type Paint, painter } from '../paint.ts'

interface TestOptions {
  readonly files: readonly string[]
  readonly json: boolean
}

interface TestedFile {
  readonly file: string
  readonly ok: boolean
  /** What is wrong with the test file itself, or with its policy; then nothing was tested. */
  readonly problems: readonly Problem[]
  readonly tests: readonly TestResult[]
}

/** Declares `hoopctl policy test`. */
export function policyTestCommand(context: Context, run = policyTest): Command {
  return new Command('test')
    .description('Run policy tests: calls, and what should become of them.')
    .argument('<FILE...>', 'policy tests (`kind: PolicyTest`)')
    .option('--json', 'print the results as JSON', false)
    .addHelpText('after', examples('hoopctl policy test policy.test.yaml'))
    .action((files: string[], { json }: { json: boolean }) => run({ files, json }, context))
}

/** Runs policy tests and prints what came of each; the exit code says whether all of them hold. */
export async function policyTest({ files, json }: TestOptions, context: Context): Promise<void> {
  const { printProblem } = await import('../../policy/problem.ts')
  const { problemsOfUnread } = await import('../unread-file.ts')
  const tested: TestedFile[] = []
  for (const file of files) {
    try {
      tested.push(await testFile(file, context))
    } catch (failure) {
      // One file that cannot be read, or whose policy cannot, does not hide what fails in the others.
      if (!(failure instanceof HoopctlError) || files.length === 1) throw failure
      tested.push({ file, ok: false, problems: problemsOfUnread(file, failure), tests: [] })
    }
  }
  if (tested.some(({ ok }) => !ok)) context.setExitCode(EXIT_CODES.POLICY_TEST_FAILED)
  if (json) return void context.stdout.write(jsonLine({ files: tested }))
  const paint = painter(context)
  for (const { file, problems, tests } of tested) {
    const lines = [...problems.map(printProblem), ...tests.flatMap((test) => inWords(test, paint))]
    const failed = tests.filter(({ ok }) => !ok).length
    if (tests.length > 0) lines.push(`${visible(file)}: ${counted(tests.length, 'test')}, ${failed} failed`)
    context.stdout.write(lines.map((line) => `${line}\n`).join(''))
  }
}

async function testFile(file: string, context: Context): Promise<TestedFile> {
  const { parsePolicyTest, runPolicyTest } = await import('../../policy/policy-test.ts')
  const { loadPolicy } = await import('../../policy/load.ts')
  const path = resolve(context.workingDirectory, file)
  const bytes = await readFile(path).catch((cause: unknown) => {
    const hint = 'name a file that begins with `kind: PolicyTest`'
    throw new HoopctlError('INPUT_INVALID', `\`${file}\` cannot be read`, { hint, cause })
  })
  const { test, problems } = parsePolicyTest(bytes, file)
  if (test === null) return { file, ok: false, problems, tests: [] }
  const policy = await loadPolicy(resolve(dirname(path), test.policy), context.now())
  const tests = runPolicyTest(test, policy, context.now())
  return { file, ok: tests.every(({ ok }) => ok), problems, tests }
}

function inWords({ name, ok, expected, got }: TestResult, paint: Paint): readonly string[] {
  if (ok) return [`${paint('good', 'ok')}    ${visible(name)}`]
  return [
    `${paint('bad', 'FAIL')}  ${visible(name)}`,
    `        expected  ${expected.effect}${by(expected.rules ?? [])}`,
    `        got       ${got.effect}${by(got.rules)}: ${visible(got.why)}`,
  ]
}

function by(rules: readonly string[]): string {
  return rules.length === 0 ? '' : ` by ${rules.map((rule) => visible(rule)).join(', ')}`
}
