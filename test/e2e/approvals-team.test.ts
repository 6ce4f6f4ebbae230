import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { User } from '../identity/provider.ts'
import { whyNoRadosgw } from '../services/radosgw.ts'
import { approveScreens } from './approve-screen.ts'
import { connect } from './connect.ts'
import { asks, repeats, write } from './held-by.ts'
import { sessionLogs } from './session-logs.ts'
import { newSshKey, signedIn, type SshKey } from './ssh-key.ts'
import { HOOK_KEY, type Team, team } from './team.ts'

const open = approveScreens()
let acme: Team
let key: SshKey

const rule = (name: string, approval: object) => ({
  name,
  ask: { tool: 'write_note' },
  when: `args.name.startsWith("${name}-")`,
  approval: { by: { groups: ['dba'] }, ...approval },
})
const long = { wait: '5m', timeout: '10m' }

const atDesk = () => connect('notes', acme.machine('alice'))
const screenOf = (user: User, ...words: string[]) =>
  open(acme.machine(user), { words, columns: 110, rows: 40 })
const wrote = (name: string) => ({ content: [{ type: 'text', text: `wrote ${name}` }] })

const missing = whyNoRadosgw()

describe.skipIf(missing !== null)(missing ?? 'two people on two machines, and a store between them', () => {
  beforeAll(async () => {
    key = await newSshKey('open sesame')
    acme = await team(['alice', 'bob', 'carol', 'dora'], ({ issuer }) => ({
      people: [{ issuer, sub: 'bob', groups: ['dba'], keys: [key.publicKey] }],
      rules: [
        { allow: { tool: 'write_note' }, when: 'args.name.startsWith("free-")' },
        rule('held', long),
        rule('two', { ...long, count: 2 }),
        rule('queued', { wait: '1s' }),
        rule('key', { ...long, proof: 'key' }),
      ],
    }))
  })
  afterAll(async () => {
    await acme[Symbol.asyncDispose]()
    await key[Symbol.asyncDispose]()
  })

  it('given a yes by a sign-in anew, sends the call; the log has the receipt, which the issuer confirms', async () => {
    const space = acme.machine('alice')
    await using alice = await atDesk()
    await alice.callTool(write('free-1.txt'))
    const first = await asks(alice, 'held-1.txt', acme.thief)
    const bob = screenOf('bob')
    await bob.shows('held-1.txt')
    expect(bob.screen()).toContain('FIRST SIGHT of the device')
    expect(bob.screen()).toMatch(
      /just before, it called\n│ {3}\S+Z allow the tool `write_note`\n│ from the device/,
    )
    await bob.answers('a')
    await bob.signsIn(acme.provider, 'bob')
    expect(await first.called).toEqual(wrote('held-1.txt'))
    await bob.shows(`Approved ${first.id}: write_note`)
    const second = await asks(alice, 'held-2.txt', acme.thief)
    await bob.shows('held-2.txt')
    expect(bob.screen()).not.toContain('FIRST SIGHT')
    await bob.answers('a')
    await bob.signsIn(acme.provider, 'bob')
    expect(await second.called).toEqual(wrote('held-2.txt'))
    await alice.client.close()
    const log = (await sessionLogs(space)).at(-1)
    const approvals = log?.records.filter(({ kind }) => kind === 'approval')
    const { issuer } = acme.provider
    expect(approvals).toMatchObject([
      { approval: first.id, state: 'waiting' },
      {
        approval: first.id,
        state: 'approved',
        by: { issuer, sub: 'bob' },
        receipt: { proof: { kind: 'oidc' } },
      },
      { approval: second.id, state: 'waiting' },
      { approval: second.id, state: 'approved', by: { issuer, sub: 'bob' } },
    ])
    const verified = await space.hoopctl('sessions', 'verify', log?.path ?? '')
    const confirmed = `confirmed by ${issuer}, which publishes the key of its token now`
    expect({ code: verified.exitCode, lines: verified.stdout.split('\n').slice(1) }).toEqual({
      code: 0,
      lines: [`  approval ${first.id}: ${confirmed}`, `  approval ${second.id}: ${confirmed}`, ''],
    })
  })

  it('[ATK-SELF-APPROVAL] given alice herself, or carol, who is no dba, lets neither say yes at any screen; bob may come to hers', async () => {
    await using alice = await atDesk()
    const { called, id } = await asks(alice, 'held-3.txt', acme.thief)
    const SELF = 'whoever asks cannot answer themselves'
    const OTHERS = 'it is for the group `dba` to answer'
    const carols = await screenOf('carol', id).ended()
    expect(carols).toEqual({
      exitCode: 5,
      printed: expect.stringContaining(`${id} cannot be approved: ${OTHERS}`),
    })
    const list = screenOf('carol')
    await list.shows(`CANNOT BE APPROVED: ${OTHERS}`)
    for (const [at, user, why] of [
      ['alice', 'alice', SELF],
      ['alice', 'carol', OTHERS],
      ['bob', 'alice', SELF],
    ] as const) {
      // Whoever is signed in there, it is who signs in anew that answers.
      const screen = screenOf(at, id)
      await screen.shows('held-3.txt')
      await screen.answers('a')
      await screen.signsIn(acme.provider, user)
      const said = `it was proven to be ${user}@acme.example, who cannot approve it: ${why}`
      expect(await screen.ended()).toEqual({ exitCode: 5, printed: expect.stringContaining(said) })
    }
    expect(await acme.notes.has('held-3.txt')).toBe(false)
    const desk = screenOf('alice', id)
    await desk.shows(`somebody else must come and prove it: ${SELF}`)
    await desk.answers('a')
    await desk.signsIn(acme.provider, 'bob')
    const ended = await desk.ended()
    expect(ended).toEqual({ exitCode: 0, printed: expect.stringContaining(`Approved ${id}: write_note`) })
    expect(await called).toEqual(wrote('held-3.txt'))
  })

  it('given two that must agree, counts one person once, and sends it by the second', async () => {
    await using alice = await atDesk()
    const { called, id } = await asks(alice, 'two-1.txt', acme.thief)
    const bob = screenOf('bob')
    await bob.shows(id)
    for (const _ of [1, 2]) {
      await bob.answers('a')
      await bob.signsIn(acme.provider, 'bob')
      await bob.shows('you have answered it')
    }
    expect(await acme.notes.has('two-1.txt')).toBe(false)
    const dora = screenOf('dora')
    await dora.shows(id)
    await dora.answers('a')
    await dora.signsIn(acme.provider, 'dora')
    expect(await called).toEqual(wrote('two-1.txt'))
    await bob.shows('No call waits')
    await alice.client.close()
    const log = (await sessionLogs(acme.machine('alice'))).at(-1)
    const by = log?.records.flatMap(({ kind, state, by }) =>
      kind === 'approval' && state === 'approved' ? [by] : [],
    )
    expect(by).toMatchObject([{ sub: 'bob' }, { sub: 'bob' }, { sub: 'dora' }])
  })

  it('given a call that was queued and whose session ended, lets it pass once in another', async () => {
    const before = await atDesk()
    const queued = await before.callTool(write('queued-1.txt'))
    const said = /waiting for approval (A-\w{8}): do other work, then repeat the same call/.exec(
      JSON.stringify(queued),
    )
    expect(queued).toMatchObject({
      isError: true,
      _meta: { 'hoopctl/decision': { effect: 'ask', approval: said?.[1] } },
    })
    await before.client.close()
    const bob = screenOf('bob', said?.[1] ?? '')
    await bob.shows('queued, 29m')
    await bob.answers('a')
    await bob.signsIn(acme.provider, 'bob')
    expect(await bob.ended()).toMatchObject({ exitCode: 0 })
    await using alice = await atDesk()
    expect((await repeats(alice, 'queued-1.txt')).result).toEqual(wrote('queued-1.txt'))
    const again = JSON.stringify(await alice.callTool(write('queued-1.txt')))
    expect(again).toContain('waiting for approval')
    expect(again).not.toContain(said?.[1])
  })

  it('given a client that left while its call was held, which the store does not know, lets another session use the yes', async () => {
    const before = await atDesk()
    const { id } = await asks(before, 'held-4.txt', acme.thief)
    const bob = screenOf('bob', id)
    await bob.shows('held, 4m')
    await before.client.close()
    await bob.answers('a')
    await bob.signsIn(acme.provider, 'bob')
    expect(await bob.ended()).toMatchObject({ exitCode: 0 })
    await using alice = await atDesk()
    expect((await repeats(alice, 'held-4.txt')).result).toEqual(wrote('held-4.txt'))
  })

  it('given a yes by an SSH key, sends the call; ssh-keygen accepts the signature out of the log', async () => {
    await using alice = await atDesk()
    const { called, id } = await asks(alice, 'key-1.txt', acme.thief)
    const without = screenOf('dora', id)
    await without.shows('key-1.txt')
    await without.answers('a')
    await without.shows('the policy names no SSH key of yours')
    await key.putInto(acme.machine('bob'))
    const bob = screenOf('bob', id)
    await bob.shows('proven with your SSH key')
    await bob.answers('a')
    await bob.shows('Enter passphrase')
    bob.types(key.passphrase)
    expect(await bob.ended()).toMatchObject({ exitCode: 0 })
    expect(await called).toEqual(wrote('key-1.txt'))
    await alice.client.close()
    const log = (await sessionLogs(acme.machine('alice'))).at(-1)
    expect(await key.accepts(signedIn(log))).toBe(true)
  })

  it('given a no, tells the model who says so, and what they wrote', async () => {
    await using alice = await atDesk()
    const { called, id } = await asks(alice, 'held-5.txt', acme.thief)
    const bob = screenOf('bob', id)
    await bob.shows('held-5.txt')
    await bob.answers('d')
    await bob.shows('Deny. A message')
    await bob.writes('not today')
    expect(await bob.ended()).toEqual({ exitCode: 0, printed: `Denied ${id}: write_note` })
    const result = await called
    expect(result.isError).toBe(true)
    expect(JSON.stringify(result)).toContain(String.raw`bob@acme.example denied it and wrote: \"not today\"`)
    expect(await acme.notes.has('held-5.txt')).toBe(false)
  })

  it('given a webhook, tells it of the question and no argument; one that is silent delays nothing', async () => {
    acme.hook.mood = 'is-silent'
    await using alice = await atDesk()
    const { called, id } = await asks(alice, 'held-6.txt', acme.thief)
    const bob = screenOf('bob', id)
    await bob.shows('held-6.txt')
    await bob.answers('a')
    await bob.signsIn(acme.provider, 'bob')
    expect(await called).toEqual(wrote('held-6.txt'))
    await alice.client.close()
    // It ends without its answer; it would wait for half a minute, and be killed by its client before.
    await alice.stderr.find((line) => line.includes('had not answered when nobody waited any more'))
    acme.hook.mood = 'takes'
    const heard = acme.hook.seen.find(({ body }) => Buffer.from(body).includes(id))
    const {
      'webhook-id': hookId,
      'webhook-timestamp': at,
      'webhook-signature': signature,
    } = heard?.headers ?? {}
    const body = Buffer.from(heard?.body ?? []).toString()
    const hmac = createHmac('sha256', HOOK_KEY).update(`${hookId}.${at}.${body}`).digest('base64')
    expect(signature).toBe(`v1,${hmac}`)
    expect(JSON.parse(body)).toMatchObject({
      type: 'approval.waiting',
      data: { approval: id, tool: 'write_note', requester: { sub: 'alice' }, arguments: { count: 2 } },
    })
    expect(body).not.toMatch(/confidential|held-6/)
  })
})
