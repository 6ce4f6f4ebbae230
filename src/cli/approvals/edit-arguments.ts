import { diffLines } from 'diff'
import { callDigest, challengeOf } from '../../call-digest.ts'
import { valueAt } from '../../json-spans.ts'
import { parseStrictJson } from '../../strict-json.ts'
import type { Edit } from '../screens/state.ts'
import { type Examined, examine, type Own } from './examine.ts'
import type { InboxEntry } from './inbox.ts'
import { withArguments } from './make-receipt.ts'
import { joined } from './pretty-json.ts'
import { schemaFault } from './schema-fault.ts'
import { editableJson, shownJson } from './shown-json.ts'

/** What came of an edit: a call to look at once more, or why there is none. */
export type Edited =
  | { readonly kind: 'edit'; readonly edit: Edit }
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly why: string }

/** Writes the arguments of a call as a text for an editor. */
export function argumentsText({ entry }: Examined): string {
  return joined(editableJson(argumentsOf(entry)))
}

/**
 * Takes the text that an editor left: it must be one sound JSON object that the tool's own schema accepts. The call with
 * these arguments is examined like any other, so it is decided again by the own policy.
 */
export async function takeEdit({ entry }: Examined, written: string, own: Own, now: Date): Promise<Edited> {
  const text = written.replaceAll('\r\n', '\n')
  const read = parseStrictJson(Buffer.from(text), { fold: false })
  if (!read.ok) return { kind: 'refused', why: `the arguments are not sound JSON: ${read.why}` }
  if (typeof read.value !== 'object' || read.value === null || Array.isArray(read.value))
    return { kind: 'refused', why: 'the arguments are not an object' }
  const fault = await schemaFault(read.value, entry.question.definitionText)
  if (fault !== null) return { kind: 'refused', why: fault }
  const args = editableJson(text)
    .map((line) => line.text)
    .join('') // on one line: so are the messages that it goes into
  const examined = examine({ ...entry, question: asked(entry, args) }, own, now)
  if (callDigest(examined.entry.question) === callDigest(entry.question)) return { kind: 'same' }
  return { kind: 'edit', edit: { examined, args, diff: difference(argumentsOf(entry), args) } }
}

function asked({ question }: InboxEntry, args: string): InboxEntry['question'] {
  const changed = withArguments(question, args)
  const call = callDigest(changed)
  return { ...changed, call, challenge: challengeOf({ ...changed, call, remember: null }) }
}

function argumentsOf({ question: { params } }: InboxEntry): string {
  const span = valueAt(params, ['arguments'])
  return span === undefined ? '{}' : params.slice(span.start, span.end)
}

function difference(before: string, after: string): Edit['diff'] {
  const [old, fresh] = [before, after].map((text) => joined(shownJson(text, true)))
  return diffLines(old ?? '', fresh ?? '').flatMap(({ value, added, removed }) => {
    const sign = added ? '+' : removed ? '-' : ' '
    const lines = value.split('\n').slice(0, -1)
    return lines.map((text) => ({ sign, text }) as const)
  })
}
