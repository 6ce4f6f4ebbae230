import { describe, expect, it } from 'vitest'
import { Events } from '../../src/state/events.ts'
import { anActivation, at, edit, HOLDER, newPlace, openActivations } from './a-state.ts'

const idsOf = (live: readonly { readonly id: string }[]) => live.map(({ id }) => id)

describe('Activations', () => {
  it('given one that was started, it is live with all that it says, also in another process and after a restart', () => {
    const place = newPlace()
    const [one, other] = [openActivations(place), openActivations(place)]
    const proof = { kind: 'oidc', idToken: 'a.b.c', request: '{}' } as const
    const whole = anActivation({ reason: 'ünï "q" \u{1f511}\n', proof, uses: 3 })
    one.activations.start(whole)
    one.activations.start(anActivation({ id: 'two', grant: 'orders-read', reason: null }))
    expect(other.activations.live(HOLDER, at(1))).toEqual([
      whole,
      anActivation({ id: 'two', grant: 'orders-read', reason: null }),
    ])
    one.state.close()
    other.state.close()
    expect(idsOf(openActivations(place).activations.live(HOLDER, at(2)))).toEqual(['one', 'two'])
  })

  it.each([
    ['policy', 'trust:01'],
    ['issuer', 'https://other.example'],
    ['sub', 'bob'],
    ['device', 'ed25519:B'],
  ] as const)('given one of another %s, it is not live', (member, value) => {
    const { activations } = openActivations(newPlace())
    activations.start(anActivation({ [member]: value }))
    expect(activations.live(HOLDER, at(1))).toEqual([])
    expect(idsOf(activations.live({ ...HOLDER, [member]: value }, at(1)))).toEqual(['one'])
  })

  it('given the same grant again, replaces it; given another grant or subject, does not', () => {
    const { activations } = openActivations(newPlace())
    activations.start(anActivation({ uses: 1 }))
    activations.start(anActivation({ id: 'two', grant: 'orders-read' }))
    activations.start(anActivation({ id: 'three', sub: 'bob' }))
    activations.start(anActivation({ id: 'four', started: at(5), expires: at(605), uses: 1 }))
    expect(idsOf(activations.live(HOLDER, at(6)))).toEqual(['two', 'four'])
    expect(idsOf(activations.live({ ...HOLDER, sub: 'bob' }, at(6)))).toEqual(['three'])
    expect([activations.claimUse('one', at(6)), activations.claimUse('four', at(6))]).toEqual([false, true])
  })

  it('given an id that was started before, throws, and the ended one stays ended', () => {
    const { activations } = openActivations(newPlace())
    activations.start(anActivation())
    activations.end({ id: 'one' }, at(1))
    expect(() => activations.start(anActivation())).toThrow('started before')
    expect(activations.live(HOLDER, at(1))).toEqual([])
  })

  it('given an end of one, of a person’s, of all: ends these, for all processes, and says which', () => {
    const place = newPlace()
    const [one, other] = [openActivations(place), openActivations(place)]
    for (const [id, grant, sub] of [
      ['a1', 'a', 'ana'],
      ['a2', 'b', 'ana'],
      ['a3', 'c', 'ana'],
      ['b1', 'a', 'bob'],
    ] as const) {
      one.activations.start(anActivation({ id, grant, sub }))
    }
    expect(idsOf(other.activations.end({ ...HOLDER, grant: 'b' }, at(1)))).toEqual(['a2'])
    expect(idsOf(other.activations.end({ ...HOLDER, grant: 'b' }, at(1)))).toEqual([])
    expect(idsOf(one.activations.live(HOLDER, at(1)))).toEqual(['a1', 'a3'])
    expect(idsOf(other.activations.end(HOLDER, at(1)))).toEqual(['a1', 'a3'])
    expect(idsOf(one.activations.end({}, at(1)))).toEqual(['b1'])
    expect(one.activations.claimUse('b1', at(1))).toBe(false)
  })

  it('given an end of the time, it is over then and not before, and stays so when the clock goes back a little', () => {
    const place = newPlace()
    const { activations } = openActivations(place)
    activations.start(anActivation())
    expect(idsOf(activations.live(HOLDER, new Date(at(600).getTime() - 1)))).toEqual(['one'])
    expect(activations.live(HOLDER, at(600))).toEqual([])
    expect(activations.live(HOLDER, at(590))).toEqual([])
    expect(openActivations(place).activations.live(HOLDER, at(590))).toEqual([])
  })

  it('[ATK-CLOCK-BACK] given a clock that stands still, it ends by the monotonic clock', () => {
    let passedMs = 5000
    const place = newPlace()
    const { activations } = openActivations(place, () => passedMs)
    activations.start(anActivation())
    expect(idsOf(activations.live(HOLDER, at(100)))).toEqual(['one'])
    passedMs += 599_999
    expect(idsOf(activations.live(HOLDER, at(100)))).toEqual(['one'])
    passedMs += 1
    expect(activations.live(HOLDER, at(100))).toEqual([])
    expect(openActivations(place).activations.live(HOLDER, at(100))).toEqual([])
  })

  it('[ATK-CLOCK-BACK] given a clock set back a little again and again, with restarts, it ends when its time has passed', () => {
    let passedMs = 0
    const place = newPlace()
    const open = () => openActivations(place, () => passedMs).activations
    open().start(anActivation())
    for (let time = 1; time < 6; time += 1) {
      passedMs += 100_000
      expect(idsOf(open().live(HOLDER, at(100)))).toEqual(['one'])
      expect(idsOf(open().live(HOLDER, at(0)))).toEqual(['one'])
    }
    passedMs += 100_000
    expect(open().live(HOLDER, at(100))).toEqual([])
  })

  it('[ATK-CLOCK-BACK] given a clock set back by an hour, all are over, also when it is right again, and none can be started', () => {
    const place = newPlace()
    const { activations, clock } = openActivations(place)
    activations.start(anActivation())
    clock.mark(at(60))
    expect(openActivations(place).activations.live(HOLDER, at(60 - 3600))).toEqual([])
    expect(activations.live(HOLDER, at(61))).toEqual([])
    const early = { id: 'two', started: at(60 - 3600), expires: at(0) }
    expect(() => activations.start(anActivation(early))).toThrow(
      'the clock of this machine was set back: it says 2026-11-05T11:01:00.000Z, and has said 2026-11-05T12:01:01.000Z',
    )
    activations.start(anActivation({ id: 'three', started: at(61) }))
    expect(idsOf(activations.live(HOLDER, at(62)))).toEqual(['three'])
  })

  it('given uses, so many calls pass, the last one ends it; given none, any number', () => {
    const { activations } = openActivations(newPlace())
    activations.start(anActivation({ uses: 2 }))
    activations.start(anActivation({ id: 'two', grant: 'b' }))
    activations.start(anActivation({ id: 'none', grant: 'c', uses: 0 }))
    const left = (id: string) => activations.usesLeft(id, at(1))
    expect([left('one'), left('two'), left('none'), left('unknown')]).toEqual([2, null, 0, 0])
    expect([1, 2, 3].map(() => activations.claimUse('one', at(1)))).toEqual([true, true, false])
    expect([1, 2, 3].map(() => activations.claimUse('two', at(1)))).toEqual([true, true, true])
    expect([activations.claimUse('none', at(1)), activations.claimUse('unknown', at(1))]).toEqual([
      false,
      false,
    ])
    expect([left('one'), idsOf(activations.live(HOLDER, at(1)))]).toEqual([0, ['two']])
    expect(activations.claimUse('two', at(600))).toBe(false)
  })
})

