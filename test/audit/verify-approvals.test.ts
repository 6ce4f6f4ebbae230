import { describe, expect, it } from 'vitest'
import { PROOFS } from '../../src/approval.ts'
import { verifySession } from './verify-one.ts'
import { checkStoredToken } from '../../src/identity/stored-token.ts'
import { type AskedLog, approved, askedLog, passed, waiting, written } from './an-approval.ts'
import { type Bodies, endOfQuestion, FORGED_PROOFS, PROVEN, UNPROVEN } from './forged-approvals.ts'

function verify(log: AskedLog, bodies: Bodies) {
  const path = written(log, bodies(log))
  return verifySession(path, log.state.known, checkStoredToken)
}

const holds = (log: AskedLog, bodies: Bodies) => {
  const { ok, state, problem } = verify(log, bodies)
  expect({ ok, state, problem }).toEqual({ ok: true, state: 'complete', problem: null })
}

const isBroken = (log: AskedLog, bodies: Bodies, problem: string | RegExp) => {
  const said = verify(log, bodies)
  const words = typeof problem === 'string' ? problem : expect.stringMatching(problem)
  expect(said).toMatchObject({ ok: false, state: 'broken', problem: words })
}

describe('a log whose calls passed by approvals that it proves', () => {
  it.each(PROOFS)('given a receipt by `%s`, holds', (kind) => {
    holds(askedLog(), (log) => [waiting(log), approved(log, kind), passed(log)])
  })

  it.each(PROVEN)('given %s, holds', (_title, bodies) => holds(askedLog(), bodies))
})

describe('[ATK-FORGED-RECEIPT] a log that says that a call was approved', () => {
  it.each(UNPROVEN)('given %s, is broken, and says how', (title, bodies, problem) => {
    isBroken(askedLog(undefined, { expires: endOfQuestion(title) }), bodies, problem)
  })

  it.each(FORGED_PROOFS)('given %s, is broken, and says how', (_title, kind, how, problem) => {
    isBroken(askedLog(), (log) => [waiting(log), approved(log, kind, how), passed(log)], problem)
  })

  it('given nothing that can check tokens, takes no log with one for proven', () => {
    const log = askedLog()
    const path = written(log, [waiting(log), approved(log, 'oidc'), passed(log)])
    const problem = expect.stringMatching(/nothing here can check tokens/)
    expect(verifySession(path, log.state.known)).toMatchObject({ ok: false, problem })
  })
})
