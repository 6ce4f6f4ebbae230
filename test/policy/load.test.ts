import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HoopctlError } from '../../src/errors.ts'
import { loadPolicy, parsePolicy } from '../../src/policy/load.ts'
import { decide } from '../../src/policy/decide.ts'
import type { Server } from '../../src/policy/policy.ts'
import { PolicyError, printProblem } from '../../src/policy/problem.ts'
import { VERSION } from '../../src/version.ts'
import packageFile from '../../package.json' with { type: 'json' }
import { rulesInForce } from '../../src/policy/rules-in-force.ts'
import { circumstances, policyText, problemsOf } from './a-policy.ts'

const NOW = new Date('2026-11-21T09:30:00Z')
const RULES = 'rules:\n  - allow: { tool: t }\n'
let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hoopctl-policy-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function file(name: string, text: string, mode = 0o644): Promise<string> {
  const path = join(directory, name)
  await writeFile(path, text)
  await chmod(path, mode)
  return path
}

async function failure(path: string): Promise<{ code: string; message: string; hint: string }> {
  const thrown: unknown = await loadPolicy(path, NOW).then(
    () => null,
    (error: unknown) => error,
  )
  if (!(thrown instanceof HoopctlError)) throw new Error(`it did not fail as it should: ${String(thrown)}`)
  return { code: thrown.code, message: thrown.message, hint: thrown.hint }
}

describe('loadPolicy', () => {
  it('given a policy, compiles it with its defaults', async () => {
    const path = await file('good.yaml', policyText(RULES))
    const { rules, digest, ...rest } = await loadPolicy(path, NOW)
    expect(rules).toHaveLength(1)
    expect(digest).toMatch(/^[0-9a-f]{64}$/u)
    expect(rest).toEqual({
      name: 'try',
      version: null,
      expires: null,
      path,
      signed: false,
      ready: null,
      refreshMs: 300_000,
      maxStaleMs: 86_400_000,
      unlisted: 'allow',
      identity: null,
      claims: null,
      servers: new Map(),
      grants: [],
      people: [],
      approvals: { maxWaiting: 20, store: null, notify: [] },
      limits: { messageBytes: 67_108_864, callsPerMinute: null, callsPerSession: null, openCalls: null },
      audit: {
        durability: 'process',
        payloads: { maxBytes: 65_536, requests: 'whole', results: 'whole' },
        retainMs: null,
      },
      uploads: [],
      unusedUploads: [],
      uploadTerms: { requiredMs: null, waitMs: 0, spool: null },
    })
  })

  it('given every setting, compiles it', async () => {
    const settings = `servers:
  s:
    run: { command: srv, args: [-y], env: { A: "1" }, passEnv: [TZ], cwd: /srv, path: [/usr/bin], sha256: ${'a'.repeat(64)} }
    arguments: { caseSensitive: true }
limits: { messageSize: 1MiB, callsPerMinute: 120, callsPerSession: 5000, openCalls: 64 }
audit: { durability: disk, payloads: { max: 1KiB, requests: digest, results: whole }, retain: 90d }
`
    const policy = await loadPolicy(await file('all.yaml', policyText(RULES + settings)), NOW)
    expect(policy.servers.get('s')).toEqual({
      name: 's',
      run: {
        command: 'srv',
        args: ['-y'],
        env: { A: '1' },
        passEnv: ['TZ'],
        cwd: '/srv',
        path: ['/usr/bin'],
        sha256: 'a'.repeat(64),
      },
      caseSensitiveArguments: true,
    })
    expect(policy.limits).toEqual({
      messageBytes: 1_048_576,
      callsPerMinute: 120,
      callsPerSession: 5000,
      openCalls: 64,
    })
    expect(policy.audit).toEqual({
      durability: 'disk',
      payloads: { maxBytes: 1024, requests: 'digest', results: 'whole' },
      retainMs: 7_776_000_000,
    })
  })

  it('given no file, says so', async () => {
    const path = join(directory, 'none.yaml')
    expect(await failure(path)).toEqual({
      code: 'POLICY_UNREADABLE',
      message: `the policy \`${path}\` cannot be read: there is no such file`,
      hint: 'write one with: hoopctl policy init -- COMMAND',
    })
  })

  it.each([0o664, 0o646])('given a file of mode %o, refuses it with the command that helps', async (mode) => {
    const path = await file('loose.yaml', policyText(RULES), mode)
    expect(await failure(path)).toMatchObject({ code: 'FILE_MODE', hint: `run: chmod go-w ${path}` })
    await chmod(path, mode & ~0o022)
    expect((await loadPolicy(path, NOW)).rules).toHaveLength(1)
  })

  it('given a directory or a FIFO, does not wait for it', async () => {
    const fifo = join(directory, 'fifo')
    execFileSync('mkfifo', [fifo])
    expect((await failure(fifo)).message).toContain('it is not a regular file')
    expect((await failure(directory)).message).toContain('it is not a regular file')
  })

  it('given more than 4 MiB, refuses it', async () => {
    const path = await file('big.yaml', `${policyText(RULES)}#${'x'.repeat(4 * 1024 ** 2)}\n`)
    expect((await failure(path)).message).toContain('it is larger than 4 MiB')
  })

  it('given a bad policy, throws every error with its place', async () => {
    const path = await file('bad.yaml', policyText('rulez: []\nmasks: []\n'))
    const thrown: unknown = await loadPolicy(path, NOW).catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(PolicyError)
    expect((thrown as PolicyError).message).toBe(
      [
        `${path}:4:1: unknown key \`rulez\`, did you mean \`rules\`?`,
        `${path}:5:1: this version of hoopctl does not know \`masks\` yet`,
      ].join('\n'),
    )
  })

  it.each([
    { apiVersion: 'hoopctl/v2', hint: 'this hoopctl knows `hoopctl/v1` only: a newer one is needed' },
    { apiVersion: 'hoop/v1', hint: null },
  ])('given apiVersion $apiVersion, says: $hint', async ({ apiVersion, hint }) => {
    const text = policyText(RULES).replace('hoopctl/v1', apiVersion)
    const { problems } = await parsePolicy(Buffer.from(text), 'p.yaml')
    expect(problems.map((problem) => [problem.message, problem.hint])).toEqual([
      [`expected \`hoopctl/v1\`, not \`${apiVersion}\``, hint],
    ])
  })

  it('given a policy that has expired, refuses it', async () => {
    const text = (year: number): string =>
      `apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: try, expires: ${year}-11-21T09:30:00Z }\n${RULES}`
    expect((await failure(await file('old.yaml', text(2026)))).message).toContain(
      'this policy expired at 2026-11-21T09:30:00.000Z',
    )
    expect((await loadPolicy(await file('new.yaml', text(2027)), NOW)).expires).toEqual(
      new Date('2027-11-21T09:30:00Z'),
    )
  })
})

