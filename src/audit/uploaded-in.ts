import type { ConfirmedObject } from '../records.ts'
import { isRecord, type LogRecord, numberOf, textOf } from './log-record.ts'
import { isDigest } from './verify-line.ts'

const MEMBERS = 'session,to,key,bytes,sha256,etag,version,at'

/** Reads what a checkpoint says that destinations hold; null: it does not say it in the form of the log. */
export function uploadedIn(checkpoint: LogRecord): readonly ConfirmedObject[] | null {
  const value: unknown = checkpoint['uploaded']
  if (value === null) return []
  if (!Array.isArray(value) || value.length === 0) return null
  const objects = value.map(objectOf)
  return objects.every((object) => object !== null) ? objects : null
}

function objectOf(value: unknown): ConfirmedObject | null {
  if (!isRecord(value) || Object.keys(value).join() !== MEMBERS) return null
  const [session, to, key] = [textOf(value, 'session'), textOf(value, 'to'), textOf(value, 'key')]
  const [sha256, at, bytes] = [value['sha256'], textOf(value, 'at'), numberOf(value, 'bytes')]
  if (session === null || to === null || key === null || at === null) return null
  if (!isDigest(sha256) || bytes === null || !Number.isSafeInteger(bytes)) return null
  const [etag, version] = [value['etag'], value['version']]
  if (!isTextOrNull(etag) || !isTextOrNull(version) || bytes < 0) return null
  return { session, to, key, bytes, sha256, etag, version, at }
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}
