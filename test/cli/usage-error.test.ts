import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { fakeContext } from './fake-context.ts'

async function typed(...argv: string[]) {
  const fake = fakeContext()
  await run(argv, fake.context)
  const [message, hint, ...rest] = fake.stderr().split('\n')
  expect({ exitCode: fake.exitCode(), stdout: fake.stdout(), rest }).toEqual({
    exitCode: 2,
    stdout: '',
    rest: [''],
  })
  return { message, hint: hint?.replace('  hint: ', '') }
}

const NO_IDEA = 'add --help to see what can be typed'

describe('what may have been meant', () => {
  it.each([
    { line: 'lint x', hint: 'did you mean `policy lint`?' },
    { line: 'show', hint: 'did you mean `policy show` or `sessions show`?' },
    { line: 'policy list', hint: 'did you mean `sessions list` or `pins list`?' },
    { line: 'list', hint: 'did you mean `sessions list` or `pins list`?' },
    { line: 'policy lnt', hint: 'did you mean `policy lint`?' },
    { line: 'warp', hint: 'did you mean `wrap`?' },
    { line: 'version', hint: 'did you mean `--version`?' },
    { line: 'help policy', hint: 'did you mean `--help`?' },
    { line: 'policy help', hint: 'did you mean `--help`?' },
    { line: 'run', hint: NO_IDEA },
    { line: 'policies', hint: NO_IDEA },
    { line: 'policy version', hint: NO_IDEA },
  ])('given the command line `$line`, hints: $hint', async ({ line, hint }) => {
    expect(await typed(...line.split(' '))).toEqual({
      message: expect.stringMatching(/^hoopctl: unknown command `/),
      hint,
    })
  })

  it.each([
    { line: '-v', option: '-v', hint: 'did you mean `--version`?' },
    { line: '-V', option: '-V', hint: 'did you mean `--version`?' },
    { line: 'sessions list -v', option: '-v', hint: NO_IDEA },
    { line: 'sessions list --jsn', option: '--jsn', hint: 'did you mean `--json`?' },
    { line: 'sessions list --out', option: '--out', hint: NO_IDEA },
    { line: 'policy lint --json=yes x', option: '--json', hint: NO_IDEA },
    { line: 'wrap --polcy=secret docs', option: '--polcy', hint: 'did you mean `--policy`?' },
  ])('given the options of `$line`, hints: $hint', async ({ line, option, hint }) => {
    expect(await typed(...line.split(' '))).toEqual({
      message: `hoopctl: unknown option \`${option}\``,
      hint,
    })
  })
})

describe('a command without dashes before it', () => {
  it.each([
    { line: 'wrap npx -y foo', shown: 'hoopctl wrap -- npx -y …' },
    { line: 'wrap npx -y', shown: 'hoopctl wrap -- npx -y' },
    { line: 'policy init npx -y foo', shown: 'hoopctl policy init -- npx -y …' },
    {
      line: 'policy init --yes --out p.yaml npx -y foo',
      shown: 'hoopctl policy init --yes --out p.yaml -- npx -y …',
    },
    {
      line: 'wrap --policy p.yaml run me --token=secret x',
      shown: 'hoopctl wrap --policy p.yaml -- run me --token …',
    },
  ])('given `$line`, says where the dashes go, and repeats no more than that', async ({ line, shown }) => {
    expect((await typed(...line.split(' '))).hint).toBe(`put \`--\` before the command: ${shown}`)
  })

  it.each(['wrap -y docs', 'wrap --policy p.yaml -y', 'wrap -y -- npx', 'policy lint x -y'])(
    'given `%s`, does not speak of dashes',
    async (line) => {
      expect((await typed(...line.split(' '))).hint).toBe(NO_IDEA)
    },
  )
})

describe('help', () => {
  it.each([50, 80, 200])('given a terminal of %d columns, is wrapped there', async (width) => {
    const fake = fakeContext({ terminal: true, width })
    await run(['sessions', 'list', '--help'], fake.context)
    const lengths = fake
      .stdout()
      .split('\n')
      .map((line) => line.length)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(width)
    expect(Math.max(...lengths)).toBeGreaterThan(width - 15)
  })
})
