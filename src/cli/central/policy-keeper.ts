import { sha256 } from '../../digest.ts'
import type { Policy } from '../../policy/policy.ts'
import { MAX_SIGNED_POLICY_BYTES } from '../../policy/signed-policy.ts'
import type { ObjectSource } from '../../remote/object-source.ts'
import type { VersionMarks } from '../../state/version-marks.ts'
import { fetchLinks, missingAt } from './fetch-links.ts'
import {
  type HeldPolicy,
  refuseByMark,
  refuseOtherThanForecast,
  verifyFetched,
  verifyKept,
  type Wanted,
} from './held-policy.ts'
import type { Contact, PolicyCache } from './policy-cache.ts'
import { Refusal } from './refusal.ts'
import { followLinks, type Link, markLinks, refuseSeenLinks } from './trust-links.ts'

/** What keeping a source's policy needs. */
export interface KeeperParts {
  readonly url: string
  readonly name: string
  /** The digest of the pinned trust document. */
  readonly pinned: string
  readonly cache: PolicyCache
  readonly marks: VersionMarks
  /** Opens the source when it is first needed: that is dear, and most starts do not. */
  readonly source: () => Promise<ObjectSource>
  /** Makes a policy of what was signed. Throws a Refusal. */
  readonly compile: (held: HeldPolicy) => Promise<Policy>
  /** Does work while no other process of ours takes up a policy of this source. */
  readonly exclusively: (work: () => Promise<void>) => Promise<void>
  /** The time, never before what any process has seen. */
  readonly time: () => Date
}

/** A policy that may be in force: as it was signed, and compiled. */
export interface KeptPolicy {
  readonly held: HeldPolicy
  readonly policy: Policy
}

/** Keeps one source's policy: reads the copies that are here, and takes up what the source has later. */
export class PolicyKeeper {
  readonly #parts: KeeperParts
  readonly #wanted: Wanted
  #links: readonly Link[] = []
  #kept: KeptPolicy | null = null
  #contact: Contact | null = null
  #stamp = ''
  #turn: Promise<unknown> = Promise.resolve()
  #refreshing: Promise<void> | null = null

  constructor(parts: KeeperParts) {
    this.#parts = parts
    const { name, pinned, marks } = parts
    this.#wanted = { name, key: `trust:${pinned}/${name}`, marks }
  }

  /** The policy that was taken up last; null: none that holds. */
  get kept(): KeptPolicy | null {
    return this.#kept
  }

  /** When the source last answered; null: never. */
  get contact(): Contact | null {
    return this.#contact
  }

  /** Whom the newest trust document trusts; null: none is here yet. */
  get newest(): Link | null {
    return this.#links.at(-1) ?? null
  }

  /** Tells whether another process has changed the copies since they were last read. */
  isChanged(): boolean {
    return this.#parts.cache.stamp() !== this.#stamp
  }

  /**
   * Reads the copies and verifies them, from their bytes. What was kept stays where they do not hold. Throws a Refusal,
   * and STATE_UNWRITABLE where nobody can tell what was seen before.
   */
  load(): Promise<void> {
    return this.#inTurn(() => this.#load())
  }

