import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer, Question, Receipt } from '../../src/approval.ts'
import { callDigest, challengeOf } from '../../src/call-digest.ts'
import { answerObject } from '../../src/cli/approvals/team-answer.ts'
import { questionObject, readTeamQuestion } from '../../src/cli/approvals/team-question.ts'
import { discoverProvider } from '../../src/identity/provider.ts'
import { aDevice } from '../identity/a-receipt.ts'
import { loopbackHttp } from '../identity/http.ts'
import type { User } from '../identity/provider.ts'
import { signNonce } from '../identity/receipt.ts'
import { whyNoRadosgw } from '../services/radosgw.ts'
import { approveScreens } from './approve-screen.ts'
import { type Connected, connect } from './connect.ts'
import { forgeries } from './forged-answers.ts'
import { asks } from './held-by.ts'
import { sessionLogs } from './session-logs.ts'
import { type Team, team } from './team.ts'

const open = approveScreens()
let acme: Team
let alice: Connected
/** Bob's yes to the first call, out of alice's log. */
let old: Receipt

const wrote = (name: string) => ({ content: [{ type: 'text', text: `wrote ${name}` }] })
const screen = (...words: string[]) => open(acme.machine('bob'), { words, columns: 110, rows: 40 })

async function bobApproves(id: string): Promise<void> {
  const bob = screen(id)
  await bob.shows('Claimed by the requester')
  await bob.answers('a')
  await bob.signsIn(acme.provider, 'bob')
  expect(await bob.ended()).toMatchObject({ exitCode: 0 })
}

async function recorded(id: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const [log] = await sessionLogs(acme.machine('alice'))
  return log?.records.filter(({ approval, kind }) => kind === 'approval' && approval === id) ?? []
}

async function questionOf(id: string): Promise<Question> {
  const name = await acme.thief.finds('questions/', id)
  const question = readTeamQuestion({ name, bytes: Buffer.from(await acme.thief.read(name)) })
  if (question === null) throw new Error('a question that its own code does not read')
  return question
}

/** Puts a yes where the shim looks for answers to a question. */
async function plant(question: Question, receipt: Receipt): Promise<void> {
  const answer: Answer = { kind: 'approve', receipt }
  const { name, bytes } = answerObject(question, answer)
  await acme.thief.plant(name, Buffer.from(bytes).toString())
}

async function token(user: User, nonce: string, clientId?: string): Promise<string> {
  const provider = await discoverProvider(acme.provider.issuer, loopbackHttp)
  const how = { user, scopes: ['email', 'groups'], ...(clientId !== undefined && { clientId }) }
  return signNonce(acme.provider, provider, nonce, how)
}

const missing = whyNoRadosgw()

describe.skipIf(missing !== null)(missing ?? '[ATK-APPROVAL-STORE] whoever writes the store', () => {
  beforeAll(async () => {
    acme = await team(['alice', 'bob'], () => ({
      rules: [
        {
          name: 'writes',
          ask: { tool: 'write_note' },
          approval: { by: { groups: ['dba'] }, wait: '5m', timeout: '10m' },
        },
      ],
    }))
    alice = await connect('notes', acme.machine('alice'))
  })
  afterAll(async () => {
    await alice[Symbol.asyncDispose]()
    await acme[Symbol.asyncDispose]()
  })

  it('given a yes of bob’s, has something to begin with', async () => {
    const { called, id } = await asks(alice, 'first.txt', acme.thief)
    await bobApproves(id)
    expect(await called).toEqual(wrote('first.txt'))
    const approved = (await recorded(id)).find(({ state }) => state === 'approved')
    old = approved?.['receipt'] as Receipt
    expect(old).toMatchObject({ approval: id, proof: { kind: 'oidc' } })
  })

  it('[ATK-FORGED-RECEIPT] [ATK-REPLAYED-RECEIPT] given answers that they make up, sees none pass, and each refusal is in the log', async () => {
    const { called, id } = await asks(alice, 'second.txt', acme.thief)
    const question = await questionOf(id)
    const tokens = {
      ofSignIn: await token('bob', question.challenge, 'hoopctl'),
      ofAlice: await token('alice', question.challenge),
      ofCarol: await token('carol', question.challenge),
    }
    const forged = forgeries(question, { old, tokens })
    const refused = forged.filter(({ why }) => why !== null)
    for (const { receipt } of forged) await plant(question, receipt)
    const isRefusal = (line: string) => line.includes(`an answer to ${id} does not count`)
    await alice.stderr.find(() => alice.stderr.all.filter(isRefusal).length >= refused.length)
    expect(await acme.notes.has('second.txt')).toBe(false)
    await bobApproves(id)
    expect(await called).toEqual(wrote('second.txt'))
    const records = await recorded(id)
    const whys = records.flatMap(({ state, why }) => (state === 'refused' ? [String(why)] : []))
    for (const { title, why } of refused)
      expect(whys, title).toContainEqual(expect.stringContaining(why ?? ''))
    expect(whys).toHaveLength(refused.length)
    const approved = records.filter(({ state }) => state === 'approved')
    expect(approved).toMatchObject([{ by: { sub: 'bob' } }])
    expect(await acme.notes.has('evil.txt')).toBe(false)
  })

  it('[ATK-ALTERED-QUESTION] given a question that they alter, sees it on no screen; one of a device of theirs is told as such, and its yes is no yes to the true one', async () => {
    const { called, id } = await asks(alice, 'third.txt', acme.thief)
    const question = await questionOf(id)
    const name = await acme.thief.finds('questions/', id)
    const text = await acme.thief.read(name)
    await acme.thief.plant(name, text.replaceAll('third.txt', 'other.txt'))
    const device = aDevice()
    const harmless = asOf({
      ...question,
      device: device.id,
      approval: 'A-00000000',
      params: question.params.replace('third', 'fine'),
    })
    const posted = questionObject(harmless, device)
    await acme.thief.plant(posted.name, Buffer.from(posted.bytes).toString())
    const bob = screen()
    await bob.shows('fine.txt')
    expect(bob.screen()).toContain('ANOTHER DEVICE than before asks for this person')
    expect(bob.screen()).not.toContain(id)
    await bob.answers('a')
    await bob.signsIn(acme.provider, 'bob')
    const stolen = await acme.thief.finds('answers/', 'A-00000000')
    const { receipt } = JSON.parse(await acme.thief.read(stolen)) as { receipt: Receipt }
    const { call, approval, random, expires, requester } = question
    const moved = {
      ...receipt,
      call,
      approval,
      device: question.device,
      random,
      expires,
      binds: { requester },
    }
    await plant(question, moved)
    await alice.stderr.find((line) => line.includes(`an answer to ${id} does not count`))
    expect(await acme.notes.has('third.txt')).toBe(false)
    await acme.thief.plant(name, text)
    await bobApproves(id)
    expect(await called).toEqual(wrote('third.txt'))
  })

  it('given all of it, leaves a log that verifies', async () => {
    await alice.client.close()
    const [log] = await sessionLogs(acme.machine('alice'))
    const verified = await acme.machine('alice').hoopctl('sessions', 'verify', log?.path ?? '')
    expect({ code: verified.exitCode, confirmed: verified.stdout.match(/: confirmed by/g)?.length }).toEqual({
      code: 0,
      confirmed: 3,
    })
    expect((await acme.notes.read('ran')).trim().split('\n')).toHaveLength(3)
  })
})

/** Makes the digests right again. */
function asOf(question: Question): Question {
  const call = callDigest(question)
  return { ...question, call, challenge: challengeOf({ ...question, call, remember: null }) }
}
