import { Writable } from 'node:stream'
import { answerAbsent } from './absent-server.ts'
import type { Child } from './child.ts'
import { newShim, type SessionOptions } from './new-shim.ts'
import { type Pump, pump } from './pump.ts'
import { refuseFailed } from './refuse.ts'
import { onClientLine } from './request-path.ts'
import { onServerLine } from './response-path.ts'
import { passStderr } from './server-stderr.ts'
import type { Shim } from './shim.ts'
import { StreamPeer } from './stream-peer.ts'

/** The streams of a session, connected through the data path, and what is waited for. */
export interface Wires {
  readonly shim: Shim
  /** The client closed its side, or stopped reading. */
  readonly closed: Promise<null>
  readonly signalled: Promise<NodeJS.Signals>
  /** The first request of the client was answered or sent. */
  readonly asked: Promise<null>
  /** Sends what is staged. */
  settle(): void
  /** Waits until the client has taken everything; `hurried`: for a second at most. */
  delivered(hurried: boolean): Promise<void>
  /** Lets go of the client's stream, so that the process can end. */
  close(): void
}

// So much may wait for a reader that stopped reading before the other side is held back as well.
const RESERVE_BYTES = 16 * 1024 * 1024
const HURRY_MS = 1000

/** Connects a client's streams with those of a server; without one, hoopctl answers alone. */
export function connect(options: SessionOptions, child: Child | null): Wires {
  const { stdin, stdout } = options.client
  const childStdin = child?.stdin ?? new Writable({ write: (_chunk, _encoding, done) => done() })
  const toClient = new StreamPeer(stdout)
  const toChild = new StreamPeer(childStdin)
  const shim = newShim(options, toClient, toChild)
  const asked = Promise.withResolvers<null>()
  const closed = Promise.withResolvers<null>()
  const settle = () => {
    shim.outbox.settle()
    toChild.flush()
    toClient.flush()
    if (shim.progress.exchanges > 0) asked.resolve(null)
  }
  const maxBytes = options.policy.limits.messageBytes
  const pumps: Pump[] = [
    pump(stdin, maxBytes, {
      line: (line) => (shim.progress.absent === null ? onClientLine(line, shim) : answerAbsent(line, shim)),
      failed: (line, failure) => refuseFailed('client', line, failure, shim),
      settle,
      isFull: () => toChild.isFull() || toClient.isFull(RESERVE_BYTES),
      ended: () => closed.resolve(null),
    }),
  ]
  if (child !== null) {
    passStderr(child.stderr, options.passStderr)
    pumps.push(
      pump(child.stdout, maxBytes, {
        line: (line) => onServerLine(line, shim),
        failed: (line, failure) => refuseFailed('server', line, failure, shim),
        settle,
        isFull: () => toClient.isFull() || toChild.isFull(RESERVE_BYTES),
        ended: () => undefined, // the end of its process says more
      }),
    )
  }
  const resume = () => pumps.forEach((one) => one.resume())
  stdout.on('drain', resume)
  childStdin.on('drain', resume)
  childStdin.on('close', resume)
  stdout.on('error', () => closed.resolve(null)) // nobody reads any more
  const signalled = new Promise<NodeJS.Signals>((resolve) => options.onSignal(resolve))
  const delivered = (hurried: boolean) =>
    new Promise<void>((resolve) => {
      toClient.drained(resolve)
      if (hurried) setTimeout(resolve, HURRY_MS).unref()
    })
  return {
    shim,
    closed: closed.promise,
    signalled,
    asked: asked.promise,
    settle,
    delivered,
    close: () => stdin.destroy(),
  }
}
