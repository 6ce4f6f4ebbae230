import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { LineReader } from '../../src/audit/log-lines.ts'
import { temporaryDirectory } from './a-log.ts'

it('given a file that grows in the middle of its lines, gives each line once it is whole', () => {
  const path = join(temporaryDirectory(), 'log')
  writeFileSync(path, 'one\ntw')
  const reader = new LineReader(path)
  const given = () =>
    [...reader.whole()].map(({ bytes, offset }) => `${offset} ${Buffer.from(bytes).toString()}`)
  expect(given()).toEqual(['0 one'])
  expect(given()).toEqual([])
  appendFileSync(path, 'o')
  expect(given()).toEqual([])
  appendFileSync(path, '\nthree\nfo')
  expect(given()).toEqual(['4 two', '8 three'])
  expect(reader.rest()).toMatchObject({ bytes: Buffer.from('fo'), offset: 14, end: 'cut' })
  reader.close()
})
