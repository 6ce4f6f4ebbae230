import { hash, verify } from 'node:crypto'
import type { ConfirmedObject } from '../records.ts'
import { codeOf } from '../system-code.ts'
import { reasonOf } from './disk-failure.ts'
import { type LogLine, readLines } from './log-lines.ts'
import { uploadedIn } from './uploaded-in.ts'
import { VerifiedApprovals } from './verify-approvals.ts'
import { type CheckedHeader, checkHeader } from './verify-header.ts'
import { type CheckedLine, checkLine } from './verify-line.ts'
import { explainPlace } from './verify-order.ts'
import type { TokenCheck } from './verify-receipt.ts'

/** Whose signatures are accepted. */
export interface KnownDevices {
  isKnown(device: string): boolean
}

/** The outcome of verifying one session. */
export interface Verification {
  /** The log holds, as far as it goes, and a known device made it. */
  readonly ok: boolean
  /** null where the header is not readable. */
  readonly session: string | null
  /** `open`: no footer, because it runs, was killed, or its tail was cut off. */
  readonly state: 'complete' | 'open' | 'broken'
  readonly device: string | null
  readonly deviceKnown: boolean
  /** How many records hold. */
  readonly records: number
  /** The `seq` of the last record with a signature that holds: all up to it is signed. null: nothing is. */
  readonly signedTo: number | null
  /** What is wrong, where `ok` is false. */
  readonly problem: string | null
  /** What else a person should know: from where on nothing is signed, half a last line. */
  readonly note: string | null
}

/** What `verifyDirectory` needs besides: the header's place in the numbering. */
export interface VerifiedFile {
  readonly verification: Verification
  readonly header: (CheckedHeader & { readonly digest: string }) | null
  /** What its signed checkpoints say that destinations hold. */
  readonly confirmed: readonly ConfirmedObject[]
}

/**
 * Verifies the log of one session, line by line, in memory for one line and what its approvals are about; gives its header
 * with it. A file that cannot be read is broken.
 * @param checkToken checks the ID tokens of receipts; absent: a log that holds one is broken
 */
export function verifyFile(path: string, known: KnownDevices, checkToken = NO_TOKENS): VerifiedFile {
  const chain = new VerifiedChain(path, checkToken)
  let problem: string | null = null
  try {
    for (const line of readLines(path)) {
      problem = chain.take(line)
      if (problem !== null) break
    }
    problem ??= chain.header === null ? 'there is no header' : null
  } catch (error) {
    if (codeOf(error) === '') throw error
    problem = `the file cannot be read: ${reasonOf(error)}`
  }
  const { header, records, signedTo } = chain
  const deviceKnown = header !== null && known.isKnown(header.device)
  const state = problem !== null ? 'broken' : chain.isComplete ? 'complete' : 'open'
  if (problem === null && !deviceKnown)
    problem = `the device key \`${header?.device ?? ''}\` is not known here`
  const session = header?.session ?? null
  const found = { session, state, device: header?.device ?? null, deviceKnown, records, signedTo } as const
  const verification = { ok: problem === null, ...found, problem, note: chain.note }
  return { verification, header, confirmed: chain.confirmed }
}

const NO_TOKENS: TokenCheck = () => ({ ok: false, why: 'nothing here can check tokens' })

/** How far the lines of a file hold together. */
class VerifiedChain {
  header: VerifiedFile['header'] = null
  records = 0
  signedTo: number | null = null
  isComplete = false
  /** What its checkpoints say that destinations hold. */
  readonly confirmed: ConfirmedObject[] = []
  readonly #path: string
  readonly #checkToken: TokenCheck
  #approvals: VerifiedApprovals | null = null
  #prev = ''
  #at = ''
  #cutBytes = 0

  constructor(path: string, checkToken: TokenCheck) {
    this.#path = path
    this.#checkToken = checkToken
  }

  /** Takes the next line; gives what is wrong with it, or null. */
  take({ bytes, end }: LogLine): string | null {
    const where = `record ${this.records} (line ${this.records + 1})`
    if (this.isComplete) return `${where} stands after the footer`
    if (end === 'long') return `${where} is longer than any that hoopctl writes`
    if (end === 'cut') return this.#takeCut(bytes)
    const checked = checkLine(bytes)
    if (!checked.ok) return `${where} ${checked.why}`
    const problem = this.#takeRecord(checked.line, where, bytes)
    if (problem !== null) return problem
    this.#prev = hash('sha256', bytes)
    this.#at = checked.line.at
    this.records += 1
    return null
  }

  get note(): string | null {
    if (this.isComplete || this.header === null) return null
    const from = this.signedTo === null ? 0 : this.signedTo + 1
    const unsigned =
      from === 0
        ? 'nothing in it is signed, so anybody can have written it'
        : from < this.records
          ? `nothing is signed from record ${from} on`
          : 'all records are signed'
    const cut =
      this.#cutBytes === 0
        ? ''
        : `; half a line (${this.#cutBytes} bytes) stands at the end and does not count`
    return `there is no footer: it is running, was killed, or its end was cut off; ${unsigned}${cut}`
  }

  // A process that is killed while it writes leaves this. What it told of was not done yet.
  #takeCut(bytes: Uint8Array): string | null {
    this.#cutBytes = bytes.length
    return null
  }

  #takeRecord(line: CheckedLine, where: string, bytes: Uint8Array): string | null {
    if (this.header === null) {
      const header = checkHeader(line)
      if (typeof header === 'string') return `${where} ${header}`
      this.header = { ...header, digest: hash('sha256', bytes) }
      this.#approvals = new VerifiedApprovals(header, this.#checkToken)
      return null
    }
    if (line.seq !== this.records) return explainPlace(this.#path, this.records, line.seq)
    if (line.kind === 'header') return `${where} is a second header`
    if (line.prev !== this.#prev) {
      const before = `record ${this.records - 1} (line ${this.records})`
      return `${before} does not match the digest that the next one holds: one of the two was altered`
    }
    if (line.at < this.#at) return `${where} is older than the one before it`
    if (line.kind === 'checkpoint' || line.kind === 'footer')
      return this.#takeSigned(line, where, this.header)
    const unproven = this.#approvals?.take(line) ?? null
    return unproven === null ? null : `${where} ${unproven}`
  }

  #takeSigned(
    { kind, record, seq, signedText }: CheckedLine,
    where: string,
    header: CheckedHeader,
  ): string | null {
    const members = kind === 'checkpoint' ? CHECKPOINT : FOOTER
    if (Object.keys(record).join() !== members) return `${where} does not have the members of a ${kind}`
    const uploaded = kind === 'checkpoint' ? uploadedIn(record) : []
    if (uploaded === null) return `${where} does not say in the form of the log what was uploaded`
    const signature = record['signature']
    if (!isSignature(signature)) return `the signature of ${where} has no valid form`
    if (!verify(null, Buffer.from(signedText), header.key, Buffer.from(signature, 'base64url'))) {
      return `the signature of ${where} does not hold`
    }
    this.confirmed.push(...uploaded)
    this.signedTo = seq
    this.isComplete = kind === 'footer'
    return null
  }
}

const CHECKPOINT = 'seq,at,kind,prev,uploaded,signature'
const FOOTER = 'seq,at,kind,prev,end,exitCode,exchanges,allowed,asked,denied,signature'

// 86 characters hold four bits more than 64 bytes: another last character must not pass for the same
// signature.
function isSignature(value: unknown): value is string {
  if (typeof value !== 'string' || value.length !== 86) return false
  return Buffer.from(value, 'base64url').toString('base64url') === value
}