describe('the servers of a policy, before its rules are compiled', () => {
  const told = async (head: string, tail: string): Promise<string[]> => {
    const names: string[] = []
    const text = `apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: try${head} }\n${tail}`
    const path = await file('early.yaml', text)
    const early = (servers: ReadonlyMap<string, Server>): void => void names.push(...servers.keys())
    await loadPolicy(path, NOW, { early }).catch(() => null)
    return names
  }
  const servers = 'servers: { s: { run: { command: srv } } }\n'

  it.each([
    { given: 'a sound policy', head: '', tail: servers + RULES, names: ['s'] },
    {
      given: 'a policy that has expired',
      head: ', expires: 2026-01-01T00:00:00Z',
      tail: servers + RULES,
      names: [],
    },
    { given: 'a policy for a later hoopctl', head: ', requires: ">=9"', tail: servers + RULES, names: [] },
    { given: 'an unknown key', head: '', tail: `${servers}masks: []\n`, names: [] },
    {
      given: 'a server with a mistake',
      head: '',
      tail: 'servers: { s: { run: { command: ./srv } } }\n',
      names: [],
    },
  ])('given $given, are told: $names', async ({ head, tail, names }) => {
    expect(await told(head, tail)).toEqual(names)
  })
})

describe('parsePolicy', () => {
  const about = (bytes: Uint8Array): Promise<string> =>
    parsePolicy(bytes, 'p.yaml').then(
      ({ problems }) => problems.map(printProblem).join('\n').split('\n')[0] ?? '',
    )

  it.each([
    ['nothing', Buffer.from(''), 'p.yaml:1:1: the file is empty'],
    [
      'a byte order mark',
      Buffer.from('\ufeffkind: Policy\n'),
      'p.yaml:1:1: the file begins with a byte order mark',
    ],
    ['a NUL', Buffer.from('kind: \0\n'), 'p.yaml:1:7: the file holds a NUL character'],
    ['broken UTF-8', Buffer.from([0x61, 0x0a, 0x62, 0xff]), 'p.yaml:2:2: the file is not valid UTF-8'],
    ['a list', Buffer.from('[]\n'), 'p.yaml:1:1: expected a mapping, not a list'],
    [
      'a directive',
      Buffer.from('%YAML 1.1\n---\nkind: Policy\n'),
      'p.yaml:1:1: YAML directives are not used here',
    ],
    [
      'carriage returns',
      Buffer.from('kind: Policy\r\nfoo: 1\r\n'),
      'p.yaml:1:1: `apiVersion` is missing here',
    ],
  ])('given %s, says so', async (_given, bytes, says) => {
    expect(await about(bytes)).toBe(says)
  })

  it.each([
    { requires: '>=0.1', loads: true },
    { requires: `>=${VERSION}`, loads: true },
    { requires: '>=0', loads: true },
    { requires: '>=0.1.1', loads: false },
    { requires: '>=0.10', loads: false },
    { requires: '>=1', loads: false },
  ])('given requires: "$requires", loads: $loads', async ({ requires, loads }) => {
    const text = `apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: try, requires: "${requires}" }\n${RULES}`
    const { policy } = await parsePolicy(Buffer.from(text), 'p.yaml')
    expect(policy !== null).toBe(loads)
  })

  it('given the version in the source, is that of the package', () => {
    expect(VERSION).toBe(packageFile.version)
  })

  it.each([
    {
      given: 'sampling',
      rule: '  - allow: { serverRequest: sampling }\n',
      warned: "`rules[0]` lets the server write prompts for the client's model (sampling)",
    },
    {
      given: 'annotations alone',
      rule: '  - allow: { tool: "*" }\n    when: tool.annotations.readOnlyHint\n',
      warned: '`rules[0]` trusts nothing but what the server says of its own tools',
    },
    {
      given: 'every tool',
      rule: '  - allow: { tool: "*" }\n',
      warned: '`rules[0]` allows every tool, those too that the server will get later',
    },
    {
      given: 'denials only',
      rule: '  - deny: { tool: t }\n',
      warned: 'no rule of this policy allows or asks: every call is denied',
    },
    {
      given: 'a condition that always holds',
      rule: '  - allow: { tool: t }\n    when: "1 == 1"\n',
      warned: 'this condition is always true',
    },
  ])('given an allow of $given, warns and loads', async ({ rule, warned }) => {
    const { policy, problems } = await parsePolicy(Buffer.from(policyText(`rules:\n${rule}`)), 'p.yaml')
    expect(policy).not.toBeNull()
    expect(problems.map(({ severity, message }) => [severity, message])).toEqual([['warning', warned]])
  })

  it('given aliases that stand for a billion entries, says where', async () => {
    const line = (name: string, of: string): string =>
      `${name}: &${name} [${Array.from({ length: 10 }, () => of).join(', ')}]\n`
    const bomb =
      line('a', 'x') + line('b', '*a') + line('c', '*b') + line('d', '*c') + line('e', '*d') + line('f', '*e')
    expect((await problemsOf(bomb)).split('\n')[0]).toBe(
      'p.yaml:7:36: the aliases up to `*c` stand for more than 10000 entries',
    )
  })

  it('given a few aliases, reads what they stand for', async () => {
    const text = policyText('rules:\n  - allow: &m { tool: &t [a, b] }\n  - ask: { prompt: *t }\n')
    const { policy } = await parsePolicy(Buffer.from(text), 'p.yaml')
    expect(policy?.rules.map(({ covers }) => covers.map(({ pattern }) => pattern.text))).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  it.each([
    { given: 'rules', part: '  - allow: { tool: t_NN }\n' },
    { given: 'rules and denies', part: '  - allow: { tool: t_NN }\n  - deny: { tool: u_NN* }\n' },
    { given: 'brackets', part: '[' },
    { given: 'one long name', part: 'x' },
    { given: 'errors', part: '  - alow: { tool: t }\n' },
  ])('given 4 MiB of $given, ends', async ({ part }) => {
    const parts: string[] = []
    for (let length = 0, at = 0; length < 4 * 1024 ** 2 - 200; at++) {
      const next = part.replaceAll('NN', String(at))
      parts.push(next)
      length += next.length
    }
    const { problems } = await parsePolicy(Buffer.from(policyText(`rules:\n${parts.join('')}`)), 'p.yaml')
    expect(problems.length).toBeGreaterThanOrEqual(0)
  })
})

describe('a policy that is remembered as sound', () => {
  const call = { kind: 'tool', name: 't', args: '{"n":1}', annotations: null } as const
  const decided = async (rules: string, known: boolean): Promise<string> => {
    const added: string[] = []
    const sound = { has: () => known, add: (digest: string) => void added.push(digest) }
    const path = await file('sound.yaml', policyText(`rules:\n${rules}`))
    const policy = await loadPolicy(path, NOW, { sound })
    expect(added).toEqual([policy.digest])
    expect(policy.ready === null).toBe(!known)
    // Before what compiles conditions is loaded, they fail.
    if (known && rules.includes('when'))
      expect(decide(call, rulesInForce(policy, null), circumstances()).effect).toBe('deny')
    await policy.ready?.()
    return decide(call, rulesInForce(policy, null), circumstances()).effect
  }

  it.each([
    { rules: '  - allow: { tool: t }\n    when: args.n == 1\n', effect: 'allow' },
    { rules: '  - allow: { tool: t }\n    when: args.n == 2\n', effect: 'deny' },
    {
      rules: '  - allow: { tool: t }\n  - deny: { tool: t }\n    when: args.n.size() == 3\n',
      effect: 'deny',
    },
  ])('decides as one that is compiled at the start: $effect', async ({ rules, effect }) => {
    expect([await decided(rules, true), await decided(rules, false)]).toEqual([effect, effect])
  })

  it('given a condition that is wrong all the same, never permits by it [INV-2]', async () => {
    const broken = '    when: args.n == 1 && nosuch\n'
    expect(await decided(`  - allow: { tool: t }\n${broken}`, true)).toBe('deny')
    expect(await decided(`  - allow: { tool: t }\n  - deny: { tool: t }\n${broken}`, true)).toBe('deny')
    await expect(decided(`  - allow: { tool: t }\n${broken}`, false)).rejects.toThrow('nosuch')
  })
})
