import { appendFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parsePolicy } from '../../src/policy/load.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { evidenceDenial } from '../../src/shim/evidence-denial.ts'
import { EvidenceLimit } from '../../src/shim/evidence-limit.ts'
import { openSharedState } from '../../src/state/shared-state.ts'
import { TABLES_VERSION } from '../../src/state/tables.ts'
import { UploadStanding } from '../../src/state/upload-standing.ts'
import { Uploads } from '../../src/state/uploads.ts'
import { at, edit, newPlace, open, type Place } from '../state/a-state.ts'

const [A, B] = ['file:///a/', 'file:///b/']
const AWAY = { code: 'UNREACHABLE', message: 'it is away', hint: 'wait' }

async function policyOf(more: string, spool = ''): Promise<Policy> {
  const audit = `audit: { upload: { to: [{ url: "${A}" }, { url: "${B}" }]${more} }${spool} }`
  const text = `apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: acme }\nrules: []\n${audit}\n`
  const { policy, problems } = await parsePolicy(Buffer.from(text), '/p.yaml')
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('\n'))
  return policy
}

const REQUIRED = await policyOf(', required: 5m')
const DENY = await policyOf('', ', spool: { max: 1KiB, onFull: deny }')
const WARN = await policyOf('', ', spool: { max: 1KiB, onFull: warn }')

/** A session, its clocks, and the process that uploads what it writes. */
class Machine {
  readonly place: Place
  readonly path: string
  readonly said: string[] = []
  /** In seconds, since the tests' noon and since this machine started. */
  clock = 0
  boot = 10_000
  session = 'S'
  readonly #standing: UploadStanding
  readonly #ledger: Uploads
  #line = 0

  constructor(place = newPlace()) {
    this.place = place
    this.path = join(place.root, 'log.jsonl')
    const state = open(place)
    this.#standing = new UploadStanding(state, REQUIRED, () => this.boot * 1000)
    this.#ledger = new Uploads(state)
  }

  /** Starts `wrap`: another process than the uploader, which begins to write. */
  start(policy: Policy): EvidenceLimit {
    this.write(100)
    const { session, path } = this
    const limit = new EvidenceLimit({
      open: () => openSharedState(this.place.state, this.place.run),
      log: { session, path },
      help: 'help',
      say: (line) => this.said.push(line),
      now: () => at(this.clock),
      sinceBoot: () => this.boot * 1000,
    })
    limit.holdTo(policy)
    return limit
  }

