/**
 * Remembers what a server first showed under a name, so that a changed definition is seen. Kept by the state room,
 * handed to the shim. Every function throws where the memory cannot be read or written; the caller then trusts nothing.
 */
export interface Pins {
  /**
   * Compares a definition with the one that is pinned, and pins it on first sight. `changed` stays changed until a
   * person accepts it.
   * @param name `tool:NAME` or `instructions`
   * @param definition the canonical JSON text of the whole definition
   */
  check(name: string, definition: string): 'same' | 'changed'
}
