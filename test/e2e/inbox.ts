interface Waiting<T> {
  readonly matches: (item: T) => boolean
  readonly resolve: (item: T) => void
  readonly reject: (reason: Error) => void
}

/** What came so far, and a way to wait for what has not come yet: tests wait for marks, never for a time. */
export class Inbox<T> {
  readonly all: T[] = []
  readonly #name: string
  readonly #more: () => string
  #waiting: Waiting<T>[] = []
  #closed = false

  /** @param more what else helps to understand why nothing more came */
  constructor(name: string, more = () => '') {
    this.#name = name
    this.#more = more
  }

  /** Adds an item and wakes those who wait for it. */
  push(item: T): void {
    this.all.push(item)
    const woken = this.#waiting.filter(({ matches }) => matches(item))
    this.#waiting = this.#waiting.filter(({ matches }) => !matches(item))
    for (const { resolve } of woken) resolve(item)
  }

  /** Nothing more will come: whoever still waits is told so, with what did come. */
  close(): void {
    this.#closed = true
    for (const { reject } of this.#waiting) reject(this.#ended())
    this.#waiting = []
  }

  /** Returns the first item that matches, of those that came and of those that will. Rejects when none can come any more. */
  find(matches: (item: T) => boolean): Promise<T> {
    const found = this.all.find(matches)
    if (found !== undefined) return Promise.resolve(found)
    if (this.#closed) return Promise.reject(this.#ended())
    return new Promise((resolve, reject) => this.#waiting.push({ matches, resolve, reject }))
  }

  /** Waits until so many items came. */
  async count(wanted: number): Promise<readonly T[]> {
    if (this.all.length < wanted) await this.find(() => this.all.length >= wanted)
    return this.all
  }

  #ended(): Error {
    return new Error(`${this.#name} ended after ${JSON.stringify(this.all).slice(0, 4000)} ${this.#more()}`)
  }
}

/** Splits a stream of bytes at LF and hands each line, as text without its LF, to the inbox. */
export function lineSplitter(inbox: Inbox<string>): (chunk: Uint8Array) => void {
  let pending: Buffer[] = []
  return (chunk) => {
    let rest = Buffer.from(chunk)
    for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10)) {
      inbox.push(Buffer.concat([...pending, rest.subarray(0, at)]).toString())
      pending = []
      rest = rest.subarray(at + 1)
    }
    pending.push(rest)
  }
}