  /** Tells what another process sees: one that only reads. */
  seen(policy: Policy) {
    const logs = [{ session: this.session, bytes: statSync(this.path).size }]
    const known = { standings: this.#standing.all(), spool: this.#standing.spool(), logs }
    return evidenceDenial(policy, known, { nowMs: at(this.clock).getTime(), bootMs: this.boot * 1000 })
  }

  pass(seconds: number): void {
    this.clock += seconds
    this.boot += seconds
  }

  write(bytes: number): void {
    appendFileSync(this.path, 'x'.repeat(bytes))
  }

  /** Confirms the next so many bytes of the session's log. */
  confirm(destination: string, start: number, end: number): void {
    const about = { key: 'k', sha256: '00', etag: null, version: null, confirmed: at(this.clock) }
    const line = destination === A ? this.#line++ : this.#line - 1
    this.#ledger.confirm({ destination, session: this.session, line, lines: 1, start, end, ...about })
    this.#standing.confirmed(destination, at(this.clock))
  }

  look(destination: string, bytes: number): void {
    const isIdle = bytes === 0
    this.#standing.looked(destination, { at: at(this.clock), isIdle }, isIdle ? null : AWAY)
  }

  spool(bytes: number, unended: number): void {
    this.#standing.noteSpool({ bytes, unended: new Map([[this.session, unended]]) })
  }
}

const rulesOf = (limit: EvidenceLimit, policy: Policy) => limit.check(policy)?.rules ?? 'passes'
const LATE = ['audit.upload.required']

describe('audit.upload.required', () => {
  it('given a destination that confirms nothing, denies from then on, and passes again once it does', () => {
    const machine = new Machine()
    const limit = machine.start(REQUIRED)
    machine.pass(299.9)
    machine.confirm(A, 0, 100)
    expect(limit.check(REQUIRED)).toBeNull()
    machine.pass(0.2)
    expect(limit.check(REQUIRED)).toEqual({
      effect: 'deny',
      rules: LATE,
      why: `session logs wait to be sent, and \`${B}\` has confirmed nothing since 2026-11-05T12:00:00.000Z`,
      reasons: [],
    })
    machine.confirm(B, 0, 50)
    expect(limit.check(REQUIRED)).toBeNull()
    limit.close()
  })

  it('given a restart, goes on where it was; given the first start, begins', () => {
    const machine = new Machine()
    machine.start(REQUIRED).close()
    machine.pass(200)
    const second = machine.start(REQUIRED)
    expect(rulesOf(second, REQUIRED)).toBe('passes')
    second.close()
    machine.pass(101)
    const third = machine.start(REQUIRED)
    expect(rulesOf(third, REQUIRED)).toEqual(LATE)
    third.close()
  })

  it('given that nothing waited for an hour, allows the next call, and counts from it', () => {
    const machine = new Machine()
    const limit = machine.start(REQUIRED)
    for (const url of [A, B]) machine.confirm(url, 0, 100)
    for (const url of [A, B]) machine.look(url, 0)
    limit.look()
    expect(limit.isWaiting).toBe(false)
    machine.pass(3600)
    expect(limit.check(REQUIRED)).toBeNull()
    expect(limit.isWaiting).toBe(true)
    machine.pass(301) // as of a machine that slept before anybody looked at the log
    expect(rulesOf(limit, REQUIRED)).toEqual(LATE)
    limit.close()
  })

  it('given what is written without a call, counts from then on', () => {
    const machine = new Machine()
    const limit = machine.start(REQUIRED)
    for (const url of [A, B]) machine.confirm(url, 0, 100)
    for (const url of [A, B]) machine.look(url, 0)
    limit.look()
    machine.pass(3600)
    machine.write(1)
    limit.look()
    machine.pass(301)
    expect(rulesOf(limit, REQUIRED)).toEqual(LATE)
    limit.close()
  })

  it('given a look that found nothing before this session wrote, does not take it for one that came after', () => {
    const machine = new Machine()
    const limit = machine.start(REQUIRED)
    for (const url of [A, B]) machine.confirm(url, 0, 100)
    machine.write(10)
    for (const url of [A, B]) machine.look(url, 0)
    limit.look()
    expect(limit.isWaiting).toBe(true)
    machine.pass(301)
    expect(rulesOf(limit, REQUIRED)).toEqual(LATE)
    limit.close()
  })

  it('given an end, what it wrote counts for the next session', () => {
    const machine = new Machine()
    const limit = machine.start(REQUIRED)
    for (const url of [A, B]) machine.confirm(url, 0, 100)
    for (const url of [A, B]) machine.look(url, 0)
    limit.look()
    limit.close()
    machine.pass(301)
    const next = machine.start(REQUIRED)
    expect(rulesOf(next, REQUIRED)).toEqual(LATE)
    next.close()
  })

  it.each([
    { given: 'set back by an hour', clock: -3600, boot: 1, denies: true },
    { given: 'set back by an hour, and a restart of the machine', clock: -3600, boot: -9900, denies: true },
    { given: 'set back little by little', clock: -100, boot: 301, denies: true },
    { given: 'set forward by an hour', clock: 3600, boot: 1, denies: true },
    { given: 'corrected by a second', clock: -1, boot: 1, denies: false },
    { given: 'right, and a restart of the machine', clock: 60, boot: -9990, denies: false },
    { given: 'standing still through a restart of the machine', clock: 0, boot: -9600, denies: true },
  ])('given a clock that is $given, denies: $denies', ({ clock, boot, denies }) => {
    const machine = new Machine()
    machine.start(REQUIRED).close()
    machine.clock += clock
    machine.boot += boot
    const limit = machine.start(REQUIRED)
    expect(rulesOf(limit, REQUIRED)).toEqual(denies ? LATE : 'passes')
    for (const url of [A, B]) machine.confirm(url, 0, 100)
    expect(rulesOf(limit, REQUIRED)).toBe('passes')
    limit.close()
  })

  it('given a clock that is set back while it runs, denies by the one that nobody sets', () => {
    const machine = new Machine()
    const limit = machine.start(REQUIRED)
    machine.pass(301)
    machine.clock = 60
    expect(rulesOf(limit, REQUIRED)).toEqual(LATE)
    limit.close()
  })

  it.each([
    ['that is yet to come', 'UPDATE upload_standing SET fine = 9e99'],
    ['that was never', 'UPDATE upload_standing SET fine = -9e99'],
    ['without a number', `UPDATE upload_standing SET boot = -9e99`],
    ['that is gone', 'DELETE FROM upload_standing'],
  ])('given a row %s, denies until the next confirmation', (_given, sql) => {
    const machine = new Machine()
    const limit = machine.start(REQUIRED)
    edit(machine.place, sql)
    limit.look()
    expect(rulesOf(limit, REQUIRED)).toEqual(LATE)
    for (const url of [A, B]) machine.confirm(url, 0, 100)
    expect(rulesOf(limit, REQUIRED)).toBe('passes')
    limit.close()
  })

  it('given a database that is gone, denies and says so', () => {
    const machine = new Machine()
    const limit = machine.start(REQUIRED)
    rmSync(join(machine.place.state, 'state.db'))
    limit.look()
    expect(limit.check(REQUIRED)).toMatchObject({
      rules: LATE,
      why: expect.stringContaining('what was confirmed of the session logs cannot be read: cannot use'),
    })
    limit.close()
  })

  it('given a database that cannot be opened, denies until it can', () => {
    const machine = new Machine()
    machine.start(REQUIRED).close()
    edit(machine.place, 'PRAGMA user_version = 99')
    const limit = machine.start(REQUIRED)
    expect(rulesOf(limit, REQUIRED)).toEqual(LATE)
    edit(machine.place, `PRAGMA user_version = ${TABLES_VERSION}`)
    expect(rulesOf(limit, REQUIRED)).toBe('passes')
    machine.pass(301)
    expect(rulesOf(limit, REQUIRED)).toEqual(LATE)
    limit.close()
  })

  it('given a policy that no longer asks, or begins to, is held to that', async () => {
    const machine = new Machine()
    const none = await policyOf('')
    const limit = machine.start(none)
    machine.pass(301)
    expect(rulesOf(limit, none)).toBe('passes')
    expect(rulesOf(limit, REQUIRED)).toBe('passes') // its time begins now
    machine.pass(301)
    expect(rulesOf(limit, REQUIRED)).toEqual(LATE)
    expect(rulesOf(limit, none)).toBe('passes')
    limit.close()
  })
})

describe('audit.spool', () => {
  it('given what waited at the last look and what was written since, denies above `max`, and says it once', () => {
    const machine = new Machine()
    const limit = machine.start(DENY)
    expect(rulesOf(limit, DENY)).toBe('passes')
    machine.spool(800, 100)
    limit.look()
    expect(machine.said).toEqual([])
    machine.write(20)
    limit.look()
    limit.look()
    expect(machine.said).toEqual([
      'what waits of the session logs to be sent is 80 % of `audit.spool.max`. help',
    ])
    machine.write(205)
    limit.look()
    expect(limit.check(DENY)).toEqual({
      effect: 'deny',
      rules: ['audit.spool'],
      why: 'more of the session logs waits to be sent than `audit.spool.max` allows',
      reasons: [],
    })
    machine.spool(1024, 325)
    expect(rulesOf(limit, DENY)).toBe('passes')
    machine.spool(1025, 325)
    limit.look()
    expect(machine.said.slice(1)).toEqual([
      'more of the session logs waits to be sent than `audit.spool.max` allows; calls are denied. help',
      'more of the session logs waits to be sent than `audit.spool.max` allows; calls are denied. help',
    ])
    limit.close()
  })

  it('given `warn`, says it and denies nothing, also where nobody can tell how much waits', () => {
    const machine = new Machine()
    const limit = machine.start(WARN)
    machine.spool(2000, 100)
    limit.look()
    expect(rulesOf(limit, WARN)).toBe('passes')
    expect(machine.said).toEqual([
      'more of the session logs waits to be sent than `audit.spool.max` allows; calls go on. help',
    ])
    rmSync(join(machine.place.state, 'state.db'))
    limit.look()
    expect(rulesOf(limit, WARN)).toBe('passes')
    limit.close()
  })

  it.each([
    ['a negative size', 'UPDATE upload_spool SET bytes = -9e99'],
    ['an unending size', 'UPDATE upload_spool SET bytes = 9e999'],
    ['sizes of logs that are no JSON', `UPDATE upload_spool SET bytes = 1000, unended = 'x'`],
    ['sizes of logs that are no numbers', `UPDATE upload_spool SET unended = '{"S":"many"}'`],
  ])('given %s, denies', (_given, sql) => {
    const machine = new Machine()
    machine.spool(100, 100)
    const limit = machine.start(DENY)
    expect(rulesOf(limit, DENY)).toBe('passes')
    edit(machine.place, sql)
    limit.look()
    expect(rulesOf(limit, DENY)).toEqual(['audit.spool'])
    limit.close()
  })
})

describe('what another process sees', () => {
  const confirmAll = (machine: Machine) => {
    for (const url of [A, B]) machine.confirm(url, 0, 100)
  }

  it('given a destination that is late, sees the denial as the session has it, until the confirmation', () => {
    const machine = new Machine()
    const limit = machine.start(REQUIRED)
    expect(machine.seen(REQUIRED)).toBeNull()
    machine.pass(301)
    expect(machine.seen(REQUIRED)).toEqual(limit.check(REQUIRED))
    expect(machine.seen(REQUIRED)?.rules).toEqual(LATE)
    confirmAll(machine)
    expect(machine.seen(REQUIRED)).toBeNull()
    limit.close()
  })

  it('given that nothing waits, however long, sees none', () => {
    const machine = new Machine()
    const limit = machine.start(REQUIRED)
    confirmAll(machine)
    for (const url of [A, B]) machine.look(url, 0)
    machine.pass(3600)
    expect(machine.seen(REQUIRED)).toBeNull()
    limit.close()
  })

  it('given a late destination that the policy names no more, or a policy that does not ask, sees none', async () => {
    const machine = new Machine()
    const limit = machine.start(REQUIRED)
    machine.pass(301)
    confirmAll(machine)
    edit(machine.place, `UPDATE upload_standing SET fine = 0 WHERE destination = '${B}'`)
    expect(machine.seen(REQUIRED)?.rules).toEqual(LATE)
    expect(machine.seen({ ...REQUIRED, uploads: REQUIRED.uploads.slice(0, 1) })).toBeNull()
    expect(machine.seen(WARN)).toBeNull()
    limit.close()
  })

  it('given more than may wait, by the last look or with what a session wrote since, sees that', () => {
    const machine = new Machine()
    const limit = machine.start(DENY)
    machine.spool(1000, 100)
    limit.look()
    expect(machine.seen(DENY)).toBeNull()
    machine.write(25)
    limit.look()
    expect(machine.seen(DENY)).toEqual(limit.check(DENY))
    expect(machine.seen(DENY)?.rules).toEqual(['audit.spool'])
    limit.close()
  })

  it('given a policy of which no destination is used, sees that every call is denied', () => {
    const machine = new Machine()
    machine.write(1)
    const nowhere = { ...REQUIRED, uploads: [] }
    expect(machine.seen(nowhere)?.rules).toEqual(['audit.upload'])
    expect(machine.seen({ ...nowhere, uploadTerms: WARN.uploadTerms })).toBeNull()
  })
})