describe('an edited activation', () => {
  const EDITS = [
    `policy = 'trust:01'`,
    `"grant" = 'admin'`,
    `issuer = 'https://other.example'`,
    `sub = 'bob'`,
    `device = 'ed25519:B'`,
    `id = 'other'`,
    `started = '2026-11-05T12:00:00.001Z'`,
    `expires = '2027-11-05T12:00:00.000Z'`,
    `expires = 'never'`,
    `uses = NULL`,
    `uses = '99999999999999999999'`,
    `deadline = '1e300'`,
    `used = '0'`,
    `reason = NULL`,
    `proof = '{"kind":"oidc","idToken":"x"}'`,
    `proof = '{'`,
    `ended = '2026-11-05T12:00:01.000Z'`,
    `seal = ''`,
    `seal = upper(seal)`,
  ]

  it.each(EDITS)('[ATK-EDITED-STATE] given %s, it is not active, is told of once, and others stay', (set) => {
    const place = newPlace()
    const { activations, refused, state } = openActivations(place)
    activations.start(anActivation({ uses: 3 }))
    activations.claimUse('one', at(1))
    activations.start(anActivation({ id: 'two', grant: 'orders-read' }))
    edit(place, `UPDATE activations SET ${set} WHERE id = 'one'`)
    expect(idsOf(activations.live(HOLDER, at(2)))).toEqual(['two'])
    expect(activations.claimUse('one', at(2))).toBe(false)
    const fields = {
      id: set.startsWith('id') ? 'other' : 'one',
      grant: set.includes('admin') ? 'admin' : 'orders-write',
      why: 'its seal does not fit: it was edited, or not written by hoopctl on this device',
    }
    expect(refused).toEqual([fields])
    expect(new Events(state).since(0)).toEqual([{ id: 1, kind: 'refused-activation', at: at(2), fields }])
  })

  it('[ATK-EDITED-STATE] given an ended one whose end was taken away, it stays ended', () => {
    const place = newPlace()
    const { activations, refused } = openActivations(place)
    activations.start(anActivation())
    activations.end({}, at(1))
    edit(place, 'UPDATE activations SET ended = NULL')
    expect([activations.live(HOLDER, at(2)), refused.length]).toEqual([[], 1])
  })

  it('[ATK-EDITED-STATE] given a seal of another activation or of another device, it is not active', () => {
    const place = newPlace()
    const { activations, refused } = openActivations(place)
    activations.start(anActivation())
    edit(
      place,
      `INSERT INTO activations SELECT 'two', policy, 'admin', issuer, sub, device, started, expires, uses, reason, proof, deadline, used, ended, seal FROM activations`,
    )
    expect(idsOf(activations.live(HOLDER, at(1)))).toEqual(['one'])
    const other = { ...newPlace(), state: place.state, run: place.run }
    expect(openActivations(other).activations.live(HOLDER, at(1))).toEqual([])
    expect(refused.map(({ id, grant }) => [id, grant])).toEqual([['two', 'admin']])
  })

  it('[ATK-EDITED-STATE] given a table that does not forbid other values, they are refused like any edit', () => {
    const place = newPlace()
    const { activations, refused } = openActivations(place)
    activations.start(anActivation())
    edit(place, 'CREATE TABLE loose AS SELECT * FROM activations; DROP TABLE activations')
    edit(
      place,
      `ALTER TABLE loose RENAME TO activations; UPDATE activations SET uses = x'00', expires = 1e300`,
    )
    expect([activations.live(HOLDER, at(1)), refused.length]).toEqual([[], 1])
    edit(place, 'DROP TABLE activations')
    expect(() => activations.live(HOLDER, at(1))).toThrow('no such table: activations')
  })
})
