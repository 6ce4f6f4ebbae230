// usage: node hash-lines.mjs FILE: what verifying a log costs at least in Node, the SHA-256 of each line and of its message.
import { hash } from 'node:crypto'
import { readLines } from '../../src/audit/log-lines.ts'

for (const { bytes } of readLines(process.argv[2])) {
  const start = bytes.indexOf(',"message":')
  hash('sha256', bytes)
  if (start !== -1) hash('sha256', bytes.subarray(start + 11, -1))
}
