import { describe, expect, it } from 'vitest'
import { DevicePins } from '../../src/state/device-pins.ts'
import { newPlace, open } from './a-state.ts'

const ANA = { issuer: 'https://id.example', sub: 'ana' }

describe('the devices that people ask from', () => {
  it('given the first device of a subject, says that it is new, and knows it from then on, in all processes', () => {
    const place = newPlace()
    expect(new DevicePins(open(place)).check(ANA, 'ed25519:A')).toBe('new')
    expect(new DevicePins(open(place)).check(ANA, 'ed25519:A')).toBe('known')
  })

  it('given another device, says that it changed until it is accepted; both count then', () => {
    const pins = new DevicePins(open(newPlace()))
    pins.check(ANA, 'ed25519:A')
    expect([pins.check(ANA, 'ed25519:B'), pins.check(ANA, 'ed25519:B')]).toEqual(['changed', 'changed'])
    pins.accept(ANA, 'ed25519:B')
    pins.accept(ANA, 'ed25519:B')
    expect(['ed25519:A', 'ed25519:B', 'ed25519:C'].map((device) => pins.check(ANA, device))).toEqual([
      'known',
      'known',
      'changed',
    ])
  })

  it.each([
    { ...ANA, sub: 'bob' },
    { ...ANA, issuer: 'https://other.example' },
  ])('given $sub of $issuer, knows none of the devices of another subject', (subject) => {
    const pins = new DevicePins(open(newPlace()))
    pins.check(ANA, 'ed25519:A')
    expect(pins.check(subject, 'ed25519:A')).toBe('new')
  })

  it('[ATK-FLOOD] given very many made-up subjects, keeps no more than ten thousand', () => {
    const state = open(newPlace())
    const pins = new DevicePins(state)
    state.database.atomically(() => {
      for (let i = 0; i < 10_000; i += 1) pins.check({ ...ANA, sub: `made up ${i}` }, 'ed25519:X')
    })
    expect([pins.check(ANA, 'ed25519:A'), pins.check(ANA, 'ed25519:A')]).toEqual(['new', 'new'])
    expect(state.database.get('SELECT count(*) AS rows FROM device_pins')).toEqual({ rows: 10_000 })
  })
})
