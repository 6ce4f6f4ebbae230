import { describe, expect, it } from 'vitest'
import type { Activation } from '../../src/activation.ts'
import { describeGrant } from '../../src/policy/describe-grant.ts'
import type { GrantCircumstances } from '../../src/policy/grant-context.ts'
import { coveringGrants, grantStates, mayActivate, type Held } from '../../src/policy/grants.ts'
import { parsePolicy } from '../../src/policy/load.ts'
import type { Grant, Policy } from '../../src/policy/policy.ts'
import type { Subject } from '../../src/subject.ts'
import { circumstances, policyOf, tool } from './a-policy.ts'

const IDENTITY = `identity:
  issuer: https://login.acme.example
  clientId: hoopctl
  approvals: { clientId: hoopctl-approve }
servers: { db: {}, web: {} }
people: [{ issuer: https://login.acme.example, sub: bob, keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINkOcwdPqby2J8BF1dIQRJzL6HuvMo6GXTV6qzaXWg51] }]
`
const ANN: Subject = {
  issuer: 'https://login.acme.example',
  sub: 'ann',
  email: 'ann@acme.example',
  groups: ['dba'],
  kind: 'human',
  claims: { level: 3 },
}
const NOW = new Date('2026-11-21T09:30:00Z')
const AT: GrantCircumstances = {
  client: { name: 'claude-code', version: '2.1' },
  session: { id: 's1', calls: 3 },
  now: NOW,
}

/** A grant `g` with these lines beside its name, server and rules. */
async function grantWith(lines: string): Promise<Grant> {
  const indented = lines.replace(/^/gmu, '    ')
  const policy = await policyOf(
    `${IDENTITY}grants:\n  - name: g\n    server: db\n${indented}\n    rules: [{ allow: { tool: get_x } }]\n`,
  )
  const [grant] = policy.grants
  if (grant === undefined) throw new Error('there is no grant')
  return grant
}

function at(time: string): Date {
  return new Date(`2026-11-21T${time}Z`)
}

describe('mayActivate', () => {
  it.each([
    { who: 'everyone', may: 'yes', why: 'it is for everyone' },
    { who: '{ groups: [ops, dba] }', may: 'yes', why: 'it is for the groups `ops`, `dba`' },
    { who: '{ groups: [ops] }', may: 'no', why: 'it is for the group `ops`' },
    { who: '{ groups: [DBA] }', may: 'no', why: 'it is for the group `DBA`' },
    { who: '{ emails: [ann@acme.example] }', may: 'yes', why: 'it is for ann@acme.example' },
    { who: '{ emails: [Ann@acme.example] }', may: 'no', why: 'it is for Ann@acme.example' },
    {
      who: '{ groups: [ops], emails: [ann@acme.example] }',
      may: 'yes',
      why: 'it is for the group `ops` and ann@acme.example',
    },
  ])('given who: $who, says $may', async ({ who, may, why }) => {
    expect(mayActivate(await grantWith(`who: ${who}`), ANN, AT)).toEqual({ verdict: may, why })
  })

  it('given an email and a subject without one, says no', async () => {
    const grant = await grantWith('who: { emails: [ann@acme.example] }')
    expect(mayActivate(grant, { ...ANN, email: null }, AT).verdict).toBe('no')
  })

  it.each([
    { when: 'now.getHours("Europe/Berlin") >= 7', may: 'yes' },
    { when: 'now.getHours("Europe/Berlin") >= 11', may: 'no' },
    { when: 'client.name != "cursor"', may: 'yes' },
    { when: 'client.name == "cursor"', may: 'no' },
    { when: 'subject.kind == "human" && subject.claims.level > 2', may: 'yes' },
    { when: 'subject.claims.missing == 1', may: 'no' },
    { when: 'true && !(subject.claims.missing == 1)', may: 'no' },
    { when: 'server.name == "db"', may: 'yes' },
    { when: 'session.calls < 10', may: 'yes' },
  ])('given when: $when, says $may', async ({ when, may }) => {
    expect(mayActivate(await grantWith(`who: everyone\nwhen: ${when}`), ANN, AT).verdict).toBe(may)
  })

  it('given no client and no session, says unknown where the condition depends on them, else what it is', async () => {
    const nowhere = { ...AT, client: null, session: null }
    const verdict = async (lines: string) => mayActivate(await grantWith(lines), ANN, nowhere).verdict
    expect(await verdict('who: everyone\nwhen: client.name != "cursor"')).toBe('unknown')
    expect(await verdict('who: everyone\nwhen: session.calls < 10')).toBe('unknown')
    expect(await verdict('who: everyone\nwhen: client.name != "cursor" && subject.sub == "bob"')).toBe('no')
    expect(await verdict('who: { groups: [ops] }\nwhen: client.name != "cursor"')).toBe('no')
  })
})

