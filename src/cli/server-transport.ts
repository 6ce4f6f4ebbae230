import {
  type JSONRPCMessage,
  ReadBuffer,
  serializeMessage,
  type Transport,
} from '@modelcontextprotocol/client'
import type { Child } from '../shim/child.ts'

const PATIENCE_MS = 500

/**
 * Connects the SDK's client to a server that hoopctl started itself. The SDK's own transport would leave behind what the
 * server started, and does not wait for its end.
 */
export class ServerTransport implements Transport {
  onclose?: (() => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  onmessage?: (<T extends JSONRPCMessage>(message: T) => void) | undefined
  readonly #child: Child
  readonly #received = new ReadBuffer()

  constructor(child: Child) {
    this.#child = child
  }

  async start(): Promise<void> {
    const failure = await this.#child.started
    if (failure !== null) throw new Error(failure)
    this.#child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk))
    void this.#child.ended.then(() => this.onclose?.())
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.#child.stdin.write(serializeMessage(message))
  }

  /** Ends the server and all that it started, and waits for that. */
  async close(): Promise<void> {
    if ((await this.#child.started) !== null) return
    this.#child.stop(PATIENCE_MS)
    await this.#child.ended
  }

  #receive(chunk: Buffer): void {
    try {
      this.#received.append(chunk)
      for (
        let message = this.#received.readMessage();
        message !== null;
        message = this.#received.readMessage()
      ) {
        this.onmessage?.(message)
      }
    } catch (failure) {
      this.onerror?.(failure instanceof Error ? failure : new Error(String(failure)))
    }
  }
}
