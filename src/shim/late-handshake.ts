import { valueAt } from '../json-spans.ts'
import { shorten } from '../visible.ts'
import { toldVersion } from './absent-server.ts'
import { noteClient } from './client-info.ts'
import type { Exchange } from './exchanges.ts'
import { rewrite } from './forward-request.ts'
import { tellListsChanged } from './lists-changed.ts'
import type { Members, RequestMessage, ResponseMessage } from './message.ts'
import { newExchange } from './new-exchange.ts'
import { ownMetaEdits } from './own-meta.ts'
import { refuseSilently, tooLong } from './refuse.ts'
import { treatAnswer } from './results.ts'
import type { Shim } from './shim.ts'
import type { Said } from './stand-in.ts'
import { takeUp } from './take-up.ts'

const NEGOTIATE = 'A person must restart the client, so that it negotiates the version with the server itself'
const MEND = 'A person can mend that and then restart the client'

/** What the server is asked, in whose words. */
interface Asked {
  readonly initialize: RequestMessage
  readonly exchange: Exchange
}

/**
 * Makes the handshake with the server in a client's own words, because hoopctl has answered the client alone until now.
 * The server's answer is read as any other and goes no further: the client has had one. Then the client is told that its
 * lists are other ones. Calls `done` when its requests may be read, also where there is no answer any more to wait for: see
 * `giveUpGreeting`. Nothing of it that needs a handshake was sent before.
 */
export function lateHandshake({ initialize, initialized }: Said, shim: Shim, done: () => void): void {
  const { progress } = shim
  if (initialize === null) return done()
  progress.handshake = true
  progress.initialized = initialized
  if (initialize.bytes.length > shim.standing.policy.limits.messageBytes) {
    refuseTooLong(initialize, shim)
    return done()
  }
  if (noteClient(initialize, shim)) takeUp(shim) // a grant may be for some clients only
  if (progress.absent !== null) return done() // there is nobody to greet
  const over = () => {
    progress.giveUpGreeting = null
    done()
  }
  const exchange: Exchange = {
    ...newExchange(initialize, null, null, shim),
    id: shim.listing.nextId(),
    progressToken: null, // nobody of the client's waits for it
    sent: true,
    receive: (answer) => {
      onAnswer(answer, { initialize, exchange }, shim)
      over()
    },
  }
  progress.giveUpGreeting = (why, help) => {
    shim.fromClient.end(exchange.id)
    fail(why, help, shim)
    over()
  }
  send(initialize, exchange, shim)
}

// Whoever took it had no policy that could say how long it may be.
function refuseTooLong({ bytes }: RequestMessage, shim: Shim): void {
  const why = tooLong(bytes.length, shim)
  refuseSilently('client', bytes, why, shim)
  fail(`what the client began with is refused: ${why}`, MEND, shim)
}

function send(initialize: RequestMessage, exchange: Exchange, shim: Shim): void {
  shim.fromClient.begin(exchange)
  const { number, id, method } = exchange
  const at = valueAt(initialize.text, ['id'])
  const ownId = at === undefined ? [] : [{ span: at, text: JSON.stringify(id) }]
  const { bytes } = rewrite(initialize, [...ownId, ...ownMetaEdits(initialize)], [])
  const why = 'its client was answered before there was a policy'
  const decision = { effect: 'allow', rules: [], why } as const
  shim.outbox.stage(
    { kind: 'request', from: 'hoopctl', exchange: number, method, decision },
    { bytes, payload: 'requests' },
    {
      kind: 'message',
      deliver: () => shim.child.send(bytes),
      withhold: () => shim.progress.giveUpGreeting?.('it could not be recorded', MEND),
    },
  )
}

function onAnswer(answer: ResponseMessage | null, { initialize, exchange }: Asked, shim: Shim): void {
  if (answer === null) return fail('the server’s answer was refused', MEND, shim)
  if (answer.result === null) return fail('the server answered with an error', MEND, shim)
  const other = otherVersion(answer.result, initialize)
  if (other !== null) return fail(other, NEGOTIATE, shim)
  const treated = treatAnswer(exchange, answer, shim) // what the server can do, and its instructions, are noted on the way
  if (!treated.ok) return fail(treated.why, MEND, shim)
  shim.progress.begun = true
  if (!shim.progress.initialized) return // its client says so itself, once it has got that far
  tellInitialized(shim)
  tellListsChanged(shim)
}

// Without help, hoopctl is about to end, and whoever ends it says why.
function fail(why: string, help: string | null, shim: Shim): void {
  const failed = `the handshake with the server failed: ${why}`
  // Whoever knows better why there is no server has said so before.
  shim.progress.absent ??= { why: help === null ? failed : `${failed}. ${help}`, ended: help === null }
  if (help !== null) shim.say(shim.progress.absent.why)
}

// The client speaks the version that it was told, and nobody can tell it another one any more.
function otherVersion({ protocolVersion }: Members, { params }: RequestMessage): string | null {
  const told = toldVersion(params)
  if (protocolVersion === told) return null
  const speaks = typeof protocolVersion === 'string' ? shorten(protocolVersion) : 'no version that it names'
  return `the server speaks ${speaks}, and the client was told ${shorten(String(told))} before there was a policy`
}

function tellInitialized(shim: Shim): void {
  const method = 'notifications/initialized'
  const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', method }))
  shim.outbox.stage(
    { kind: 'notification', from: 'hoopctl', method },
    { bytes, payload: 'requests' },
    { kind: 'message', deliver: () => shim.child.send(bytes), withhold: () => undefined },
  )
}