  /**
   * Looks at the source: newer trust documents first, then the policy. Throws UNREACHABLE where it did not answer, and a
   * Refusal where what it has is not to be taken; what was kept stays.
   */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#inTurn(() => this.#refresh()).finally(() => {
      this.#refreshing = null
    })
    return this.#refreshing
  }

  // Each of them reads what the other writes.
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #load(): Promise<void> {
    const { cache, marks, pinned } = this.#parts
    this.#stamp = cache.stamp()
    const { documents, policies, contact } = cache.read()
    const isFirst = marks.trustNumber(this.#wanted.key) === null
    const links = followLinks(pinned, documents)
    refuseSeenLinks(links, this.#wanted.key, marks)
    markLinks(links, this.#wanted.key, marks)
    this.#links = links
    // What is marked as seen is no forecast.
    const part = isFirst ? 'whole' : 'head'
    const held = links.length === 0 ? null : verifyKept(policies, links, { ...this.#wanted, part })
    if (held === null) return
    // The marks are gone, with the whole state or without: what is here now is what was seen.
    if (isFirst) marks.raise(this.#wanted.key, held.signed.version, held.signed.digest)
    this.#contact = contact
    this.#kept = await this.#compiled(held)
  }

  async #refresh(): Promise<void> {
    try {
      await this.#fetch(await this.#parts.source())
    } catch (failure) {
      // It answered, so nobody keeps us from it: what was kept counts until it ends.
      if (failure instanceof Refusal && this.#kept !== null) {
        this.#noteContact(this.#contact?.etag ?? null, this.#contact?.file ?? null)
      }
      throw failure
    } finally {
      this.#stamp = this.#parts.cache.stamp()
    }
  }

  async #fetch(source: ObjectSource): Promise<void> {
    const { cache, marks, name, pinned, url } = this.#parts
    const fetched = await fetchLinks(source, { pinned, url, before: this.newest })
    const links = [...this.#links, ...fetched]
    refuseSeenLinks(links, this.#wanted.key, marks)
    for (const { trust, bytes } of fetched) cache.keepTrust(trust.number, bytes)
    markLinks(links, this.#wanted.key, marks)
    this.#links = links
    const etag = this.#knownEtag()
    const known = etag === null ? null : { etag }
    const read = await source.read(`${name}.jws`, known, MAX_SIGNED_POLICY_BYTES)
    if (read.status === 'missing') throw missingAt(url, `${name}.jws`)
    const same = this.#kept?.held.bytes ?? null
    if (read.status === 'unchanged' && same === null) throw missingAt(url, `${name}.jws`)
    const bytes = read.status === 'read' ? read.bytes : (same ?? new Uint8Array())
    await this.#takeUp(bytes, read.status === 'read' ? read.etag : etag)
  }

  async #takeUp(bytes: Uint8Array, etag: string | null): Promise<void> {
    const link = this.newest
    if (link === null) throw new Error('trust documents were fetched, and there are none')
    const before = this.#kept?.held ?? null
    const file = sha256(bytes)
    const isSame =
      before !== null && before.trust.number === link.trust.number && sha256(before.bytes) === file
    if (!isSame) {
      const held = verifyFetched(bytes, link, this.#parts.time(), this.#wanted)
      const kept = await this.#compiled(held)
      await this.#parts.exclusively(async () => this.#store(held, before))
      this.#kept = kept
    }
    this.#noteContact(etag, file)
  }

  // A process that is killed in here leaves the one before, the one after, or both; the mark says which of them counts.
  #store(held: HeldPolicy, before: HeldPolicy | null): void {
    const { cache, marks } = this.#parts
    const { version, digest } = held.signed
    const { key } = this.#wanted
    // Another process may have taken up a later one meanwhile: what it staged must not be overwritten.
    refuseByMark(marks.check(key, version, digest), held)
    cache.stage(held.bytes)
    // Signed anew, it is not seen anew: a `minVersion` below it may just have been said.
    if (before?.signed.digest !== digest) refuseByMark(marks.raise(key, version, digest), held)
    cache.promote()
  }

  // The same payload is the same policy, whoever signs it: the same object, so that nothing seems to have changed.
  async #compiled(held: HeldPolicy): Promise<KeptPolicy> {
    const before = this.#kept
    const isSame = before?.held.signed.digest === held.signed.digest
    const policy = isSame ? before.policy : await this.#parts.compile(held)
    refuseOtherThanForecast(held, policy)
    return { held, policy }
  }

  #noteContact(etag: string | null, file: string | null): void {
    this.#contact = { at: this.#parts.time(), etag, file }
    this.#parts.cache.noteContact(this.#contact)
  }

  #knownEtag(): string | null {
    const bytes = this.#kept?.held.bytes
    const { etag, file } = this.#contact ?? { etag: null, file: null }
    return bytes !== undefined && file === sha256(bytes) ? etag : null
  }
}
