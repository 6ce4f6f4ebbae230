import { callDigest } from '../call-digest.ts'
import { valueAt } from '../json-spans.ts'
import { applyEdits } from './edits.ts'
import type { Asked, HeldCall } from './held-calls.ts'
import { parseMessage } from './message.ts'
import { askedCall } from './new-question.ts'
import { readClientRequest } from './read-request.ts'
import type { Shim } from './shim.ts'

/** A call with the arguments that a person wrote in place of the model's. */
export type EditedCall =
  | { readonly ok: true; readonly asked: Asked; readonly digest: string }
  | { readonly ok: false; readonly why: string }

/**
 * Makes the call that a person edited, read as strictly as one that comes from the client. Whether it fits the tool's
 * schema is looked at with its receipt. @param written the JSON text of the new arguments
 */
export function editedCall(held: HeldCall, written: string, shim: Shim): EditedCall {
  const { message, matter, question } = held
  if (!question.demand.edit || held.repeated) return refused('this call may not be edited')
  // A message is a line: what stood on a line of its own would be a message of its own to the server.
  if (/[\r\n]/u.test(written)) return refused('its arguments do not stand on one line')
  const span = valueAt(message.text, ['params', 'arguments'])
  if (matter.call.kind !== 'tool' || span === undefined) return refused('it has no arguments to edit')
  const bytes = Buffer.from(applyEdits(message.text, [{ span, text: written }]))
  const { caseSensitiveArguments } = shim.server
  const parsed = parseMessage(bytes, { fold: true, caseSensitiveArguments })
  if (!parsed.ok) return refused(`the edited call is refused: ${parsed.refusal.why}`)
  if (
    parsed.message.kind !== 'request' ||
    valueAt(parsed.message.text, ['params', 'arguments']) === undefined
  )
    return refused('the edited call is no request with arguments')
  const read = readClientRequest(parsed.message)
  if (!read.ok) return refused(`the edited call is refused: ${read.refusal.why}`)
  if (read.value.kind !== 'call') return refused('the edited call is another one')
  const asked = { ...held, message: parsed.message, matter: read.value }
  if (!sameButArguments(held, asked)) return refused('the edited call differs in more than its arguments')
  return { ok: true, asked, digest: callDigest(askedCall(asked, shim)) }
}

// An edit that closes the arguments and opens something else is one of the whole call.
function sameButArguments(before: Asked, after: Asked): boolean {
  const without = ({ message }: Asked) => {
    const span = valueAt(message.text, ['params', 'arguments'])
    return span === undefined ? null : applyEdits(message.text, [{ span, text: '{}' }])
  }
  return without(before) === without(after)
}

function refused(why: string): EditedCall {
  return { ok: false, why }
}
