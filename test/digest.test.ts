import { expect, it } from 'vitest'
import { sha256 } from '../src/digest.ts'

// FIPS 180-4's own example.
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

it('given bytes or the same text, gives the digest of the standard’s example', () => {
  expect([sha256('abc'), sha256(Buffer.from('abc'))]).toEqual([ABC, ABC])
})

it('given text beyond ASCII, counts it as UTF-8', () => {
  expect(sha256('é')).toBe(sha256(Buffer.from([0xc3, 0xa9])))
})
