import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Question } from '../../../src/approval.ts'
import { proofChecker } from '../../../src/cli/proof-checker.ts'
import { loadPolicy } from '../../../src/policy/load.ts'
import { startProvider, type TestProvider } from '../../identity/provider.ts'
import { fakeContext } from '../fake-context.ts'
import { type GrantHolder, grantHolder } from '../grant-holder.ts'
import { ENV, inBrowser } from '../in-browser.ts'
import { type Reaction, withSecondPerson } from '../second-person.ts'

let server: TestProvider
let holder: GrantHolder

beforeAll(async () => {
  server = await startProvider()
  holder = await grantHolder(policy(server.issuer), { going: true })
  const { exitCode, stderr } = await inBrowser(holder, server, ['login', '--browser', '--store', 'file'])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
})
afterEach(() => holder.hoopctl(['revoke', '--all'], { env: ENV }))
afterAll(async () => {
  await holder[Symbol.asyncDispose]()
  await server.close()
})

function policy(issuer: string): string {
  const grant = (name: string, activate: string, on = 'orders') => `
  - name: ${name}
    server: ${on}
    who: { groups: [engineering] }
    activate: ${activate}
    duration: { default: 10m, max: 1h }
    rules: [{ allow: { tool: ${name} } }]`
  const dba = '{ mode: approval, proof: oidc, by: { groups: [dba] }, reason: required }'
  return `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: acme }
identity: { issuer: "${issuer}", clientId: hoopctl, scopes: [openid, email, groups, offline_access], approvals: { clientId: hoopctl-approve } }
servers: { orders: {}, other: {} }
grants:${grant('purge', dba)}${grant('drop', dba)}${grant('far', dba, 'other')}${grant('list', '{}')}${grant('anybody', '{ mode: approval, proof: oidc }')}${grant('brief', '{ mode: approval, proof: oidc, timeout: 1s }')}
`
}

const ASK = ['request', 'purge', '--reason', 'INC-2211']

const request = (args: readonly string[], react: Reaction) =>
  withSecondPerson(holder, server, args, react, { env: ENV })

const live = () => holder.shared(({ activations }) => activations.live({}, new Date()))

async function proven() {
  const check = proofChecker(fakeContext({ now: () => new Date() }).context)
  const inForce = { policy: await loadPolicy(`${holder.home}/config/policy.yaml`, new Date()) }
  return Promise.all((await live()).map((one) => check(one, inForce)))
}

async function stateOf({ approval }: Pick<Question, 'approval'>) {
  const stored = await holder.shared(({ approvals }) => approvals.get(approval, new Date()))
  return { state: stored?.state, why: stored?.why, claimed: stored?.claim?.outcome }
}

const NOTHING = { stdout: '', live: [] }

describe('a grant to which a second person must agree', () => {
  it('given they agree, activates it, with a proof that a shim takes; the question is used', async () => {
    const asked: Question[] = []
    const { exitCode, stdout, stderr, reacted } = await request(ASK, (question, second) => {
      asked.push(question)
      return second.agree()
    })
    expect({ exitCode, stderr, reacted }).toMatchObject({ exitCode: 0, reacted: 'taken' })
    expect(stdout).toMatch(/^purge is active for 10m, until /)
    expect(stderr).toContain('You ask for:\n  purge on orders, for 10m\n')
    expect(stderr).toContain('It needs another person of the group `dba` to agree, until ')
    const [{ approval } = { approval: '' }] = asked
    expect(await live()).toMatchObject([
      {
        id: `${approval}/purge`,
        grant: 'purge',
        sub: 'alice',
        reason: 'INC-2211',
        proof: { kind: 'approval' },
      },
    ])
    expect(await proven()).toEqual([null])
    expect(await stateOf({ approval })).toEqual({ state: 'used', why: null, claimed: 'answered' })
  })

  it('given two with the same terms, one question is for both; --json prints each', async () => {
    const { exitCode, stdout } = await request([...ASK, 'drop', '--json'], (_question, second) =>
      second.agree(),
    )
    expect(exitCode).toBe(0)
    const rows = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(rows).toMatchObject([
      { name: 'purge', mode: 'approval', state: 'active' },
      { name: 'drop', mode: 'approval', state: 'active' },
    ])
    expect(await proven()).toEqual([null, null])
  })

  it('given they deny it, activates nothing, and says who did and why', async () => {
    const { exitCode, stdout, stderr } = await request(ASK, (_question, second) =>
      second.deny('not \u001b[2Jtoday'),
    )
    expect({ exitCode, stdout, live: await live() }).toEqual({ exitCode: 6, ...NOTHING })
    expect(stderr).toMatch(/hoopctl: A-\w{8} was denied by \w+: not \\u\{1b\}\[2Jtoday\n/)
    const json = await request([...ASK, '--json'], (_question, second) => second.deny(null))
    expect([json.exitCode, JSON.parse(json.stdout)]).toMatchObject([
      6,
      { error: { code: 'APPROVAL_DENIED' } },
    ])
  })

  it('given nobody answers in time, activates nothing, and withdraws the question', async () => {
    const asked: Question[] = []
    const { exitCode, stdout, stderr } = await request(['request', 'brief'], async (question) =>
      asked.push(question),
    )
    expect({ exitCode, stdout, live: await live() }).toEqual({ exitCode: 6, ...NOTHING })
    expect(stderr).toContain('its time is over, and too few people have agreed')
    expect(stderr).toContain('hint: to ask again: hoopctl request brief\n')
    const [question] = asked
    expect(question === undefined ? null : (await stateOf(question)).state).toBe('withdrawn')
  })

  it('[ATK-SELF-APPROVAL] given whoever asks signs in to agree, their yes is not even given', async () => {
    const refusal = request(ASK, async (question, second) => {
      const said = await second.agree('alice').catch((failure: unknown) => failure)
      await second.deny(null)
      return [question.approval, said]
    })
    const { exitCode, reacted } = await refusal
    expect(exitCode).toBe(6)
    expect(reacted).toMatchObject([expect.stringMatching(/^A-/), { code: 'NOT_APPROVER' }])
    expect(await live()).toEqual([])
  })

  it('[ATK-FORGED-AGREEMENT] given a forged receipt in the shared state, says so, and waits on', async () => {
    const { exitCode, stderr } = await request(ASK, async (question, second) => {
      const { call, approval, device, random, expires, session } = question
      const proof = { kind: 'oidc', idToken: 'a.b.c', jwk: {} } as const
      const receipt = {
        call,
        approval,
        device,
        random,
        expires,
        binds: { session },
        edited: null,
        remember: null,
      }
      const at = new Date().toISOString()
      const forged = { format: 'hoopctl-approval/1', answer: 'approve', ...receipt, at, proof } as const
      await holder.shared(({ approvals }) =>
        approvals.answer(approval, { kind: 'approve', receipt: forged }, new Date()),
      )
      return second.agree()
    })
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/hoopctl: an answer to A-\w{8} does not count: /)
    expect(await proven()).toEqual([null])
  })

  it.each([
    { names: ['purge', 'list'], says: '`purge` needs a second person to agree, and `list` does not' },
    { names: ['list', 'purge'], says: '`purge` needs a second person to agree, and `list` does not' },
    { names: ['purge', 'anybody'], says: '`purge` and `anybody` need other people to agree' },
    { names: ['purge', 'far'], says: '`purge` and `far` need other people to agree, or are on two servers' },
  ])('given $names at once, asks nobody, and says which to ask for alone', async ({ names, says }) => {
    const { exitCode, stderr } = await holder.hoopctl(['request', ...names, '--reason', 'x'], { env: ENV })
    expect({ exitCode, waiting: await waiting() }).toEqual({ exitCode: 2, waiting: [] })
    expect(stderr).toContain(says)
    expect(stderr).toContain('hint: ask for one alone: hoopctl request purge\n')
  })

  it('given a reason that is wanted and missing, asks nobody', async () => {
    expect((await holder.hoopctl(['request', 'purge'], { env: ENV })).exitCode).toBe(2)
    expect(await waiting()).toEqual([])
  })
})

const waiting = () => holder.shared(({ approvals }) => approvals.waiting(new Date()))
