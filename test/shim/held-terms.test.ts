import { describe, expect, it, onTestFinished } from 'vitest'
import type { Receipt } from '../../src/approval.ts'
import { callDigest, challengeOf } from '../../src/call-digest.ts'
import { withArguments } from '../../src/cli/approvals/make-receipt.ts'
import { personOf } from '../../src/cli/approvals/receipt-checker.ts'
import { checkReceipt } from '../../src/identity/check-receipt.ts'
import { parsePolicy } from '../../src/policy/load.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { type SshSigner, sshSigner } from '../ssh-signer.ts'
import { PersonNearby } from './a-desk.ts'
import { benchOfOne } from './bench-of-one.ts'
import { untilLeft } from './bench-with-person.ts'
import { ChangingAuthority, fixedStanding } from './fixed-authority.ts'
import { knowTools } from './known-tools.ts'
import { call, notice } from './messages.ts'

async function policyOf(rules: string): Promise<Policy> {
  const text = `apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: bench }\n${rules}\n`
  const { policy, problems } = await parsePolicy(Buffer.from(text), '/policy.yaml')
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('\n'))
  return policy
}

/** A shim under rules that a test can replace, with a person nearby whose answers are checked once `gate` is open. */
async function under(rules: string, keys: (key: string) => ReturnType<typeof personOf> | null = () => null) {
  const person = new PersonNearby()
  const gate = { opens: Promise.resolve() }
  const made: { authority?: ChangingAuthority } = {}
  const bench = await benchOfOne(rules, {
    now: () => person.now,
    authority: (policy) => (made.authority = new ChangingAuthority(policy, {})),
    desk: (machine) => {
      const desk = person.desk(machine)
      desk.check = async (receipt, question, digest, session) => {
        await gate.opens
        const by = { personOfKey: keys, oidc: null, call: digest, session, now: person.now }
        return checkReceipt(receipt, question, by)
      }
      return desk
    },
  })
  onTestFinished(() => person.close())
  await knowTools(bench, { name: 'refund', inputSchema: { type: 'object' } }, { name: 'a' })
  const become = async (later: string) => {
    made.authority?.change(fixedStanding(await policyOf(later)), false)
  }
  return { bench, person, gate, become }
}

function approveEdited(person: PersonNearby, args: string): void {
  const question = person.question()
  person.approve(question, {
    call: callDigest(withArguments(question, args)),
    edited: { arguments: args },
  })
}

const ASK = 'rules:\n  - ask: { tool: refund }\n    approval: { remember: { count: 5, for: 24h } }\n'
const textOf = (line: string | undefined): string => JSON.parse(line ?? '{}').result.content[0].text

describe('an edited call that needs no approval any more', () => {
  const RULES = `rules:
  - allow: { tool: [a, refund] }
  - ask: { tool: refund }
    when: args.amount > 50 || session.calls < 3
    approval: { edit: true }
  - deny: { tool: refund }
    when: args.amount > 900 && session.calls > 3
`

  it('[ATK-CHANGED-CALL] given calls that the model made meanwhile, sends nothing: not the call as it came, which is denied by now', async () => {
    const { bench, person } = await under(RULES)
    await bench.client(call(1, 'refund', { amount: 940 }))
    for (const id of [2, 3, 4, 5]) await bench.client(call(id, 'a', {}))
    approveEdited(person, '{"amount":9}')
    const { server, client } = await untilLeft(bench)
    expect(server).toEqual([])
    expect(textOf(client[0])).toContain('as it was edited it needs no approval any more: make that call')
  })

  it('[ATK-CHANGED-CALL] given a newer policy that denies the call as it came, sends nothing', async () => {
    const before =
      'rules:\n  - allow: { tool: refund }\n  - ask: { tool: refund }\n    when: args.amount > 50\n    approval: { edit: true }\n'
    const { bench, person, become } = await under(before)
    await bench.client(call(1, 'refund', { amount: 940 }))
    approveEdited(person, '{"amount":90}')
    await become(`${before.replace('50', '100')}  - deny: { tool: refund }\n    when: args.amount > 900\n`)
    expect((await untilLeft(bench)).server).toEqual([])
  })
})

