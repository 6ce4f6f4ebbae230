import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readPrunedCopy } from '../../../src/audit/evidence/pruned-copy.ts'
import { temporaryDirectory } from '../a-log.ts'

it('given a place that has another byte each time, does not ask it for ever', async () => {
  const asked: string[] = []
  const place = {
    url: 'https://evidence.example/',
    get: async (name: string) => {
      asked.push(name)
      return { bytes: Buffer.from('\n'), etag: null, version: null }
    },
  }
  const copy = { destination: place.url, prefix: 'S/', segments: 2 }
  const note = { bytes: 2 ** 30, sha256: '0'.repeat(64), at: '2026-11-22T10:00:00.000000Z' }
  const about = {
    number: 1,
    session: 'S',
    previous: '',
    header: '',
    last: note.at,
    device: '',
    copies: [copy],
  }
  const path = join(temporaryDirectory(), 'copy.jsonl')
  const { state, objects } = await readPrunedCopy({ ...about, ...note }, copy, place, path)
  expect([state, objects, asked.length]).toEqual(['differs', 3, 3])
})
