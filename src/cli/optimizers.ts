// V8 compiles what runs hot again, on threads of its own. Where there are few cores, they are in the way of the server that
// starts meanwhile: with them resting, a signed start took an eighth less processor time. They miss nothing that lasts: what is
// hot later is compiled then.
const LONGEST_REST_MS = 1000
// A pattern of names of functions; these two are in all of V8 that hoopctl runs on, and `*` is their default.
const FILTERS = ['--maglev-filter', '--turbo-filter']

/**
 * Lets V8's optimizing compilers rest, for a second at most. Code that is loaded meanwhile is not taken from what was kept of
 * earlier starts: V8 takes none that was made under other flags.
 */
export function restOptimizers(): void {
  optimize('~') // no function's name
  setTimeout(wakeOptimizers, LONGEST_REST_MS).unref()
}

/** Lets them work again; code that is kept is made under these flags. */
export function wakeOptimizers(): void {
  optimize('*')
}

function optimize(names: string): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  for (const filter of FILTERS) setFlagsFromString(`${filter}=${names}`)
}
