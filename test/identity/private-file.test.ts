import { readdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readPrivate, writePrivate } from '../../src/identity/private-file.ts'
import { temporaryFolder } from './store-surroundings.ts'

const { uid } = userInfo()

it.each([
  ['replace', 'the second'],
  ['keep', 'the first'],
] as const)('given a second file to %s the first, has %s, and leaves nothing else', async (placing, text) => {
  const folder = temporaryFolder()
  const file = join(folder, 'private')
  await writePrivate(file, Buffer.from('the first'), uid, placing)
  await writePrivate(file, Buffer.from('the second'), uid, placing)
  expect([(await readPrivate(file, uid))?.toString(), readdirSync(folder)]).toEqual([text, ['private']])
})
