import { describe, expect, it } from 'vitest'
import { silenceSqliteWarning } from '../../src/cli/sqlite-warning.ts'

describe('silenceSqliteWarning', () => {
  it('given four warnings, keeps back only that SQLite is experimental', () => {
    const emitted: unknown[][] = []
    const target: Pick<NodeJS.Process, 'emitWarning'> = {
      emitWarning: (...details: unknown[]) => void emitted.push(details),
    }
    silenceSqliteWarning(target)
    target.emitWarning(
      'SQLite is an experimental feature and might change at any time',
      'ExperimentalWarning',
    )
    target.emitWarning('Fetch is an experimental feature', 'ExperimentalWarning')
    target.emitWarning('SQLite is full', 'Warning')
    target.emitWarning(new Error('leak'))
    expect(emitted).toEqual([
      ['Fetch is an experimental feature', 'ExperimentalWarning'],
      ['SQLite is full', 'Warning'],
      [new Error('leak')],
    ])
  })
})
