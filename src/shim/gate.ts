import type { Line } from './framing.ts'

// Of lines; a client that sends more before the gate opens waits.
const MAX_HELD = 256

/** What the gate stands before. */
export interface Gated {
  readonly take: (line: Line) => void
  readonly failed: (line: Line, failure: unknown) => void
  readonly settle: () => void
  /** Belongs this line to what is open, so that it is not decided on and somebody may wait for it? */
  readonly belongsToOpen: (line: Line) => boolean
}

/**
 * Holds a client's lines back, in their order, until conditions can be judged and the server was greeted. A first line that
 * is the handshake passes, and what belongs to something that is open: they need neither, and a server may answer nothing before
 * it was answered. What loads conditions is loaded when the next line comes.
 */
export class Gate {
  readonly #gated: Gated
  readonly #ready: () => Promise<void>
  readonly #opened = Promise.withResolvers<void>()
  #held: Line[] | null
  #first: boolean
  #loading = false

  /**
   * @param ready null: the gate is open
   * @param greeted Was the client's handshake answered already? Then nothing of it passes for being one.
   */
  constructor(ready: (() => Promise<void>) | null, gated: Gated, greeted = false) {
    this.#gated = gated
    this.#first = !greeted
    this.#ready = ready ?? (() => Promise.resolve())
    this.#held = ready === null ? null : []
  }

  /** Is it holding so many lines that the client must wait? */
  get isFull(): boolean {
    return (this.#held?.length ?? 0) >= MAX_HELD
  }

  pass(line: Line): void {
    if (this.#held === null) return this.#gated.take(line)
    const first = this.#first
    this.#first = false
    // Loading keeps this process busy for as long as a small server takes to answer, so it begins with the line after that.
    if ((first && isHandshake(line)) || this.#gated.belongsToOpen(line)) return this.#gated.take(line)
    this.#held.push(line)
    if (this.#loading) return
    this.#loading = true
    // What was said already is sent first: loading blocks.
    setImmediate(() => void this.#ready().then(this.#open, this.#open))
  }

  /** Settles when nothing is held. */
  empty(): Promise<void> {
    return this.#held === null || this.#held.length === 0 ? Promise.resolve() : this.#opened.promise
  }

  // Also where loading failed: conditions then fail, and the client hears of denials, not silence.
  readonly #open = (): void => {
    const held = this.#held ?? []
    this.#held = null
    for (const line of held) {
      try {
        this.#gated.take(line)
      } catch (failure) {
        this.#gated.failed(line, failure)
      }
    }
    this.#gated.settle()
    this.#opened.resolve()
  }
}

// What only looks like one is decided with conditions that fail, which permits nothing.
function isHandshake(line: Line): boolean {
  if (line.kind === 'oversize') return false
  const text = Buffer.from(
    line.bytes.buffer,
    line.bytes.byteOffset,
    Math.min(line.bytes.length, 4096),
  ).toString('latin1')
  return /"method"\s*:\s*"(?:initialize|server\/discover)"/.test(text)
}
