import { mkdirSync, readFileSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { EvidenceFindings } from '../../../src/audit/evidence/evidence-series.ts'
import type { ListedPlace } from '../../../src/audit/evidence/evidence-place.ts'
import { verifyEvidence } from '../../../src/audit/evidence/verify-evidence.ts'
import type { ConfirmedObject } from '../../../src/records.ts'
import { recordSession } from '../../cli/recorded-session.ts'
import { completeLog, linesOf, newState, type State, tellingLog, temporaryDirectory } from '../a-log.ts'
import { aPlace, putLog, URL } from './a-place.ts'

async function verified(place: ListedPlace, state: State, scratch = temporaryDirectory()) {
  const address = (url: string, name: string) => `${url}${name}`
  const options = {
    known: state.known,
    checkToken: () => ({ ok: false, why: 'none' }) as const,
    scratch,
    now: new Date(),
    address,
  }
  const sessions = verifyEvidence(place, options)
  const found: unknown[] = []
  for (;;) {
    const next = await sessions.next()
    if (next.done === true) return { found, findings: next.value satisfies EvidenceFindings }
    const { prefix, verification, path } = next.value
    found.push([prefix, verification.state, verification.problem, verification.ok && linesOf(path).length])
  }
}

const QUIET = { problems: [], missing: [], confirmations: { checked: 0, elsewhere: 0 } }

/** Three sessions of a device, at a place; the third tells of the other two. */
function three() {
  const state = newState()
  const { place, objects } = aPlace()
  const logs = [completeLog(state), completeLog(state)]
  const told = logs.flatMap((path, index) => putLog(objects, path, `day/db/alice/${'AB'[index]}/`))
  const third = tellingLog(state, told)
  putLog(objects, third, 'day/db/bob/C/')
  return { state, place, objects, told }
}

describe('verifyEvidence', () => {
  it('given sessions as they were sent, verifies each, and looks for what their checkpoints tell of', async () => {
    const { state, place } = three()
    expect(await verified(place, state)).toEqual({
      found: [
        ['day/db/alice/A/', 'complete', null, 8],
        ['day/db/alice/B/', 'complete', null, 8],
        ['day/db/bob/C/', 'complete', null, 263],
      ],
      findings: { ...QUIET, confirmations: { checked: 2, elsewhere: 0 } },
    })
  })

  it('given what runs that were stopped left behind, removes what is older than a day, and leaves nothing of its own', async () => {
    const { state, place } = three()
    const scratch = temporaryDirectory()
    for (const name of ['evidence-old', 'evidence-new', 'other']) mkdirSync(join(scratch, name))
    for (const name of ['evidence-old', 'other']) utimesSync(join(scratch, name), 0, 0)
    await verified(place, state, scratch)
    expect(readdirSync(scratch).toSorted()).toEqual(['evidence-new', 'other'])
  })

  it('given an object that is empty, or stands behind half a line, calls its session broken', async () => {
    const { state, place, objects, told } = three()
    objects.set('day/db/alice/A/0000000008.jsonl', new Uint8Array())
    const whole = Buffer.from(objects.get(told[1]?.key ?? '') ?? [])
    const half = whole.indexOf(0x0a) + 40
    objects.set('day/db/alice/B/0000000000.jsonl', whole.subarray(0, half))
    objects.set('day/db/alice/B/0000000002.jsonl', whole.subarray(half))
    const { found } = await verified(place, state)
    expect(found.slice(0, 2)).toEqual([
      ['day/db/alice/A/', 'broken', 'the object `0000000008.jsonl` is empty', false],
      ['day/db/alice/B/', 'broken', '`0000000002.jsonl` stands behind half a line', false],
    ])
  })

  it('[ATK-REWRITTEN-LOG] given a session that was removed or replaced, is told of by the one that vouches for it', async () => {
    const { state, place, objects, told } = three()
    objects.delete(told[0]?.key ?? '')
    const other = newState()
    putLog(objects, completeLog(other), 'day/db/alice/B/')
    const { found, findings } = await verified(place, state)
    expect(found).toEqual([
      ['day/db/alice/B/', 'complete', `the device key \`${other.device.id}\` is not known here`, false],
      ['day/db/bob/C/', 'complete', null, 263],
    ])
    const at = '2026-11-21T10:00:00.000Z'
    expect(findings).toEqual({
      ...QUIET,
      problems: [
        `\`${URL}day/db/alice/A/0000000000.jsonl\` was there on ${at}, and is not there any more, or not behind what should stand before it`,
        `\`${URL}day/db/alice/B/0000000000.jsonl\` is not what was confirmed on ${at}: it was replaced`,
      ],
      missing: [{ device: state.device.id, first: 1, last: 2 }],
      confirmations: { checked: 2, elsewhere: 0 },
    })
  })

  it('given an object that is gone from the middle, or has another name, says after which line', async () => {
    const { state, place, objects } = three()
    const first = 'day/db/bob/C/0000000000.jsonl'
    const bytes = objects.get(first) ?? new Uint8Array()
    objects.delete(first)
    const missing = 'an object is missing, or was renamed: after 0 lines comes `0000000258.jsonl`'
    expect((await verified(place, state)).found[2]).toEqual(['day/db/bob/C/', 'broken', missing, false])
    objects.set('day/db/bob/C/0000000001.jsonl', bytes)
    const renamed = 'an object is missing, or was renamed: after 0 lines comes `0000000001.jsonl`'
    expect((await verified(place, state)).found[2]).toEqual(['day/db/bob/C/', 'broken', renamed, false])
  })

  it('[ATK-REWRITTEN-LOG] given a log under the name of another person, day or session, says so', async () => {
    const state = newState()
    const policy = { name: 'acme', version: null, digest: '0'.repeat(64), signed: false }
    const { path, session } = recordSession({ stateDirectory: state.path, calls: [], policy })
    const { place, objects } = aPlace()
    const own = `2026-11-21/orders-db/alice/${session}/`
    putLog(objects, path, own)
    expect((await verified(place, state)).found).toEqual([[own, 'complete', null, 3]])
    for (const name of [own.replace('alice', 'bob'), own.replace('21', '22'), own.replace(session, 'S')]) {
      objects.clear()
      putLog(objects, path, name)
      const why = `it lies under another name than its own, \`${own}\``
      expect((await verified(place, state)).found).toEqual([[name, 'broken', why, false]])
    }
  })

  it('[ATK-REWRITTEN-LOG] given a log that was cut to its header, under another name than the header says, says so', async () => {
    const state = newState()
    const policy = { name: 'acme', version: null, digest: '0'.repeat(64), signed: false }
    const { path, session } = recordSession({ stateDirectory: state.path, calls: [], policy })
    const [header = ''] = readFileSync(path, 'utf8').split('\n')
    const own = `2026-11-21/orders-db/alice/${session}/`
    const found = async (name: string) => {
      const { place, objects } = aPlace()
      objects.set(`${name}0000000000.jsonl`, Buffer.from(`${header}\n`))
      return (await verified(place, state)).found
    }
    for (const name of [own, own.replace('alice', 'bob')]) // who it was, it does not say
      expect(await found(name)).toEqual([[name, 'open', null, 1]])
    const why = `it lies under another name than its own, \`${own.replace('alice', '*')}\``
    for (const name of [own.replace('orders', 'other'), own.replace('21', '22'), own.replace(session, 'S')])
      expect(await found(name)).toEqual([[name, 'broken', why, false]])
  })

  it('[ATK-REWRITTEN-LOG] given two sessions with one number, or that do not follow on each other, says which; a gap is told and is no fault', async () => {
    const state = newState()
    const { place, objects } = aPlace()
    const paths = [1, 2, 3, 4].map(() => completeLog(state))
    for (const index of [0, 1, 3]) putLog(objects, paths[index] ?? '', `day/db/alice/${index}/`)
    const missing = [{ device: state.device.id, first: 3, last: 3 }]
    expect((await verified(place, state)).findings).toEqual({ ...QUIET, missing })
    putLog(objects, paths[1] ?? '', 'day/db/alice/9/')
    const { problems } = (await verified(place, state)).findings
    expect(problems).toEqual([
      '`day/db/alice/1/` and `day/db/alice/9/` are both session 2 of their device: one of them was made up, or its state was copied',
    ])
  })

  it('given checkpoints that tell of objects elsewhere, or by names that none can have, counts them or says so', async () => {
    const state = newState()
    const { place, objects } = aPlace()
    const other: Partial<ConfirmedObject>[] = [{ to: 's3://other/' }, { key: '../out' }]
    const told = other.map((more) => ({
      session: 'S',
      to: URL,
      key: 'k',
      bytes: 1,
      sha256: '00'.repeat(32),
      etag: null,
      version: null,
      at: 'then',
      ...more,
    }))
    putLog(objects, tellingLog(state, told), 'day/db/alice/A/')
    expect((await verified(place, state)).findings).toEqual({
      ...QUIET,
      problems: [
        `\`${URL}../out\` was there on then, and is not there any more, or not behind what should stand before it`,
      ],
      confirmations: { checked: 1, elsewhere: 1 },
    })
  })

  it('given nothing, or nothing that is evidence, says what to name', async () => {
    const { place, objects } = aPlace()
    objects.set('readme.txt', new Uint8Array())
    await expect(verified(place, newState())).rejects.toMatchObject({
      code: 'UNKNOWN_SESSION',
      message: `no session lies below \`${URL}\``,
    })
  })
})
