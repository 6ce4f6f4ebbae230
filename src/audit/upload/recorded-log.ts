import { closeSync, fstatSync } from 'node:fs'
import { type LogRecord, readRecords, recordOf, textOf } from '../log-record.ts'
import { openRegular } from '../open-regular.ts'
import { readAt } from '../read-at.ts'
import type { Named } from './segment-key.ts'

/** A session's log as its first records describe it. Nothing is verified. */
export interface RecordedLog extends Named {
  readonly path: string
  readonly bytes: number
  /** When it was written last, in milliseconds since 1970. */
  readonly writtenMs: number
  /** Does it end with a footer? Then nothing is written any more. */
  readonly hasFooter: boolean
  /** The policy that it began under. */
  readonly policy: { readonly name: string; readonly signed: boolean }
}

const FOOTER = /^\{"seq":\d{1,15},"at":"[^"]{1,40}","kind":"footer",/u
/** No footer is longer. */
const FOOTER_BYTES = 4096

/** Reads who recorded a log, where, and under which policy; null for a file that does not begin like a log. Throws what the file system throws. */
export function recordedLog(path: string): RecordedLog | null {
  const [header, context = {}] = firstTwo(path)
  const named = headerOf(header)
  const policy = recordOf(context, 'policy')
  const name = textOf(policy, 'name')
  if (named === null || name === null) return null
  const subject = recordOf(context, 'subject')
  return {
    path,
    ...named,
    subject: textOf(subject, 'email') ?? textOf(subject, 'sub'),
    policy: { name, signed: policy['signed'] === true },
    ...endOf(path),
  }
}

/** Reads what a log that was cut to its header says of its name; null for any other. Who was at work stands in the next record. */
export function recordedHeader(path: string): Omit<Named, 'subject'> | null {
  const [header, next] = firstTwo(path)
  return next === undefined ? headerOf(header) : null
}

function headerOf(header: LogRecord = {}): Omit<Named, 'subject'> | null {
  const [session, started] = [textOf(header, 'session'), textOf(header, 'at')]
  if (textOf(header, 'kind') !== 'header' || session === null || started === null) return null
  return { session, started, server: textOf(recordOf(header, 'server'), 'name') }
}

function firstTwo(path: string): LogRecord[] {
  const found: LogRecord[] = []
  for (const record of readRecords(path, 'without')) {
    if (record === null || found.push(record) === 2) break
  }
  return found
}

function endOf(path: string): Pick<RecordedLog, 'bytes' | 'writtenMs' | 'hasFooter'> {
  const fd = openRegular(path)
  try {
    const { size, mtimeMs } = fstatSync(fd)
    const length = Math.min(size, FOOTER_BYTES)
    const tail = readAt(fd, size - length, length)
    const isWhole = tail.at(-1) === 0x0a
    const last = tail.subarray(tail.lastIndexOf(0x0a, tail.length - 2) + 1).toString('latin1')
    return { bytes: size, writtenMs: mtimeMs, hasFooter: isWhole && FOOTER.test(last) }
  } finally {
    closeSync(fd)
  }
}
