import { HoopctlError } from '../../errors.ts'
import type { ConfirmedObject } from '../../records.ts'
import type { VerifiedFile } from '../verify-session.ts'
import { lost, MOST_BYTES } from './compare-log.ts'
import type { EvidencePlace } from './evidence-place.ts'
import { sha256 } from '../../digest.ts'

/** What is found between the sessions of a place. */
export interface EvidenceFindings {
  /** What must not be: an object that was confirmed and is gone or another, two sessions with one number. */
  readonly problems: readonly string[]
  /** Numbers of sessions that are not there, though later ones of their device are. They may have been recorded under another policy. */
  readonly missing: readonly { readonly device: string; readonly first: number; readonly last: number }[]
  /** How many objects that checkpoints name were looked at, and how many lie elsewhere. */
  readonly confirmations: { readonly checked: number; readonly elsewhere: number }
}

interface Numbered {
  readonly prefix: string
  readonly number: number
  readonly digest: string
  readonly previous: string
}

/** The sessions of a place, as far as each vouches for others: by its number, and by what its checkpoints tell. */
export class EvidenceSeries {
  readonly #place: EvidencePlace
  readonly #address: (url: string, name: string) => string
  readonly #objects = new Map<string, string>()
  readonly #devices = new Map<string, Numbered[]>()
  readonly #confirmed: ConfirmedObject[] = []

  constructor(place: EvidencePlace, address: (url: string, name: string) => string) {
    this.#place = place
    this.#address = address
  }

  /** Hears of an object, and of its SHA-256. */
  object(name: string, digest: string): void {
    this.#objects.set(this.#address(this.#place.url, name), digest)
  }

  /** Hears of a session. What does not hold vouches for nothing. */
  add(prefix: string, { verification, header, confirmed }: VerifiedFile): void {
    if (!verification.ok || header === null) return
    const { device, number, digest, previous } = header
    const sessions = this.#devices.get(device) ?? []
    sessions.push({ prefix, number, digest, previous })
    this.#devices.set(device, sessions)
    for (const object of confirmed) this.#confirmed.push(object) // a log may name any number of them
  }

  /** Says what is found. Throws UNREACHABLE where the place cannot be read. */
  async findings(): Promise<EvidenceFindings> {
    const problems: string[] = []
    const missing: EvidenceFindings['missing'][number][] = []
    for (const [device, sessions] of this.#devices) {
      const sorted = sessions.toSorted((one, other) => one.number - other.number)
      for (const [index, session] of sorted.entries()) {
        const before = sorted[index - 1]
        problems.push(...(before === undefined ? [] : problemsBetween(before, session)))
        const first = (before?.number ?? 0) + 1
        if (first < session.number) missing.push({ device, first, last: session.number - 1 })
      }
    }
    const confirmations = { checked: 0, elsewhere: 0 }
    const root = this.#address(this.#place.url, '')
    for (const claim of this.#confirmed) {
      const address = this.#address(claim.to, claim.key)
      if (!address.startsWith(root)) confirmations.elsewhere += 1
      else {
        confirmations.checked += 1
        problems.push(...(await this.#problemsOf(claim, address, address.slice(root.length))))
      }
    }
    return { problems, missing, confirmations }
  }

  async #problemsOf(claim: ConfirmedObject, address: string, name: string): Promise<string[]> {
    const digest = this.#objects.get(address) ?? (await this.#digestOf(name)) // written since the names were listed
    if (digest === claim.sha256) return []
    if (digest === undefined) return [`\`${address}\` ${lost(claim)}`]
    const version = claim.version === null ? '' : `; its version was \`${claim.version}\``
    return [`\`${address}\` is not what was confirmed on ${claim.at}: it was replaced${version}`]
  }

  async #digestOf(name: string): Promise<string | undefined> {
    try {
      const held = await this.#place.get(name, MOST_BYTES)
      return held === null ? undefined : sha256(held.bytes)
    } catch (failure) {
      if (failure instanceof HoopctlError && failure.code === 'INPUT_INVALID') return undefined // no object has such a name
      throw failure
    }
  }
}

function problemsBetween(before: Numbered, session: Numbered): string[] {
  const both = `\`${before.prefix}\` and \`${session.prefix}\``
  if (before.number === session.number)
    return [
      `${both} are both session ${session.number} of their device: one of them was made up, or its state was copied`,
    ]
  if (before.number !== session.number - 1 || before.digest === session.previous) return []
  return [
    `${both} have numbers that follow, and the second does not follow on the first: one was altered or replaced`,
  ]
}
