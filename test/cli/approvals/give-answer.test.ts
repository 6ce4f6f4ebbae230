import { beforeAll, describe, expect, it } from 'vitest'
import type { Answer, Approver } from '../../../src/approval.ts'
import { callDigest, challengeOf } from '../../../src/call-digest.ts'
import type { ApproveParts } from '../../../src/cli/approvals/approve-parts.ts'
import { argumentsText, takeEdit } from '../../../src/cli/approvals/edit-arguments.ts'
import type { InboxEntry } from '../../../src/cli/approvals/inbox.ts'
import { examine, type Own } from '../../../src/cli/approvals/examine.ts'
import { giveApproval, giveDenial } from '../../../src/cli/approvals/give-answer.ts'
import { withArguments } from '../../../src/cli/approvals/make-receipt.ts'
import type { Edit } from '../../../src/cli/screens/state.ts'
import { askedEntry, NOW, POLICY, policyOf, type Said } from './an-asked-question.ts'

let own: Extract<Own, { kind: 'policy' }>
beforeAll(async () => {
  own = { kind: 'policy', policy: await policyOf(), me: null, browser: true }
})

function desk(mine: Own = own, approver: Approver | null = null, waiting: readonly InboxEntry[] = []) {
  const given: Answer[] = []
  const challenges: string[] = []
  const inbox: ApproveParts['inbox'] = {
    waiting: () => waiting,
    remembered: () => [],
    ended: () => null,
    onChange: () => () => undefined,
    answer: (_entry, answer) => {
      given.push(answer)
      return Promise.resolve('taken')
    },
    forget: () => undefined,
    close: () => undefined,
  }
  const prove: ApproveParts['prove'] = (_kind, challenge) => {
    challenges.push(challenge)
    return Promise.resolve({ proof: { kind: 'terminal', user: 'bob', signature: challenge }, approver })
  }
  return {
    parts: {
      inbox,
      own: () => mine,
      prove,
      name: 'bob',
      whose: 'It looks at those of the user bob in /state.',
      catchUp: async () => undefined,
    },
    given,
    challenges,
  }
}

const now = () => NOW
const quiet = () => undefined
const asked = (said: Said = {}) => examine(askedEntry(said), own, NOW)

async function edited(written: string, said: Said = {}): Promise<Edit> {
  const found = await takeEdit(asked(said), written, own, NOW)
  if (found.kind !== 'edit') throw new Error(JSON.stringify(found))
  return found.edit
}

describe('giveApproval', () => {
  it('given a held call, signs the challenge of what was shown, for its session', async () => {
    const { parts, given, challenges } = desk()
    const examined = asked()
    const { question } = examined.entry
    await giveApproval({ examined, remember: false, edit: null }, parts, now, quiet)
    const { call, approval, device, random, expires, session, challenge } = question
    expect(challenges).toEqual([challenge])
    expect(given).toEqual([
      {
        kind: 'approve',
        receipt: {
          format: 'hoopctl-approval/1',
          answer: 'approve',
          call,
          approval,
          device,
          random,
          expires,
          binds: { session },
          edited: null,
          remember: null,
          at: NOW.toISOString(),
          proof: { kind: 'terminal', user: 'bob', signature: challenge },
        },
      },
    ])
  })

  it('given a queued call, binds the yes to its requester', async () => {
    const { parts, given } = desk()
    await giveApproval(
      { examined: asked({ state: 'queued' }), remember: false, edit: null },
      parts,
      now,
      quiet,
    )
    expect(given).toMatchObject([
      { receipt: { binds: { requester: { issuer: 'https://id.acme.example', sub: 'u-1' } } } },
    ])
  })

  it('given a yes to be remembered, signs how often and how long', async () => {
    const { parts, given, challenges } = desk()
    const examined = asked()
    const remember = { count: 3, until: '2026-11-21T09:24:07.000Z' }
    await giveApproval({ examined, remember: true, edit: null }, parts, now, quiet)
    expect(given).toMatchObject([{ receipt: { remember } }])
    expect(challenges).toEqual([challengeOf({ ...examined.entry.question, remember })])
  })

  it('given other terms to remember by than were shown, gives nothing', async () => {
    const { policy } = own
    const rules = policy.rules.map((rule) =>
      rule.ask?.remember == null
        ? rule
        : { ...rule, ask: { ...rule.ask, remember: { count: 9, forMs: 60_000 } } },
    )
    const { parts, given } = desk({ ...own, policy: { ...policy, rules } })
    const sent = giveApproval({ examined: asked(), remember: true, edit: null }, parts, now, quiet)
    await expect(sent).rejects.toThrow('for how long an answer is remembered has changed since it was shown')
    expect(given).toEqual([])
  })

  it('given a yes to be remembered to a call that is queued by now, gives nothing; a plain one is given', async () => {
    const { parts, given, challenges } = desk(own, null, [askedEntry({ state: 'queued' })])
    const yes = { examined: asked(), edit: null }
    await expect(giveApproval({ ...yes, remember: true }, parts, now, quiet)).rejects.toThrow(
      'it is not held any more, so the answer cannot be remembered: `a` approves it once',
    )
    expect([given, challenges]).toEqual([[], []])
    await giveApproval({ ...yes, remember: false }, parts, now, quiet)
    expect(given).toHaveLength(1)
  })

  it('given an edit, signs the digest of the edited call', async () => {
    const { parts, given, challenges } = desk()
    const examined = asked()
    const edit = await edited('{ "path": "/srv/other" }')
    await giveApproval({ examined, remember: false, edit }, parts, now, quiet)
    const { question } = examined.entry
    const call = callDigest(withArguments(question, '{"path": "/srv/other"}'))
    expect(given).toMatchObject([{ receipt: { call, edited: { arguments: '{"path": "/srv/other"}' } } }])
    const change = { arguments: '{"path": "/srv/other"}' }
    expect(challenges).toEqual([challengeOf({ ...question, call, remember: null, edited: change })])
  })

  it('given a held call that is queued by now, binds the yes to its requester, and takes no edit any more', async () => {
    const { parts, given } = desk(own, null, [askedEntry({ state: 'queued' })])
    await giveApproval({ examined: asked(), remember: false, edit: null }, parts, now, quiet)
    expect(given).toMatchObject([{ receipt: { binds: { requester: { sub: 'u-1' } } } }])
    const edit = await edited('{"path":"/srv/other"}')
    await expect(
      giveApproval({ examined: asked(), remember: false, edit }, parts, now, quiet),
    ).rejects.toThrow('it cannot be approved: it is not held any more, so it cannot be edited')
    expect(given).toHaveLength(1)
  })

  it('given a policy that denies it by now, gives nothing', async () => {
    const policy = await policyOf(
      `${POLICY}  - deny: { tool: write_file }\n    when: args.path == "/srv/note.txt"\n`,
    )
    const { parts, given, challenges } = desk({ ...own, policy })
    await expect(
      giveApproval({ examined: asked(), remember: false, edit: null }, parts, now, quiet),
    ).rejects.toThrow('it cannot be approved: your policy denies it by `rules[5]`: one denies')
    expect([given, challenges]).toEqual([[], []])
  })

  it('given a proof of somebody whom no rule names, gives nothing', async () => {
    const identity =
      'identity:\n  issuer: https://id.acme.example\n  clientId: c\n  approvals: { clientId: a }\n'
    const named = POLICY.replace(
      '{ edit: true, remember: { count: 3, for: 10m } }',
      '{ by: { groups: [dba] }, proof: oidc }',
    )
    const policy = await policyOf(named.replace('servers:', `${identity}servers:`))
    const person = { issuer: 'https://id.acme.example', sub: 'u-2', email: null, authTime: null }
    const give = (groups: readonly string[], sub = 'u-2') => {
      const found = desk({ ...own, policy }, { ...person, sub, groups })
      return giveApproval({ examined: asked(), remember: false, edit: null }, found.parts, now, quiet)
    }
    await expect(give(['ops'])).rejects.toMatchObject({ code: 'NOT_APPROVER' })
    await expect(give(['dba'], 'u-1')).rejects.toMatchObject({ code: 'NOT_APPROVER' }) // who asks
    await expect(give(['dba'])).resolves.toBe('taken')
  })
})

it('given a no, says who and why, and proves nothing', async () => {
  const { parts, given, challenges } = desk()
  await giveDenial(asked(), 'not today', parts, NOW)
  const at = NOW.toISOString()
  expect(given).toEqual([{ kind: 'deny', approval: 'A-7K2P9QXM', by: 'bob', message: 'not today', at }])
  expect(challenges).toEqual([])
})

describe('two calls under one id', () => {
  it('given that the other came after the first was read, refuses the yes; given the first twice, does not', async () => {
    const examined = asked()
    const both = [examined.entry, askedEntry({ args: '{}', device: 'new' })]
    const twice = [examined.entry, { ...examined.entry, from: 'team' as const }]
    const approval = { examined, remember: false, edit: null }
    const refused = giveApproval(approval, desk(own, null, both).parts, now, quiet)
    await expect(refused).rejects.toMatchObject({ code: 'APPROVAL_ALTERED' })
    expect(await giveApproval(approval, desk(own, null, twice).parts, now, quiet)).toBe('taken')
  })
})

describe('takeEdit', () => {
  it('given other arguments, shows the difference and decides them anew', async () => {
    const edit = await edited('{"path":"/srv/note.txt",\r\n"content":"bye"}')
    expect(edit.args).toBe('{"path": "/srv/note.txt","content": "bye"}')
    expect(edit.diff.map(({ sign, text }) => sign + text)).toEqual([
      ' {',
      '   "path": "/srv/note.txt",',
      '-  "content": "hello"',
      '+  "content": "bye"',
      ' }',
    ])
    expect(edit.examined.offer.kind).toBe('approve')
  })

  it('given arguments that the policy does not ask about, offers no yes', async () => {
    const pay = { tool: 'pay', args: '{"id":9007199254740993}' }
    expect((await edited('{"id":1}', pay)).examined.offer.kind).toBe('deny-only')
  })

  it('given a number that no double holds, keeps it as it was written', async () => {
    expect((await edited('{"mode":9007199254740993}')).args).toBe('{"mode": 9007199254740993}')
  })

  it.each([
    ['no JSON', '{', 'the arguments are not sound JSON: it is not JSON'],
    [
      'a key twice',
      '{"path":"a","path":"b"}',
      'the arguments are not sound JSON: an object in it has a key twice',
    ],
    ['a list', '[]', 'the arguments are not an object'],
    [
      'a value that the schema refuses',
      '{"path":7}',
      'its tool does not take them: Instance type "number" is invalid. Expected "string".',
    ],
  ])('given %s, refuses it', async (_given, written, why) => {
    expect(await takeEdit(asked(), written, own, NOW)).toEqual({ kind: 'refused', why })
  })

  it('given the text as it came, says that nothing changed', async () => {
    const examined = asked()
    expect(await takeEdit(examined, argumentsText(examined), own, NOW)).toEqual({ kind: 'same' })
  })
})
