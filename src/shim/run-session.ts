import type { FooterBody } from '../records.ts'
import { answerOpen } from './answer-open.ts'
import { type Child, describeEnding, type Ending } from './child.ts'
import { connect, type Wires } from './connect.ts'
import type { SessionOptions } from './new-shim.ts'

/** How a session ended: for its footer, and as hoopctl's exit code. */
interface End {
  readonly end: FooterBody['end']
  readonly exitCode: number
}

interface Cause {
  end: FooterBody['end']
  signal: NodeJS.Signals | null
}

// SDK clients close stdin, wait 2 s, send SIGTERM, wait 2 s, kill: by then the server's group must be gone.
const FINISH_PATIENCE_MS = 5000
const SIGNAL_NUMBERS: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
}
const NOT_STARTED = 8

/** Runs one session: carries the messages of both sides until one ends, and returns hoopctl's exit code. */
export async function runSession(options: SessionOptions): Promise<number> {
  const { child, command, log } = options
  const failure = child === null ? (command.failure ?? 'it has no command') : await child.started
  const wires = connect(options, failure === null ? child : null)
  const { end, exitCode } =
    child === null || failure !== null ? await standIn(wires, failure ?? '') : await untilEnd(wires, child)
  await wires.delivered(end === 'signal')
  const { exchanges, allowed, asked, denied } = wires.shim.progress
  log.close({ end, exitCode, exchanges, allowed, asked, denied })
  wires.close()
  return exitCode
}

// The server cannot be started, which a person may mend meanwhile: the client hears the reason, not silence.
async function standIn(wires: Wires, failure: string): Promise<End> {
  const { shim, closed, signalled } = wires
  const mend = 'A person must mend that and then restart the client'
  const why = `the server \`${shim.server.label}\` did not start: ${failure}. ${mend}`
  shim.progress.absent = { why, ended: false }
  shim.say(why)
  wires.greet()
  const signal = await Promise.race([closed, signalled])
  if (signal === null) return { end: 'server-not-started', exitCode: NOT_STARTED }
  return { end: 'signal', exitCode: codeOf(signal) }
}

async function untilEnd(wires: Wires, child: Child): Promise<End> {
  const { shim, closed, signalled, asked } = wires
  wires.greet()
  const cause: Cause = { end: 'server-exited', signal: null }
  void closed.then(async () => {
    if (cause.end === 'server-exited') cause.end = 'client-closed'
    wires.leave('its client closed')
    await wires.nothingHeld() // a call that steps aside was sent before the client closed, so it is still to be sent
    child.stop(FINISH_PATIENCE_MS)
  })
  void signalled.then((signal) => {
    // SDK clients close first and signal after 2 s: then it was still the client that closed.
    if (cause.end !== 'client-closed') {
      cause.end = 'signal'
      cause.signal = signal
    }
    wires.leave('the session was ended by a signal')
    child.stop(0)
  })
  const ending = await child.ended
  const reason = `the server \`${shim.server.label}\` ended (${describeEnding(ending)})`
  const unbidden = cause.end === 'server-exited'
  if (unbidden) shim.progress.absent = { why: reason, ended: true }
  answerOpen(shim, reason)
  wires.settle()
  if (unbidden) {
    shim.say(reason)
    // Who asks first of a server that ended at once hears why.
    await Promise.race([asked, closed, signalled])
  }
  if (cause.signal !== null) return { end: 'signal', exitCode: codeOf(cause.signal) }
  return cause.end === 'client-closed'
    ? { end: 'client-closed', exitCode: 0 }
    : { end: cause.end, exitCode: serverCode(ending) }
}

function serverCode(ending: Ending): number {
  return ending.kind === 'exited' ? ending.code : codeOf(ending.signal)
}

function codeOf(signal: NodeJS.Signals): number {
  return 128 + (SIGNAL_NUMBERS[signal] ?? 0)
}
