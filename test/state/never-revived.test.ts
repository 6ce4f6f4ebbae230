import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anActivation, at, HOLDER, newPlace, openActivations } from './a-state.ts'

const GRANTS = ['a', 'b'] as const

type Step =
  | { readonly do: 'start'; readonly grant: string; readonly seconds: number; readonly uses: number | null }
  | { readonly do: 'end'; readonly grant: string | null }
  | { readonly do: 'claim' | 'look' | 'restart' }
  /** The wall clock is set, by so much and to no matter what really passed. */
  | { readonly do: 'set'; readonly seconds: number }
  /** Time passes, for the wall clock and for that of the process. */
  | { readonly do: 'pass'; readonly seconds: number }

const seconds = (min: number, max: number) => fc.integer({ min, max })
const grant = fc.constantFrom(...GRANTS)
const uses = fc.option(fc.integer({ min: 1, max: 3 }))
// Most moves of the clock are within what a correction may be: any other ends all activations, and the sequence is dull.
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('start' as const), grant, seconds: seconds(1, 300), uses }),
  fc.record({ do: fc.constant('end' as const), grant: fc.option(grant) }),
  fc.record({ do: fc.constantFrom('claim' as const, 'look' as const, 'restart' as const) }),
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('set' as const), seconds: seconds(-110, 10) }),
  },
  fc.record({ do: fc.constant('set' as const), seconds: seconds(-900, 900) }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: seconds(0, 110) }) },
)
const steps = fc.array(step, { maxLength: 40 })

/** What is known of an activation by looking from outside. */
interface Known {
  /** Real seconds at which it may last be live, whatever the wall clock says. */
  readonly end: number
  left: number
  over: boolean
}

/** Two shims of one person, a wall clock, and the time that really passes. */
class World {
  readonly known = new Map<string, Known>()
  readonly place = newPlace()
  real = 0
  wall = 0
  shims = [this.#open(), this.#open()]
  #turn = 0

  run(step: Step): void {
    this.#turn += 1
    switch (step.do) {
      case 'start':
        return this.#start(step)
      case 'end':
        this.#shim().activations.end(step.grant === null ? {} : { grant: step.grant }, this.#now())
        return this.#over((id) => step.grant === null || id.startsWith(step.grant))
      case 'claim':
        for (const [id, known] of this.known) {
          if (!this.#shim().activations.claimUse(id, this.#now())) continue
          expect(known).toMatchObject({ over: false })
          expect(known.left).toBeGreaterThan(0)
          expect(this.real).toBeLessThan(known.end)
          known.left -= 1
        }
        return
      case 'restart':
        this.shims[this.#turn % 2]?.state.close()
        this.shims[this.#turn % 2] = this.#open()
        return
      case 'look':
        return
      case 'set':
        this.wall += step.seconds
        return
      case 'pass':
        this.wall += step.seconds
        this.real += step.seconds
    }
  }

  /** Looks through both shims: what was over once, or should be by now, is not live. */
  look(): void {
    const lists = this.shims.map(({ activations }) =>
      activations.live(HOLDER, this.#now()).map(({ id }) => id),
    )
    for (const live of lists) {
      const revived = live.filter((id) => {
        const known = this.known.get(id)
        return known === undefined || known.over || known.left === 0 || this.real >= known.end
      })
      expect(revived).toEqual([])
    }
    this.#over((id) => !lists.every((live) => live.includes(id)))
  }

  close(): void {
    for (const { state } of this.shims) state.close()
    rmSync(this.place.root, { recursive: true })
  }

  #start({ grant: name, seconds, uses: allowed }: Step & { do: 'start' }): void {
    const id = `${name}${this.#turn}`
    const times = { started: this.#now(), expires: at(this.wall + seconds) }
    this.#over((other) => other.startsWith(name))
    try {
      this.#shim().activations.start(anActivation({ id, grant: name, uses: allowed, ...times }))
    } catch (failure) {
      expect(failure).toMatchObject({ code: 'GRANT_DENIED' })
      return
    }
    const left = allowed ?? Number.POSITIVE_INFINITY
    this.known.set(id, { end: this.real + seconds, left, over: false })
  }

  #over(which: (id: string) => boolean): void {
    for (const [id, known] of this.known) if (which(id)) known.over = true
  }

  #now(): Date {
    return at(this.wall)
  }

  #shim() {
    return this.shims[this.#turn % 2] ?? this.#open()
  }

  #open() {
    return openActivations(this.place, () => this.real * 1000)
  }
}

describe('[ATK-CLOCK-BACK] activations', () => {
  it('given any sequence of starts, ends, uses, restarts and clock moves, none is live after its end or revives', () => {
    let seen = 0
    fc.assert(
      fc.property(steps, (sequence) => {
        const world = new World()
        for (const step of sequence) {
          world.run(step)
          world.look()
        }
        seen += [...world.known.values()].filter(({ over }) => !over).length
        world.close()
      }),
      { numRuns: 150 },
    )
    expect(seen).toBeGreaterThan(10) // else nothing was ever live, and the law would hold of nothing
  })
})