describe('a policy that is known to be sound', () => {
  it('[INV-1] given conditions that cannot be judged yet, gives no grant that has one', async () => {
    const text = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: try }
servers: { db: {} }
grants:
  - { name: free, server: db, who: everyone, rules: [{ allow: { tool: get_x } }] }
  - { name: bound, server: db, who: everyone, when: server.name == "db", rules: [{ allow: { tool: get_x } }] }
`
    const sound = { has: () => true, add: () => undefined }
    const { policy } = await parsePolicy(Buffer.from(text), 'p.yaml', { sound })
    const verdicts = () => policy?.grants.map((grant) => mayActivate(grant, ANN, AT).verdict)
    expect(verdicts()).toEqual(['yes', 'no'])
    await policy?.ready?.()
    expect(verdicts()).toEqual(['yes', 'yes'])
  })
})

describe('the state of a grant', () => {
  const activation: Activation = {
    id: 'a1',
    policy: 'file:/p.yaml',
    grant: 'g',
    issuer: ANN.issuer,
    sub: ANN.sub,
    device: 'd',
    started: at('09:20:00'),
    expires: at('09:40:00'),
    uses: null,
    reason: 'INC-7',
    proof: { kind: 'terminal' },
  }
  const LINES = 'who: everyone\nduration: { default: 10m, max: 30m }'

  function held(changes: Partial<Activation> = {}, used = 0, ended: Date | null = null): Held {
    return { activations: [{ activation: { ...activation, ...changes }, used, ended }], started: [] }
  }

  async function state(given: Held, lines = LINES, now = NOW): Promise<object> {
    const [found] = grantStates([await grantWith(lines)], ANN, { ...AT, now }, given)
    if (found === undefined) throw new Error('there is no state')
    const { grant: _, ...rest } = found
    return rest
  }

  const seen = { started: at('09:20:00'), reason: 'INC-7' }

  it('given an activation, is active until it expires', async () => {
    const active = { state: 'active', ...seen, expires: at('09:40:00'), why: 'it is active' }
    expect(await state(held())).toEqual(active)
    expect(await state(held(), LINES, at('09:39:59'))).toEqual(active)
    expect(await state(held(), LINES, at('09:40:00'))).toEqual({
      ...active,
      state: 'ended',
      why: 'it expired at 2026-11-21T09:40:00.000Z',
    })
  })

  it('given none, is available', async () => {
    const none = { activations: [], started: [] }
    const nothing = { expires: null, started: null, reason: null }
    expect(await state(none)).toEqual({ state: 'available', ...nothing, why: 'it is for everyone' })
    expect(await state(none, 'who: { groups: [ops] }')).toEqual({
      state: 'not-yours',
      ...nothing,
      why: 'it is for the group `ops`',
    })
    expect(await state(none, 'who: everyone\nactivate: { mode: approval, proof: oidc }')).toEqual({
      state: 'available',
      ...nothing,
      why: 'it is for everyone',
    })
  })

  it.each([
    {
      given: 'one of another subject',
      held: held({ sub: 'bob' }),
      is: { state: 'available', started: null },
    },
    {
      given: 'one of another issuer',
      held: held({ issuer: 'local' }),
      is: { state: 'available', started: null },
    },
    { given: 'one of another grant', held: held({ grant: 'h' }), is: { state: 'available', started: null } },
    {
      given: 'one that was revoked',
      held: held({}, 0, at('09:25:00')),
      is: { state: 'ended', expires: at('09:25:00') },
    },
    {
      given: 'a clock that was set back',
      held: held({ started: at('09:31:00') }),
      is: { state: 'ended', why: 'it begins later than now: the clock was set back' },
    },
  ])('given $given, is not active', async ({ held: given, is }) => {
    expect(await state(given)).toMatchObject(is)
  })

  it.each([
    {
      given: 'a shorter max',
      lines: 'who: everyone\nduration: { max: 5m }',
      why: 'it expired at 2026-11-21T09:25:00.000Z',
    },
    { given: 'fewer uses', lines: `${LINES}\nuses: 3`, why: 'its 3 uses are spent' },
    {
      given: 'a reason',
      lines: `${LINES}\nactivate: { reason: required }`,
      changes: { reason: null },
      why: 'the policy now requires a reason',
    },
    {
      given: 'a stronger proof',
      lines: `${LINES}\nactivate: { proof: oidc }`,
      why: 'the policy now requires the proof `oidc`',
    },
  ])('given a policy that now wants $given, has ended', async ({ lines, changes, why }) => {
    expect(await state(held(changes, 3), lines)).toMatchObject({ state: 'ended', why })
    expect(await state(held(changes, 3))).toMatchObject({ state: 'active' })
  })

  it('given a policy that no longer gives it to the subject, is not theirs', async () => {
    expect(await state(held(), 'who: { groups: [ops] }')).toMatchObject({ state: 'not-yours' })
    expect(await state(held(), `${LINES}\nwhen: now.getHours() > 20`)).toMatchObject({ state: 'not-yours' })
  })

  it('given a stronger proof than is wanted, is active', async () => {
    const proof = { kind: 'oidc' as const, idToken: 'x', request: '{}' }
    expect(await state(held({ proof }), `${LINES}\nactivate: { proof: oidc }`)).toMatchObject({
      state: 'active',
    })
    expect(await state(held({ proof }))).toMatchObject({ state: 'active' })
  })

  it('given the uses of an activation, counts those', async () => {
    expect(await state(held({ uses: 2 }, 1))).toMatchObject({ state: 'active' })
    expect(await state(held({ uses: 2 }, 2))).toMatchObject({ state: 'ended', why: 'its 2 uses are spent' })
  })

  it('given what a session started, is active as long as that lasts', async () => {
    const lines = 'who: everyone\nactivate: { mode: session }'
    const begun = { grant: 'g', started: at('09:20:00'), expires: null, reason: null }
    const started = (expires: Date | null) => ({ activations: [], started: [{ ...begun, expires }] })
    expect(await state(started(null), lines)).toMatchObject({ state: 'active', expires: null })
    expect(await state(started(at('09:40:00')), lines)).toMatchObject({
      state: 'active',
      expires: at('09:40:00'),
    })
    expect(await state(started(NOW), lines)).toMatchObject({ state: 'ended', expires: NOW })
    expect(await state(started(null))).toMatchObject({ state: 'ended', why: 'it no longer starts by itself' })
  })

  it('given an ended and an active one, is what the active one is', async () => {
    const both = [
      ...held({ started: at('09:00:00'), expires: at('09:50:00') }, 0, at('09:10:00')).activations,
    ]
    expect(await state({ activations: [...both, ...held().activations], started: [] })).toMatchObject({
      state: 'active',
      expires: at('09:40:00'),
    })
  })
})

describe('coveringGrants', () => {
  const POLICY = `${IDENTITY}grants:
  - { name: asks, server: db, who: everyone, rules: [{ ask: { tool: "*" } }] }
  - { name: reads, server: db, who: everyone, rules: [{ allow: { tool: get_x } }] }
  - { name: narrow, server: db, who: everyone, rules: [{ allow: { tool: put }, when: args.n < 5 }] }
  - { name: denies, server: db, who: everyone, rules: [{ deny: { tool: get_x } }] }
  - { name: never, server: db, who: everyone, rules: [{ allow: { tool: [drop, stop] } }] }
  - { name: other, server: web, who: everyone, rules: [{ allow: { tool: get_x } }] }
rules:
  - deny: { tool: drop }
`
  const ALL = ['asks', 'reads', 'narrow', 'denies', 'never', 'other']

  function covering(
    policy: Policy,
    name: string,
    args: string,
    available = ALL,
    active: string[] = [],
  ): string[] {
    const call = tool(name, args)
    const found = coveringGrants(call, policy, 'db', available, circumstances({ server: 'db' }), active)
    return found.map((grant) => grant.name)
  }

  it('given a call, names those that allow it before those that ask', async () => {
    const policy = await policyOf(POLICY)
    expect(covering(policy, 'get_x', '{}')).toEqual(['reads', 'asks'])
    expect(covering(policy, 'put', '{"n":1}')).toEqual(['narrow', 'asks'])
    expect(covering(policy, 'put', '{"n":9}')).toEqual(['asks'])
    expect(covering(policy, 'put', '{"n":1}', ['reads'])).toEqual([])
  })

  it('given a call that a rule denies whatever is active, names none', async () => {
    const policy = await policyOf(POLICY)
    expect(covering(policy, 'drop', '{}')).toEqual([])
    expect(covering(policy, 'stop', '{}', ['never'])).toEqual(['never'])
    expect(covering(policy, 'get_x', '{}', ['reads'], ['denies'])).toEqual([])
  })

  it('given a grant that is active, does not name it', async () => {
    expect(covering(await policyOf(POLICY), 'get_x', '{}', ALL, ['reads'])).toEqual(['asks'])
  })
})

describe('describeGrant', () => {
  it('given a grant, says what each rule of it gives', async () => {
    const policy = await policyOf(`servers:
  db:
    verbs:
      query: [{ tool: [list_tables, describe] }, { tool: query, when: args.mode == "read" }]
grants:
  - name: g
    server: db
    who: everyone
    rules:
      - allow: { verb: query }
      - ask: { tool: query }
        when: |
          args.mode == "write" &&
            args.rows < 5
      - deny: { tool: "drop_*" }
      - allow: { tool: "*" }
        when: args.dry == true
      - allow: { resource: ["file:///srv/**", "file:///etc/motd"] }
      - allow: { prompt: "*" }
      - allow: { serverRequest: [roots, sampling] }
`)
    expect(policy.grants.map(describeGrant)).toEqual([
      [
        'may call the tools `list_tables`, `describe`',
        'may call the tool `query` if args.mode == "read"',
        'may, once a person agrees, call the tool `query` if args.mode == "write" && args.rows < 5',
        'must not call the tool `drop_*`',
        'may call any tool if args.dry == true',
        'may read `file:///srv/**`, `file:///etc/motd`',
        'may get any prompt',
        'may let the server ask for `roots`, `sampling`',
      ],
    ])
  })
})
