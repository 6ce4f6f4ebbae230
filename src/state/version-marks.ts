import type { Row } from './database.ts'
import type { SharedState } from './shared-state.ts'

/** How a signed document compares with the highest version seen: `differs` is the same version with another content. */
export type Standing = 'new' | 'same' | 'older' | 'differs'

type Kind = 'policy' | 'trust'

/**
 * The highest versions of signed documents that any process of ours has accepted, so that an old one cannot come back.
 * The key is what the document is known by (`trust:DIGEST/NAME`, by the pinned trust document).
 */
export class VersionMarks {
  readonly #state: SharedState

  constructor(state: SharedState) {
    this.#state = state
  }

  /** Compares a policy's version and digest with the mark. */
  check(key: string, version: number, digest: string): Standing {
    return this.#check('policy', key, version, digest)
  }

  /** Tells whether a policy is the one that was accepted last: neither an older one, nor one that a `minVersion` has gone back behind. */
  isNewest(key: string, version: number, digest: string): boolean {
    const row = this.#row('policy', key)
    if (row === undefined || Number(row['version']) !== version) return false
    return row['digest'] === null || row['digest'] === digest
  }

  /**
   * Marks a policy's version as seen. Returns how it compares at that moment: another process may have raised the mark
   * since it was checked, and `older` and `differs` raise nothing and must not be used.
   */
  raise(key: string, version: number, digest: string): Standing {
    return this.#state.database.durably(() => this.#raise('policy', key, version, digest))
  }

  /** Tells the highest number of a trust document that was seen under a key; null where none was. */
  trustNumber(key: string): number | null {
    const row = this.#row('trust', key)
    return row === undefined ? null : Number(row['version'])
  }

  /** Compares a trust document's number and digest with the mark. */
  checkTrust(key: string, number: number, digest: string): Standing {
    return this.#check('trust', key, number, digest)
  }

  /**
   * Marks a trust document's number as seen; a new one's `minVersion` replaces the policy's mark in the same step, and
   * only then: read again later it must not lower what was seen since. Documents are marked in the order of their
   * numbers, each of them. Returns as `raise` does.
   */
  raiseTrust(key: string, number: number, digest: string, minVersion: number | null): Standing {
    return this.#state.database.durably(() => {
      const standing = this.#raise('trust', key, number, digest)
      if (standing === 'new' && minVersion !== null) this.#write('policy', key, minVersion, null)
      return standing
    })
  }

  /**
   * Replaces the policy's mark, also by a lower one: any policy of that version is `new`. For a trust document's
   * `minVersion` use `raiseTrust`, which does it once.
   */
  reset(key: string, minVersion: number): void {
    this.#state.database.durably(() => this.#write('policy', key, minVersion, null))
  }

  #raise(kind: Kind, key: string, version: number, digest: string): Standing {
    const standing = this.#check(kind, key, version, digest)
    if (standing === 'new') this.#write(kind, key, version, digest)
    return standing
  }

  #check(kind: Kind, key: string, version: number, digest: string): Standing {
    const row = this.#row(kind, key)
    if (row === undefined) return 'new'
    const mark = Number(row['version'])
    if (version > mark) return 'new'
    if (version < mark) return 'older'
    if (row['digest'] === null) return 'new' // the mark came from a `minVersion`, which names no content
    return row['digest'] === digest ? 'same' : 'differs'
  }

  #row(kind: Kind, key: string): Row | undefined {
    const find = 'SELECT version, digest FROM version_marks WHERE kind = ? AND key = ?'
    return this.#state.database.get(find, kind, key)
  }

  #write(kind: Kind, key: string, version: number, digest: string | null): void {
    this.#state.database.run(
      'INSERT OR REPLACE INTO version_marks (kind, key, version, digest) VALUES (?, ?, ?, ?)',
      kind,
      key,
      version,
      digest,
    )
  }
}
