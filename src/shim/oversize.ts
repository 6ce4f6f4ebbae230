/** The members of a message's envelope that could be read while it passed; absent ones are null. */
export interface OversizeEnvelope {
  readonly id: string | number | null
  readonly method: string | null
  /** Did the message hold `result` or `error` at its top level? */
  readonly response: boolean
}

const MAX_TOKEN_BYTES = 1024

/**
 * Reads `id` and `method` at the top level of a JSON object that is too long to be held, so that its sender can be
 * answered. It keeps one short token at a time. On text that is no JSON it finds nothing, or nonsense that only
 * decides whom an error is addressed to.
 */
export class OversizeReader {
  #depth = 0
  #inString = false
  #escaped = false
  #key: string | null = null
  #expectKey = true
  #token: number[] = []
  #members = new Map<string, string>()

  push(part: Uint8Array): void {
    for (const byte of part) this.#byte(byte)
  }

  envelope(): OversizeEnvelope {
    const id = parse(this.#members.get('id'))
    const method = parse(this.#members.get('method'))
    return {
      id: typeof id === 'string' || Number.isSafeInteger(id) ? (id as string | number) : null,
      method: typeof method === 'string' ? method : null,
      response: this.#members.has('result') || this.#members.has('error'),
    }
  }

  #byte(byte: number): void {
    if (this.#inString) return this.#inside(byte)
    if (byte === 0x22) this.#inString = true
    if (byte === 0x7b || byte === 0x5b) this.#depth++
    const ends = byte === 0x2c || byte === 0x7d
    if (this.#depth === 1 && byte === 0x3a && this.#expectKey) return this.#endKey()
    if (this.#depth === 1 && ends) this.#endValue()
    else if (byte === 0x22 || this.#depth === 1) this.#keep(byte)
    if (byte === 0x7d || byte === 0x5d) this.#depth--
  }

  #inside(byte: number): void {
    this.#keep(byte)
    if (this.#escaped) this.#escaped = false
    else if (byte === 0x5c) this.#escaped = true
    else if (byte === 0x22) this.#inString = false
  }

  #keep(byte: number): void {
    const opens = byte === 0x7b && !this.#inString
    if (this.#depth === 1 && !opens && this.#token.length < MAX_TOKEN_BYTES) this.#token.push(byte)
  }

  #endKey(): void {
    const key = parse(Buffer.from(this.#token).toString('utf8'))
    this.#key = typeof key === 'string' ? key : null
    this.#expectKey = false
    this.#token = []
  }

  #endValue(): void {
    const value = Buffer.from(this.#token).toString('utf8')
    if (this.#key !== null && this.#members.size < 16)
      this.#members.set(this.#key, value.slice(0, MAX_TOKEN_BYTES))
    this.#key = null
    this.#expectKey = true
    this.#token = []
  }
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null // an unfinished or composite token: it is not an id
  }
}
