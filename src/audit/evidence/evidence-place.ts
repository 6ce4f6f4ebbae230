/** An object as a place keeps it. */
export interface HeldObject {
  readonly bytes: Uint8Array
  /** As the place tells them; null: it does not. */
  readonly etag: string | null
  readonly version: string | null
}

/** A place that evidence lies at, to be read. */
export interface EvidencePlace {
  /** Its URL, as confirmations name it: with a `/` at its end. */
  readonly url: string
  /** Reads an object; null where there is none. Throws UNREACHABLE, also where it is longer than `maxBytes`. */
  get(name: string, maxBytes: number): Promise<HeldObject | null>
}

/** A place that can say what lies there. */
export interface ListedPlace extends EvidencePlace {
  /** Names what lies below a prefix (empty: all), in the order of the names' bytes. */
  list(prefix: string): AsyncIterable<string>
}
