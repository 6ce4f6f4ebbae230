/** What reading an object found. `unchanged`: it still has the etag that was known. */
export type ReadObject =
  | { readonly status: 'unchanged' }
  | { readonly status: 'read'; readonly bytes: Uint8Array; readonly etag: string | null }
  | { readonly status: 'missing' }

/** A place with objects under names: a directory, a web server's, a bucket's. */
export interface ObjectSource {
  /**
   * Reads an object, unless it is the one that is `known`. Throws UNREACHABLE where nobody can say what is there, or it is
   * longer than `maxBytes`; INPUT_INVALID for a name that is none.
   */
  read(name: string, known: { readonly etag: string } | null, maxBytes: number): Promise<ReadObject>
}
