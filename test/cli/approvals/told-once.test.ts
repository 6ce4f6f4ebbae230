import { describe, expect, it } from 'vitest'
import { ToldOnce } from '../../../src/cli/approvals/told-once.ts'
import { HoopctlError } from '../../../src/errors.ts'
import { at } from './a-question.ts'

const away = (message = 'it is away') => new HoopctlError('UNREACHABLE', message, { hint: 'wait' })

function aTeller() {
  const said: string[] = []
  const clock = { seconds: 0 }
  const told = new ToldOnce(
    (line) => void said.push(line),
    () => at(clock.seconds),
  )
  return { told, said, clock }
}

describe('a failure', () => {
  it('given that it lasts for hours, is told once', () => {
    const { told, said, clock } = aTeller()
    for (; clock.seconds < 36_000; clock.seconds += 60) told.failed('it does not go', away())
    expect(said).toEqual(['it does not go: it is away (wait)'])
  })

  it('given that it ended, is told when it begins anew, and at most every ten minutes', () => {
    const { told, said, clock } = aTeller()
    for (; clock.seconds < 1800; clock.seconds += 60) {
      told.failed('it does not go', away())
      told.worked()
    }
    expect(said).toHaveLength(3)
  })

  it('given words of others in it, is not told for each, and shows what would deceive', () => {
    const { told, said } = aTeller()
    for (let i = 0; i < 100; i += 1) {
      told.failed('it does not go', away(`no \u001b[2J${i}`))
      told.worked()
    }
    expect(said).toEqual(['it does not go: no \\u{1b}[2J0 (wait)'])
  })

  it('given another way out, is told too', () => {
    const { told, said } = aTeller()
    told.failed('it does not go', away())
    told.worked()
    told.failed('it does not go', new HoopctlError('UNREACHABLE', 'it may not', { hint: 'ask' }))
    told.worked()
    told.failed('it does not go', new TypeError('a bug'))
    expect(said).toEqual([
      'it does not go: it is away (wait)',
      'it does not go: it may not (ask)',
      'it does not go: a bug',
    ])
  })
})
