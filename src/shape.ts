/** Tells whether what came from outside is a `T`. */
export type Is<T> = (value: unknown) => value is T

/** Checks an object that has exactly these members, each of them: one more or one less is another thing. */
export function exactly<T extends object>(members: { readonly [K in keyof T]-?: Is<T[K]> }): Is<T> {
  const checks: readonly (readonly [string, Is<unknown>])[] = Object.entries<Is<unknown>>(members)
  return (value): value is T => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    if (Object.keys(value).length !== checks.length) return false
    return checks.every(([name, is]) => Object.hasOwn(value, name) && is(Reflect.get(value, name)))
  }
}

/** Checks a list of at most so many, and at least so many. */
export function listOf<T>(is: Is<T>, most: number, least = 0): Is<readonly T[]> {
  return (value): value is readonly T[] =>
    Array.isArray(value) && value.length >= least && value.length <= most && value.every(is)
}

/** Checks what may also be null. */
export function orNull<T>(is: Is<T>): Is<T | null> {
  return (value): value is T | null => value === null || is(value)
}

/** Checks what is one of two. */
export function either<A, B>(one: Is<A>, other: Is<B>): Is<A | B> {
  return (value): value is A | B => one(value) || other(value)
}

/** Checks one of some values. */
export function oneOf<const T extends readonly (string | boolean)[]>(...values: T): Is<T[number]> {
  return (value): value is T[number] => values.some((each) => each === value)
}

/** Checks a text of at most so many UTF-16 code units. */
export function text(most: number): Is<string> {
  return (value): value is string => typeof value === 'string' && value.length <= most
}

/** Checks a text that matches; the pattern says its length. */
export function matching(pattern: RegExp): Is<string> {
  return (value): value is string => typeof value === 'string' && pattern.test(value)
}

/** Checks a whole number from one to the other. */
export function whole(least: number, most: number): Is<number> {
  return (value): value is number =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
}
