/** Gives an object with one member, or, where there is no value, without. */
export function optional(name: string, value: unknown): object {
  return value === null ? {} : { [name]: value }
}
