import { Writable } from 'node:stream'
import { answerAbsent } from './absent-server.ts'
import { answerHeld } from './answer-open.ts'
import { belongsToOpen } from './belongs-to-open.ts'
import type { Child } from './child.ts'
import type { Line } from './framing.ts'
import { Gate } from './gate.ts'
import type { HeldCall } from './held-calls.ts'
import { lookAtAnswers } from './look-at-answers.ts'
import { newShim, type SessionOptions } from './new-shim.ts'
import { type Pump, pump } from './pump.ts'
import { refuseFailed, sayBug } from './refuse.ts'
import { onClientLine } from './request-path.ts'
import { onServerLine } from './response-path.ts'
import { passStderr } from './server-stderr.ts'
import type { Shim } from './shim.ts'
import type { Authority } from './standing.ts'
import { stayAwake } from './stay-awake.ts'
import { StreamPeer } from './stream-peer.ts'
import { takeUp } from './take-up.ts'

/** The streams of a session, connected through the data path, and what is waited for. */
export interface Wires {
  readonly shim: Shim
  /** Makes up for a handshake that was answered before this session: to be called once it is known whether there is a server. */
  greet(): void
  /** The client closed its side, or stopped reading. */
  readonly closed: Promise<null>
  readonly signalled: Promise<NodeJS.Signals>
  /** The first request of the client was answered or sent. */
  readonly asked: Promise<null>
  /** Waits until no call steps aside any more; for 5 s at most. */
  nothingHeld(): Promise<void>
  /** Sends what is staged. */
  settle(): void
  /** Lets go of the calls that wait for a person or for the server's handshake, and answers that they were not sent. */
  leave(why: string): void
  /** Waits until the client has taken everything; `hurried`: for a second at most. */
  delivered(hurried: boolean): Promise<void>
  /** Lets go of the client's stream, so that the process can end. */
  close(): void
}

// So much may wait for a reader that stopped reading before the other side is held back as well.
const RESERVE_BYTES = 16 * 1024 * 1024
const HURRY_MS = 1000
// So many calls may wait for the server's list of tools before the client is held back.
const MAX_HELD = 256
const HELD_MS = 5000

/** Connects a client's streams with those of a server; without one, hoopctl answers alone. */
export function connect(options: SessionOptions, child: Child | null): Wires {
  const { stdin, stdout } = options.client
  const childStdin = child?.stdin ?? new Writable({ write: (_chunk, _encoding, done) => done() })
  const toClient = new StreamPeer(stdout)
  const toChild = new StreamPeer(childStdin)
  const later = (work: () => void) => {
    guarded(work, options.say)
    settle()
  }
  const shim = newShim(options, toClient, toChild, later)
  const closed = Promise.withResolvers<null>()
  const pumps: Pump[] = []
  const resume = () => pumps.forEach((one) => one.resume())
  const { settle, asked, nothingHeld } = settling(shim, toClient, toChild, resume)
  const { greeted, greet } = greeting(shim, options.greet)
  const clientEnded = () => closed.resolve(null)
  const carry: Carry = { options, shim, toClient, toChild, settle, greeted, clientEnded }
  pumps.push(pumpClient(carry), ...(child === null ? [] : [pumpChild(carry, child)]))
  const { stopListening, leave } = listening(shim, options)
  for (const stream of [stdout, childStdin]) stream.on('drain', resume)
  childStdin.on('close', resume)
  stdout.on('error', clientEnded) // nobody reads any more
  return {
    shim,
    greet,
    closed: closed.promise,
    signalled: new Promise((resolve) => options.onSignal(resolve)),
    asked,
    settle,
    leave,
    nothingHeld,
    delivered: (hurried) => drainedFrom(toClient, hurried),
    close: () => {
      stopListening()
      stdin.destroy()
    },
  }
}

function greeting(shim: Shim, greet: SessionOptions['greet']): Pick<Carry, 'greeted'> & Pick<Wires, 'greet'> {
  if (greet === null) return { greeted: null, greet: () => undefined }
  const greeted = Promise.withResolvers<void>()
  return { greeted: greeted.promise, greet: () => shim.later(() => greet(shim, greeted.resolve)) }
}

