import { describe, expect, it } from 'vitest'
import type { Question } from '../../../src/approval.ts'
import { callDigest, challengeOf } from '../../../src/call-digest.ts'
import { callFacts } from '../../../src/cli/approvals/call-facts.ts'
import { type Examined, examine, type Own, wordOf } from '../../../src/cli/approvals/examine.ts'
import type { InboxEntry } from '../../../src/cli/approvals/inbox.ts'
import { askedEntry, NOW, POLICY, policyOf, type Said } from './an-asked-question.ts'

const me = {
  issuer: 'https://id.acme.example',
  sub: 'u-2',
  email: 'bob@acme.example',
  groups: ['ops'],
  authTime: null,
}

async function own(source = POLICY): Promise<Extract<Own, { kind: 'policy' }>> {
  return { kind: 'policy', policy: await policyOf(source), me, browser: true }
}

async function examined(said: Said, source = POLICY): Promise<Examined> {
  const mine = await own(source)
  return examine(askedEntry(said, mine.policy), mine, NOW)
}

function altered(change: Partial<Question>): InboxEntry {
  const entry = askedEntry()
  return { ...entry, question: { ...entry.question, ...change } }
}

describe('examine', () => {
  it('given a call that the own policy asks about, shows it and offers what the policy allows', async () => {
    const found = await examined({
      args: '{"path":"/srv/n","content":"h\\u00e9"}',
      annotations: { destructiveHint: false },
    })
    expect(found).toMatchObject({
      what: 'write_file',
      risk: 'writes',
      body: '{"path":"/srv/n","content":"h\\u00e9"}',
      faults: [],
      policyDiffers: null,
      decision: { effect: 'ask', rules: ['rules.writes-ask'], reasons: ['what is written stays'] },
      offer: { kind: 'approve', proof: 'terminal', word: null, edit: true, hindrance: null },
    })
  })

  it('given any call, counts what is in it', async () => {
    const args = '{"path":"/srv/p\u0430y","content":"h\u202ei"}'
    expect(callFacts(await examined({ args }))).toEqual({
      bytes: 38,
      members: 2,
      longest: 8,
      lookAlikes: 1,
      unseen: 1,
    })
  })

  it.each<[string, Said, string]>([
    ['denies', { tool: 'remove_all', args: '{}' }, 'your policy denies it by `rules[4]`: one denies'],
    [
      'allows',
      { tool: 'read_file', args: '{}' },
      'your policy allows it without an answer: it should repeat the call',
    ],
    [
      'does not cover',
      { tool: 'unheard_of', args: '{}' },
      'your policy denies it: no rule in force covers the tool `unheard_of`',
    ],
  ])('given a call that the own policy %s, offers no yes', async (_given, said, why) => {
    expect((await examined(said)).offer).toEqual({ kind: 'deny-only', code: null, why })
  })

  it('given a claimed active grant, takes its rules into account; without it, does not', async () => {
    const chmod = { tool: 'chmod', args: '{}' }
    expect((await examined({ ...chmod, grants: ['files-admin'] })).offer.kind).toBe('approve')
    expect((await examined(chmod)).offer.kind).toBe('deny-only')
  })

  it('given a big number, decides on the number that was written', async () => {
    expect((await examined({ tool: 'pay', args: '{"id":9007199254740993}' })).offer.kind).toBe('approve')
    expect((await examined({ tool: 'pay', args: '{"id":9007199254740992}' })).offer.kind).toBe('deny-only')
  })

  it('given no policy, offers no yes', () => {
    const { offer, decision } = examine(askedEntry(), { kind: 'none', why: 'none was added' }, NOW)
    expect({ offer, decision }).toEqual({
      offer: { kind: 'deny-only', code: null, why: 'there is no policy to decide by: none was added' },
      decision: null,
    })
  })

  it.each<[string, Partial<Question>, string]>([
    [
      'other arguments',
      { params: '{"name":"write_file","arguments":{"path":"/etc/passwd"}}' },
      'the call that arrived is not the call that was asked about',
    ],
    [
      'another digest',
      { call: '0'.repeat(64) },
      'the call that arrived is not the call that was asked about',
    ],
    [
      'another server',
      { server: { name: 'other', command: null, sha256: null, args: '', cwd: null } },
      'the call that arrived is not the call that was asked about',
    ],
    ['another challenge', { challenge: '0'.repeat(64) }, 'the challenge is not the one of this call'],
    ['another id', { approval: 'A-00000000' }, 'the challenge is not the one of this call'],
    ['a later end', { expires: '2027-01-01T00:00:00.000Z' }, 'the challenge is not the one of this call'],
    [
      'another definition',
      { definitionText: '{"name":"write_file"}' },
      'the definition of its tool is another one',
    ],
    ['no definition', { definitionText: null }, 'the definition of its tool is not there'],
    [
      'parameters that are no JSON',
      { params: '{"name":' },
      'its parameters are not sound JSON: it is not JSON',
    ],
    [
      'a key twice',
      { params: '{"name":"a","name":"b"}' },
      'its parameters are not sound JSON: an object in it has a key twice',
    ],
    ['a method that asks nobody', { method: 'tools/list' }, 'its method is none that people are asked about'],
  ])(
    '[ATK-ALTERED-QUESTION] given %s than was asked about, names the fault and offers no yes',
    async (_given, change, why) => {
      const { faults, offer } = examine(altered(change), await own(), NOW)
      expect({ faults: faults[0], offer }).toEqual({
        faults: why,
        offer: { kind: 'deny-only', code: 'APPROVAL_ALTERED', why },
      })
    },
  )

  it('given the definition of another tool, with digests that fit, names the fault', async () => {
    const { definition, definitionText } = askedEntry({ tool: 'read_file' }).question
    const { question } = altered({ definition, definitionText })
    const call = callDigest(question)
    const challenge = challengeOf({ ...question, call, remember: null })
    const { faults } = examine(altered({ definition, definitionText, call, challenge }), await own(), NOW)
    expect(faults).toEqual(['the definition is that of another tool'])
  })

  it('given a requester that is shown and another that is bound, names the fault', async () => {
    const { question } = askedEntry()
    const subject = { ...question.claims.subject, sub: 'u-9' }
    const { faults } = examine(altered({ claims: { ...question.claims, subject } }), await own(), NOW)
    expect(faults).toEqual(['whoever is said to ask is not whom an answer is bound to'])
  })

  it('given a rule that names others, offers no yes; given one that names the person, does', async () => {
    const people = (by: string) =>
      POLICY.replace('{ edit: true, remember: { count: 3, for: 10m } }', `{ by: ${by}, proof: oidc }`)
    const identity =
      'identity:\n  issuer: https://id.acme.example\n  clientId: c\n  approvals: { clientId: a }\n'
    const source = (by: string) => people(by).replace('servers:', `${identity}servers:`)
    expect((await examined({}, source('{ groups: [dba] }'))).offer).toEqual({
      kind: 'deny-only',
      code: 'NOT_APPROVER',
      why: 'it is for the group `dba` to answer',
    })
    expect((await examined({}, source('{ groups: [ops] }'))).offer.kind).toBe('approve')
  })

  it('given a rule that wants a word typed, names a word of the call', async () => {
    expect((await examined({ tool: 'drop_table', args: '{}' })).offer).toMatchObject({ word: 'drop_table' })
  })

  it('given a queued call, offers no edit, and no answer that is remembered: both need the session that asked', async () => {
    const [held, queued] = [await examined({}), await examined({ state: 'queued' })].map(({ offer }) => offer)
    expect(queued).toMatchObject({ kind: 'approve', edit: false, demand: { remember: null } })
    expect(held).toMatchObject({ kind: 'approve', edit: true, demand: { remember: { count: 3 } } })
  })

  it('given a call whose time is over, offers no yes', async () => {
    const mine = await own()
    const { offer } = examine(askedEntry({}, mine.policy), mine, new Date('2026-11-21T09:44:04Z'))
    expect(offer).toEqual({ kind: 'deny-only', code: null, why: 'its time is over' })
  })

  it('given another copy of the policy, says so', async () => {
    expect(examine(askedEntry(), await own(), NOW).policyDiffers).toBe(
      'your policy was changed since it was asked, or that was another copy of it',
    )
  })

  it('given parameters beside the arguments, shows them too', () => {
    const params = '{"name":"write_file","arguments":{},"task":{"ttl":1},"_meta":{"progressToken":1}}'
    expect(examine(altered({ params }), { kind: 'none', why: '' }, NOW).body).toBe(
      '{"name":"write_file","arguments":{},"task":{"ttl":1}}',
    )
  })
})

it.each([
  ['drop_table', 'drop_table'],
  ['file:///srv/a', 'file'],
  ['\u0434', 'approve'],
])('given %s, the word to type is %s', (what, word) => {
  expect(wordOf(what)).toBe(word)
})
