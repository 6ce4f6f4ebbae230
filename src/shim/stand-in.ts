import type { Readable, Writable } from 'node:stream'
import { answerUnrecorded, type Outlook } from './absent-server.ts'
import type { Line } from './framing.ts'
import { parseMessage, type RequestMessage } from './message.ts'
import { type Pump, pump } from './pump.ts'
import { refusedMessage } from './replies.ts'
import { StreamPeer } from './stream-peer.ts'

/** What a client said to a stand-in before there was a server. */
export interface Said {
  /** Its `initialize`, which was answered; null: it has not sent it. */
  readonly initialize: RequestMessage | null
  /** Whether it then said that its handshake is over, so that it may be told of changes. */
  readonly initialized: boolean
}

/** Whom a stand-in answers, and with what. */
export interface StandInParts {
  readonly client: { readonly stdin: Readable; readonly stdout: Writable }
  readonly maxBytes: number
  /** What stands for the server's name. */
  readonly label: string
  /** What each request hears. */
  readonly why: string
  /** What each request hears after that. */
  readonly outlook?: Outlook
}

/** Answers a client while nothing can decide for it: each request hears why, and nothing is let through. */
export class StandIn {
  /** What each request hears from now on. */
  why: string
  /** Settles when the client has gone. */
  readonly ended: Promise<void>
  readonly #pump: Pump
  #initialize: RequestMessage | null = null
  #initialized = false
  #over = false
  #handOver: PromiseWithResolvers<Said | null> | null = null
  #free: PromiseWithResolvers<void> | null = null

  constructor({ client, maxBytes, label, why, outlook }: StandInParts) {
    this.why = why
    const peer = new StreamPeer(client.stdout)
    const ended = Promise.withResolvers<void>()
    this.ended = ended.promise
    const end = () => {
      this.#over = true
      this.#tryToLetGo()
      ended.resolve()
    }
    this.#pump = pump(client.stdin, maxBytes, {
      line: (line) => {
        const answer = answerUnrecorded(line, label, this.why, outlook)
        this.#hear(line)
        if (answer !== null) peer.send(answer)
      },
      failed: () => peer.send(refusedMessage(null, { why: this.why, code: -32603, help: null })),
      settle: () => {
        peer.flush()
        this.#tryToLetGo()
      },
      isFull: () => peer.isFull(),
      ended: end,
    })
    client.stdout.on('error', end)
    client.stdout.on('drain', () => this.#pump.resume())
  }

  /** Whether the client has gone. */
  get over(): boolean {
    return this.#over
  }

  /** Settles when the client can be let go of, which it cannot in a line that is too long to be put back; or when it has gone. */
  free(): Promise<void> {
    this.#free ??= Promise.withResolvers()
    const { promise } = this.#free
    this.#tryToLetGo()
    return promise
  }

  /** Lets go of the client between two of its messages, for whoever reads on; null: it has gone. */
  handOver(): Promise<Said | null> {
    this.#handOver ??= Promise.withResolvers()
    this.#tryToLetGo()
    return this.#handOver.promise
  }

  #tryToLetGo(): void {
    if (this.#over || this.#pump.canHandBack()) {
      this.#free?.resolve()
      this.#free = null
    }
    if (this.#handOver === null) return
    if (this.#over) return this.#handOver.resolve(null)
    if (!this.#pump.handBack()) return // at the next chunk
    this.#handOver.resolve({ initialize: this.#initialize, initialized: this.#initialized })
  }

  #hear(line: Line): void {
    if (line.kind === 'oversize') return
    const parsed = parseMessage(line.bytes, { fold: true, caseSensitiveArguments: false })
    if (!parsed.ok || parsed.message.kind === 'response') return
    const { message } = parsed
    if (message.kind === 'request' && message.method === 'initialize') this.#initialize = message
    if (message.method === 'notifications/initialized') this.#initialized = this.#initialize !== null
  }
}
