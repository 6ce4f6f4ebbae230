import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { expect, it } from 'vitest'
import { passStderr } from '../../src/shim/server-stderr.ts'

/** The lines that a server's stderr becomes. */
async function passed(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  const stderr = new PassThrough()
  const lines: string[] = []
  passStderr(stderr, (line) => lines.push(line))
  for (const chunk of chunks) stderr.write(chunk)
  stderr.end()
  await finished(stderr)
  return lines
}

it('given lines in any chunks, with CRLF and without a last newline, passes each whole', async () => {
  expect(await passed('a\nb', 'c\r\n\n', 'last')).toEqual(['a', 'bc', '', 'last'])
})

it('given a character that two chunks share, passes it whole', async () => {
  const bytes = Buffer.from('é😀\n')
  expect(await passed(...[...bytes].map((byte) => Buffer.from([byte])))).toEqual(['é😀'])
})

it('given a line that does not end, passes it in parts instead of holding it', async () => {
  const lines = await passed(...Array.from({ length: 10 }, () => 'x'.repeat(20_000)))
  expect(lines.join('')).toBe('x'.repeat(200_000))
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(100_000)
})
