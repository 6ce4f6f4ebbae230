// @ts-check

/** The demo shows something else than it says that it shows. */
export class BrokenPromise extends Error {
  /** @override */
  name = 'BrokenPromise'
}

/**
 * Throws unless what the demo is about to tell is so.
 * @param {boolean} kept
 * @param {string} what
 */
export function promise(kept, what) {
  if (!kept) throw new BrokenPromise(`this is not as promised: ${what}`)
}
