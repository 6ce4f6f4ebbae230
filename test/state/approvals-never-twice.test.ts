import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Approvals } from '../../src/state/approvals.ts'
import { aDenial, anApproval, aQuestion, idOf, openApprovals } from './a-question.ts'
import { at, newPlace } from './a-state.ts'

const number = fc.integer({ min: 1, max: 3 })
const DEEDS = ['ask', 'queue', 'withdraw', 'approve', 'deny', 'claim', 'claim', 'claim', 'settle'] as const

type Step =
  | { readonly do: (typeof DEEDS)[number]; readonly number: number }
  | { readonly do: 'restart' }
  /** The wall clock is set, by so much and to no matter what really passed. */
  | { readonly do: 'set'; readonly seconds: number }
  | { readonly do: 'pass'; readonly seconds: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom(...DEEDS), number }) },
  fc.constant({ do: 'restart' as const }),
  // Most moves of the clock are within what a correction may be: any other ends all, and the sequence is dull.
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('set' as const), seconds: fc.integer({ min: -119, max: -60 }) }),
  },
  fc.record({ do: fc.constant('set' as const), seconds: fc.integer({ min: -900, max: 10 }) }),
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.integer({ min: 90, max: 200 }) }),
  },
)

/** Two processes of one person, a wall clock, the time that really passes, and what must not happen any more. */
class World {
  readonly place = newPlace()
  real = 0
  wall = 0
  passed = 0
  /** Real seconds at which each ends; null: over already. */
  readonly ends = new Map<number, number | null>()
  readonly processes = [this.#open(), this.#open()]
  #turn = 0

  run(step: Step): void {
    this.#turn += 1
    const { approvals } = this.processes[this.#turn % 2] ?? this.#open()
    if (step.do === 'restart') {
      this.processes[this.#turn % 2]?.state.close()
      this.processes[this.#turn % 2] = this.#open()
    } else if (step.do === 'set' || step.do === 'pass') {
      this.wall += step.seconds
      if (step.do === 'pass') this.real += step.seconds
    } else this.#deed(step.do, step.number, approvals)
  }

  close(): void {
    for (const { state } of this.processes) state.close()
    rmSync(this.place.root, { recursive: true })
  }

  #deed(deed: (typeof DEEDS)[number], which: number, approvals: Approvals): void {
    const [id, now] = [idOf(which), at(this.wall)]
    const end = this.ends.get(which)
    if (deed === 'ask') return this.#ask(which, approvals)
    if (deed === 'settle') return approvals.settle(id, 'answered', now)
    const did = {
      queue: () => approvals.queue(id, now),
      withdraw: () => approvals.withdraw(id, '', now),
      approve: () => approvals.answer(id, anApproval(aQuestion({ approval: id })), now) === 'taken',
      deny: () => approvals.answer(id, aDenial(id), now) === 'taken',
      claim: () => approvals.claim(id, { session: 's', exchange: 1 }, now),
    }[deed]()
    if (!did) return
    // What was over, by whatever was seen of it or by the time that passed, can do nothing.
    expect(end ?? 0).toBeGreaterThan(this.real)
    if (deed === 'claim') this.passed += 1
    if (deed === 'claim' || deed === 'deny' || deed === 'withdraw') this.ends.set(which, null)
  }

  #ask(which: number, approvals: Approvals): void {
    if (this.ends.has(which)) return
    const times = { answerBy: at(this.wall + 300).toISOString(), expires: at(this.wall + 600).toISOString() }
    try {
      approvals.ask(aQuestion({ approval: idOf(which), ...times }), 7, at(this.wall))
    } catch (failure) {
      expect(failure).toMatchObject({ code: 'STATE_UNWRITABLE' }) // the clock was set back
      return
    }
    this.ends.set(which, this.real + 600)
  }

  #open() {
    return openApprovals(this.place, { monotonic: () => this.real * 1000 })
  }
}

it('[ATK-APPROVAL-REPLAY] [ATK-CLOCK-BACK] given any sequence of deeds of two processes, restarts and clock moves, no question passes twice, or after its end', () => {
  let passed = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (sequence) => {
      const world = new World()
      for (const each of [1, 2]) world.run({ do: 'ask', number: each })
      for (const each of sequence) world.run(each)
      passed += world.passed
      world.close()
    }),
    { numRuns: 100 },
  )
  expect(passed).toBeGreaterThan(10) // else nothing ever passed, and the law would hold of nothing
})