// Hears of what other processes change: who asks and what holds, and what people answered.
function listening(
  shim: Shim,
  { onAnswer }: SessionOptions,
): Pick<Wires, 'leave'> & { readonly stopListening: () => void } {
  const eachHeld = (work: (held: HeldCall) => void) => shim.later(() => shim.held.all().forEach(work))
  const stops = [
    shim.authority.onChange(() => shim.later(() => takeUp(shim))),
    onAnswer(() => eachHeld((held) => lookAtAnswers(held, shim))),
  ]
  return {
    leave: (why) =>
      shim.later(() => {
        shim.progress.giveUpGreeting?.(why, null)
        answerHeld(shim, why)
      }),
    stopListening: () => stops.forEach((stop) => stop()),
  }
}

function guarded(work: () => void, say: Shim['say']): void {
  try {
    work()
  } catch (failure) {
    sayBug(failure, say)
  }
}

// Sends what a chunk of either side led to, and tells what it changed for those who wait.
function settling(
  shim: Shim,
  toClient: StreamPeer,
  toChild: StreamPeer,
  resume: () => void,
): Pick<Wires, 'settle' | 'asked' | 'nothingHeld'> {
  const asked = Promise.withResolvers<null>()
  const free = Promise.withResolvers<void>()
  const awake = stayAwake(() => shim.clock.ms())
  let closing = false
  const settle = () => {
    shim.outbox.settle()
    awake(toChild.flush() + toClient.flush())
    if (shim.progress.begun) asked.resolve(null)
    if (shim.listing.waiting.length > 0) return
    if (closing) free.resolve()
    resume()
  }
  const nothingHeld = () => {
    closing = true
    settle()
    return within(HELD_MS, free.promise)
  }
  return { settle, asked: asked.promise, nothingHeld }
}

/** What the two directions share. */
interface Carry {
  readonly options: SessionOptions
  readonly shim: Shim
  readonly toClient: StreamPeer
  readonly toChild: StreamPeer
  readonly settle: () => void
  /** Settles when the client's lines may be taken; null: they may. */
  readonly greeted: Promise<void> | null
  readonly clientEnded: () => void
}

function pumpClient({ options, shim, toClient, toChild, settle, greeted, clientEnded }: Carry): Pump {
  const take = (line: Line) =>
    shim.progress.absent === null ? onClientLine(line, shim) : answerAbsent(line, shim)
  const failed = (line: Line, failure: unknown) => refuseFailed('client', line, failure, shim)
  const gated = { take, failed, settle, belongsToOpen: (line: Line) => belongsToOpen(line, shim) }
  const gate = new Gate(readiness(shim.authority.ready, greeted), gated, greeted !== null)
  return pump(options.client.stdin, shim.standing.policy.limits.messageBytes, {
    line: (line) => gate.pass(line),
    failed,
    settle,
    isFull: () =>
      gate.isFull ||
      toChild.isFull() ||
      toClient.isFull(RESERVE_BYTES) ||
      shim.listing.waiting.length >= MAX_HELD,
    ended: () => void emptied(gate, shim).then(clientEnded),
  })
}

// What a client said before it closed is still to be answered; a server that does not answer the handshake has as long for it
// as for its list of tools.
async function emptied(gate: Gate, shim: Shim): Promise<void> {
  await within(HELD_MS, gate.empty())
  shim.later(() => shim.progress.giveUpGreeting?.('its client closed', null))
  await gate.empty()
}

function readiness(ready: Authority['ready'], greeted: Promise<void> | null): Authority['ready'] {
  if (greeted === null) return ready
  // Greeted also where loading fails: the gate then opens all the same.
  return async () => void (await Promise.allSettled([ready?.(), greeted]))
}

function pumpChild({ options, shim, toClient, toChild, settle }: Carry, child: Child): Pump {
  passStderr(child.stderr, options.passStderr)
  return pump(child.stdout, shim.standing.policy.limits.messageBytes, {
    line: (line) => onServerLine(line, shim),
    failed: (line, failure) => refuseFailed('server', line, failure, shim),
    settle,
    isFull: () => toClient.isFull() || toChild.isFull(RESERVE_BYTES),
    ended: () => undefined, // the end of its process says more
  })
}

function drainedFrom(peer: StreamPeer, hurried: boolean): Promise<void> {
  const drained = new Promise<void>((resolve) => peer.drained(resolve))
  return hurried ? within(HURRY_MS, drained) : drained
}

function within(ms: number, promise: Promise<void>): Promise<void> {
  const patience = new Promise<void>((resolve) => {
    setTimeout(resolve, ms).unref()
  })
  return Promise.race([promise, patience])
}
