/** A secret on its way: prints as `[secret]` wherever it is printed; only `reveal()` tells it. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** Tells the secret. Called where it leaves for its one destination, nowhere else. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  // What `util.inspect`, and so console.log and error messages, print.
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]'
  }
}