describe('two people who must agree', () => {
  const [ann, bob] = [sshSigner('ssh-ed25519'), sshSigner('ssh-ed25519')]
  const RULES = `rules:
  - ask: { tool: refund }
    approval: { by: { groups: [x] }, notSelf: false, count: 2, proof: key, remember: { count: 5, for: 10m } }
people:
  - { issuer: local, sub: ann, groups: [x], keys: [ "${ann.key} ann" ] }
  - { issuer: local, sub: bob, groups: [x], keys: [ "${bob.key} bob" ] }
`
  const yes = (person: PersonNearby, who: SshSigner, remember: Receipt['remember']) => {
    const question = person.waiting()[0]?.question ?? person.question()
    const receipt = person.receipt(question, { remember })
    const signature = who.sign(challengeOf({ ...receipt, edited: null }))
    const proof = { kind: 'key', key: who.key, signature } as const
    return person.answer({ kind: 'approve', receipt: { ...receipt, proof } }, question)
  }
  const within = (minutes: number, count: number) => {
    return { count, until: new Date(Date.now() + minutes * 60_000).toISOString() }
  }
  const asked = async () => {
    const policy = await policyOf(RULES)
    const made = await under(RULES, (key) => personOf(key, policy))
    await made.bench.client(call(1, 'refund', { amount: 940 }))
    return made
  }

  it('[ATK-WEAK-PROOF] given one who says yes once and one who wants it remembered, remembers nothing', async () => {
    const { bench, person } = await asked()
    expect([yes(person, bob, null), yes(person, ann, within(9, 5))]).toEqual(['taken', 'taken'])
    expect((await untilLeft(bench)).server).toHaveLength(1)
    expect(await bench.client(call(2, 'refund', { amount: 940 }))).toEqual({ client: [], server: [] })
    expect(person.waiting()).toHaveLength(1)
  })

  it('given two who want it remembered, remembers as much as both want', async () => {
    const { bench, person } = await asked()
    expect([yes(person, bob, within(9, 2)), yes(person, ann, within(5, 5))]).toEqual(['taken', 'taken'])
    expect((await untilLeft(bench)).server).toHaveLength(1)
    expect((await untilLeft(bench, call(2, 'refund', { amount: 940 }))).server).toHaveLength(1)
    expect(await bench.client(call(3, 'refund', { amount: 940 }))).toEqual({ client: [], server: [] })
  })
})

describe('a newer policy', () => {
  it('given a shorter time to remember, ends what is remembered then', async () => {
    const { bench, person, become } = await under(ASK)
    await bench.client(call(1, 'refund'))
    const until = new Date(person.now.getTime() + 23 * 3_600_000).toISOString()
    person.approve(person.question(), { remember: { count: 5, until } })
    await become(ASK.replace('24h', '10m'))
    expect((await untilLeft(bench)).server).toHaveLength(1)
    expect((await untilLeft(bench, call(2, 'refund'))).server).toHaveLength(1)
    person.aheadMs = 11 * 60_000
    expect(await bench.client(call(3, 'refund'))).toEqual({ client: [], server: [] })
  })

  it.each([
    ['a word that is typed', 'confirm: type', 'a word that is typed'],
    ['less time to answer', 'timeout: 1s', 'an answer that comes sooner'],
  ])('given that it wants %s, denies what was approved without', async (_given, term, missing) => {
    const { bench, person, become } = await under(ASK)
    await bench.client(call(1, 'refund'))
    await become(ASK.replace('approval: {', `approval: { ${term},`))
    person.aheadMs = 2000
    person.approve()
    const { server, client } = await untilLeft(bench)
    expect([server, textOf(client[0]).includes(missing)]).toEqual([[], true])
  })
})

describe('a call that its client takes back', () => {
  it('given that its yes was being looked at, passes once when it is repeated', async () => {
    const { bench, person, gate } = await under(ASK)
    const looks = Promise.withResolvers<void>()
    gate.opens = looks.promise
    await bench.client(call(1, 'refund'))
    person.approve()
    await bench.client()
    await bench.client(notice('notifications/cancelled', { requestId: 1 }))
    looks.resolve()
    expect((await untilLeft(bench, call(2, 'refund'))).server).toEqual([call(2, 'refund')])
    expect(await bench.client(call(3, 'refund'))).toEqual({ client: [], server: [] })
  })

  it('[ATK-FLOOD] given the next line at once, puts no question', async () => {
    const { bench, person } = await under(ASK)
    for (const id of [1, 2, 3]) {
      const lines = [call(id, 'refund', { id }), notice('notifications/cancelled', { requestId: id })]
      expect((await bench.client(...lines)).server).toEqual([])
    }
    expect(person.waiting()).toEqual([])
  })
})
