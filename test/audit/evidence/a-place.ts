import type { ListedPlace } from '../../../src/audit/evidence/evidence-place.ts'
import { segmentName } from '../../../src/audit/upload/segment-key.ts'
import { segmentsOf } from '../../../src/audit/upload/segments.ts'
import { sha256 } from '../../../src/digest.ts'
import type { ConfirmedObject } from '../../../src/records.ts'

export const URL = 's3://acme-audit/hoopctl/'

/** A place in memory that tests can alter. */
export function aPlace() {
  const objects = new Map<string, Uint8Array>()
  const place: ListedPlace = {
    url: URL,
    get: async (name) => {
      const bytes = objects.get(name)
      return bytes === undefined ? null : { bytes, etag: null, version: null }
    },
    async *list(prefix) {
      yield* [...objects.keys()].filter((name) => name.startsWith(prefix)).toSorted()
    },
  }
  return { place, objects }
}

/** Puts a log there as it is uploaded; gives what was confirmed. */
export function putLog(objects: Map<string, Uint8Array>, path: string, prefix: string): ConfirmedObject[] {
  const session = prefix.split('/').at(-2) ?? ''
  return [...segmentsOf(path, { line: 0, start: 0 }, true)].map(({ line, bytes }) => {
    const key = `${prefix}${segmentName(line)}`
    objects.set(key, bytes)
    const told = { etag: null, version: null, at: '2026-11-21T10:00:00.000Z' }
    return { session, to: URL, key, bytes: bytes.length, sha256: sha256(bytes), ...told }
  })
}
