import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compareLog } from '../../../src/audit/evidence/compare-log.ts'
import { verifySession } from '../verify-one.ts'
import type { ConfirmedObject } from '../../../src/records.ts'
import { anObject, linesOf, newState, tellingLog } from '../a-log.ts'
import { rewritten } from '../rewritten-log.ts'
import { aPlace, putLog, URL } from './a-place.ts'

const PREFIX = '2026-11-21/orders-db/alice/S/'
const [FIRST, SECOND] = [`${PREFIX}0000000000.jsonl`, `${PREFIX}0000000258.jsonl`]

/** A log of two segments, the second of which begins with record 258, and a place that holds it. */
function uploaded() {
  const state = newState()
  const path = tellingLog(state, [anObject(0)])
  const { place, objects } = aPlace()
  const confirmed = putLog(objects, path, PREFIX)
  const compare = (known: readonly ConfirmedObject[] = []) =>
    compareLog({ session: 'S', path, prefix: PREFIX }, place, known)
  return { state, path, objects, confirmed, compare }
}

const found = (state: string, objects: number, lines: number, problem: string | null) => {
  return { destination: URL, state, objects, lines, problem }
}

describe('compareLog', () => {
  it('given the log as it is, finds all of it, whatever was or was not noted', async () => {
    const { confirmed, compare } = uploaded()
    const elsewhere = anObject(0, { session: 'S', to: 's3://another/' })
    expect(await compare([...confirmed, elsewhere])).toEqual(found('whole', 2, 263, null))
    expect(await compare()).toEqual(found('whole', 2, 263, null))
  })

  it('given that the end was not sent yet, or nothing, says how far it goes', async () => {
    const { objects, compare, confirmed } = uploaded()
    objects.delete(SECOND)
    expect(await compare(confirmed.slice(0, 1))).toEqual(found('behind', 1, 258, null))
    objects.clear()
    expect(await compare()).toEqual(found('behind', 0, 0, null))
  })

  it('[ATK-REWRITTEN-LOG] given a log that was cut at a checkpoint, which verifies, says so', async () => {
    const { path, state, confirmed, compare } = uploaded()
    writeFileSync(path, rewritten(linesOf(path).slice(0, 258), state.device))
    expect(verifySession(path, state.known).ok).toBe(true)
    const cut = `the log here was cut: \`${SECOND}\` goes on, from record 258 on, where the log here ends`
    expect(await compare()).toEqual(found('differs', 1, 258, cut))
    const known = cut.replace(' goes on', ' (as it was confirmed on 2026-11-21T10:00:00.000Z) goes on')
    expect(await compare(confirmed)).toEqual(found('differs', 1, 258, known))
    truncateSync(path, readFileSync(path).length - 10)
    expect((await compare()).problem).toContain(
      `the log here was cut: \`${FIRST}\` goes on, from record 257 on`,
    )
  })

  it('[ATK-REWRITTEN-LOG] given a log that was rewritten with the device key, says from which record on, and which one is right where it is known', async () => {
    const { path, state, confirmed, compare } = uploaded()
    const lines = linesOf(path).with(7, linesOf(path)[7]?.replace('"query"', '"quary"') ?? '')
    writeFileSync(path, rewritten(lines, state.device))
    expect(verifySession(path, state.known)).toMatchObject({ ok: true, state: 'complete' })
    const either = `the log here and \`${FIRST}\` differ from record 7 on: one of the two was rewritten`
    expect(await compare()).toEqual(found('differs', 0, 0, either))
    const here = `the log here and \`${FIRST}\` (as it was confirmed on 2026-11-21T10:00:00.000Z) differ from record 7 on: the log here was rewritten`
    expect(await compare(confirmed)).toEqual(found('differs', 0, 0, here))
  })

  it('[ATK-REWRITTEN-LOG] given an object that was altered, removed, emptied, or made to fit a log that was rewritten, says so', async () => {
    const { path, state, objects, confirmed, compare } = uploaded()
    const whole = objects.get(SECOND) ?? new Uint8Array()
    objects.set(SECOND, Buffer.from(Buffer.from(whole).toString().replace('129', '128')))
    const altered = `\`${SECOND}\` was altered since it was confirmed on 2026-11-21T10:00:00.000Z: it differs from the log here from record 258 on`
    expect((await compare(confirmed)).problem).toBe(altered)
    objects.set(SECOND, new Uint8Array())
    expect((await compare(confirmed)).problem).toBe(`\`${SECOND}\` is empty`)
    objects.delete(FIRST)
    expect((await compare(confirmed)).problem).toBe(
      `\`${FIRST}\` was there on 2026-11-21T10:00:00.000Z, and is not there any more, or not behind what should stand before it`,
    )
    const lines = linesOf(path).with(7, linesOf(path)[7]?.replace('"query"', '"quary"') ?? '')
    writeFileSync(path, rewritten(lines, state.device))
    putLog(objects, path, PREFIX)
    expect((await compare(confirmed)).problem).toBe(
      `\`${FIRST}\` and the log here are the same, and neither is what was confirmed on 2026-11-21T10:00:00.000Z: both were rewritten`,
    )
    expect((await compare()).state).toBe('whole') // what nobody noted cannot be found out
  })
})
