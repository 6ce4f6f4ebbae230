import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { unreadable } from '../src/audit/disk-failure.ts'
import { HoopctlError } from '../src/errors.ts'
import { codeOf } from '../src/system-code.ts'

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

const ofTheSystem = thrownBy(() => readFileSync('/no/such/file'))
const ofNode = thrownBy(() => readFileSync(-1))
const ofOurs = new HoopctlError('NO_TERMINAL', 'there is no terminal here', { hint: 'open one' })

describe('codeOf', () => {
  it('given what the system threw, what Node threw, what hoopctl did, and no error, gives the system’s code alone', () => {
    expect([ofTheSystem, ofNode, ofOurs, 'ENOENT'].map(codeOf)).toEqual(['ENOENT', '', '', ''])
  })
})

describe('unreadable', () => {
  it('given what the system threw, says why and what to do', () => {
    expect(unreadable('/no/such/file', ofTheSystem)).toMatchObject({
      code: 'UNREACHABLE',
      message: 'cannot read `/no/such/file`: the file or its directory is gone',
      hint: 'see to it that you may read it',
    })
  })

  it.each([{ given: ofNode }, { given: ofOurs }])('given $given, throws it as it is', ({ given }) => {
    expect(thrownBy(() => unreadable('/a', given))).toBe(given)
  })
})
