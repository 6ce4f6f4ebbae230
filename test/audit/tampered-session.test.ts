import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifySession } from './verify-one.ts'
import { completeLog, linesOf, newState } from './a-log.ts'
import { TAMPERED } from './tampered-lines.ts'

describe('verifySession', () => {
  it.each(TAMPERED)('given %s, says what it is', (_, tamper, problem) => {
    const state = newState()
    const path = completeLog(state)
    writeFileSync(
      path,
      tamper(linesOf(path))
        .map((line) => `${line}\n`)
        .join(''),
    )
    const { ok, state: outcome, problem: found } = verifySession(path, state.known)
    expect({ ok, outcome, found }).toEqual({ ok: false, outcome: 'broken', found: problem })
  })
})

describe('one byte that is changed', () => {
  const mutable = () => {
    const state = newState()
    const original = readFileSync(completeLog(state))
    const target = join(state.path, 'mutated.jsonl')
    const verifyMutated = (position: number, byte: number) => {
      const bytes = Buffer.from(original)
      bytes[position] = byte
      writeFileSync(target, bytes)
      return verifySession(target, state.known)
    }
    return { original, verifyMutated }
  }

  it('given any position, is never taken for the complete log', () => {
    const { original, verifyMutated } = mutable()
    for (let position = 0; position < original.length; position += 1) {
      const { ok, state: outcome } = verifyMutated(position, (original[position] ?? 0) ^ 1)
      expect({ position, taken: ok && outcome === 'complete' }).toEqual({ position, taken: false })
    }
  })

  it('given any position and any byte, is taken for the complete log only when nothing changed', () => {
    const { original, verifyMutated } = mutable()
    const change = fc.tuple(fc.nat({ max: original.length - 1 }), fc.nat({ max: 255 }))
    fc.assert(
      fc.property(change, ([position, byte]) => {
        const { ok, state: outcome } = verifyMutated(position, byte)
        expect(ok && outcome === 'complete').toBe(original[position] === byte)
      }),
      { numRuns: 2000 },
    )
  })
})
