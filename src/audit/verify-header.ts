import type { KeyObject } from 'node:crypto'
import { deviceKeyOf } from '../terminal-proof.ts'
import { isRecord, type LogRecord, numberOf, textOf } from './log-record.ts'
import { NO_DIGEST } from './session-number.ts'
import { type CheckedLine, isDigest } from './verify-line.ts'

/** What a header says that the rest of the log, and its neighbours, are checked against. */
export interface CheckedHeader {
  readonly session: string
  readonly device: string
  readonly key: KeyObject
  readonly number: number
  readonly previous: string
}

const MEMBERS = 'seq,at,kind,prev,format,session,hoopctl,host,osUser,device,number,previous,server'
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/

/** Checks the first line of a log. Gives what is wrong with it as a text. */
export function checkHeader({ record, kind, prev, seq }: CheckedLine): CheckedHeader | string {
  if (kind !== 'header' || seq !== 0) return 'is not the header'
  if (textOf(record, 'format') !== 'hoopctl-session/1') return 'is not of the format `hoopctl-session/1`'
  if (prev !== NO_DIGEST) return 'holds the digest of a line before it, and there is none'
  if (Object.keys(record).join() !== MEMBERS) return 'does not have the members of a header'
  const session = textOf(record, 'session')
  const device = textOf(record, 'device')
  const number = numberOf(record, 'number')
  const previous = record['previous']
  if (session === null || !ULID.test(session)) return 'has no valid `session`'
  const key = device === null ? null : deviceKeyOf(device)
  if (device === null || key === null) return 'has no valid `device`'
  if (number === null || !Number.isSafeInteger(number) || number < 1) return 'has no valid `number`'
  if (!isDigest(previous) || (number === 1) !== (previous === NO_DIGEST)) return 'has no valid `previous`'
  const texts = ['hoopctl', 'host', 'osUser'].every((name) => textOf(record, name) !== null)
  if (!texts || !isServer(record['server'])) return 'has no valid `hoopctl`, `host`, `osUser` or `server`'
  return { session, device, key, number, previous }
}

function isServer(value: unknown): value is LogRecord {
  if (!isRecord(value) || Object.keys(value).join() !== 'name,command,sha256') return false
  const { name, command, sha256 } = value
  const isCommand = Array.isArray(command) && command.every((arg) => typeof arg === 'string')
  return (name === null || typeof name === 'string') && isCommand && (sha256 === null || isDigest(sha256))
}
