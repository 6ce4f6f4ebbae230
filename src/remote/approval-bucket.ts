/** An object as a listing names it. */
export interface Entry {
  readonly name: string
  readonly bytes: number
}

/** A part of a listing, in the order of the names' bytes. Names that are none of ours are left out. */
export interface Listing {
  readonly entries: readonly Entry[]
  /** What to go on after; null: this was the end. It may be a name that was left out. */
  readonly next: string | null
}

/** How many names one part of a listing has at most. */
export const LISTED_AT_ONCE = 1000

/** A place where a team's approvals are. Whoever may write there may withhold anything: what it says is anybody's word. */
export interface ApprovalBucket {
  /** Writes an object, where there is none of that name. Throws UNREACHABLE where nobody can say whether it is there now. */
  put(name: string, bytes: Uint8Array): Promise<'written' | 'there-already'>
  /**
   * Lists up to 1000 objects whose names begin with `prefix` (it ends in `/`), after what another name would be sorted
   * behind: one request. Throws UNREACHABLE.
   */
  list(prefix: string, startAfter?: string): Promise<Listing>
  /** Reads an object; null where there is none. Throws UNREACHABLE, also where it is longer than `maxBytes`. */
  get(name: string, maxBytes: number): Promise<Uint8Array | null>
  /** Removes an object, which many stores let nobody do. Throws UNREACHABLE where there was no answer. */
  remove(name: string): Promise<'removed' | 'refused'>
}
