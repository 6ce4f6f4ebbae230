/** Why one message goes no further, in words that a model and a tired person both understand. Never holds a value of the message. */
export interface Refusal {
  /** What was wrong, one clause, lower case, no full stop. */
  readonly why: string
  /** What to type or do next, one line; null where nothing helps but sending something else. */
  readonly help: string | null
  /** The JSON-RPC error code that the sender is answered with. */
  readonly code: number
}

/** The outcome of a step of the data path: bad input is a value here, not an exception. */
export type Step<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal }
