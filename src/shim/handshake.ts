import { valueAt } from '../json-spans.ts'
import { couldEverAllow } from '../policy/listing.ts'
import { dropMembers, type Edit, setMember } from './edits.ts'
import { isMembers, type ResponseMessage } from './message.ts'
import type { Shim } from './shim.ts'

/** The answer to `initialize` or `server/discover`, trimmed to what policy could ever allow. */
export interface Trimmed {
  readonly edits: readonly Edit[]
  readonly hidden: readonly string[]
}

const LISTED = ['tools', 'resources', 'prompts'] as const

/**
 * Trims the capabilities. They are read once by clients, so one stays as the server gave it unless no rule could ever
 * allow anything of it, and `listChanged: true` is added: what is allowed may change. Changed instructions are hidden.
 */
export function trimHandshake(message: ResponseMessage, shim: Shim): Trimmed {
  const { text, result } = message
  const edits: Edit[] = []
  const hidden: string[] = []
  const capabilities = valueAt(text, ['result', 'capabilities'])
  if (capabilities !== undefined && isMembers(result?.['capabilities'])) {
    const unusable = unusableCapabilities(shim)
    hidden.push(...Object.keys(result['capabilities']).filter((name) => unusable.has(name)))
    const dropped = dropMembers(text, capabilities.start, (member) => unusable.has(member.key))
    const kept = LISTED.filter((name) => isMembers(member(result, name)) && !unusable.has(name))
    for (const name of kept) shim.progress.announced.add(name)
    // Dropping rewrites the object, so what changes inside it is done on the rewritten text.
    const rewritten = announceChanges(dropped?.text ?? text.slice(capabilities.start, capabilities.end), kept)
    edits.push({ span: capabilities, text: rewritten })
  }
  const instructions = instructionsEdit(message, shim)
  if (instructions !== null) edits.push(instructions.edit)
  if (instructions?.hidden === true) hidden.push('instructions')
  return { edits: edits.filter((edit) => text.slice(edit.span.start, edit.span.end) !== edit.text), hidden }
}

// Changed instructions are hidden. Where everything is denied they begin with the one sentence that helps: *seen* to reach
// the model.
function instructionsEdit(
  { text, result }: ResponseMessage,
  { definitions, standing }: Shim,
): { readonly edit: Edit; readonly hidden: boolean } | null {
  const { blocked } = standing
  const first =
    blocked === null ? '' : `${capitalized(blocked.why)}, so nothing is allowed yet. ${blocked.help}`
  const given = result?.['instructions']
  const span = valueAt(text, ['result', 'instructions'])
  if (typeof given !== 'string' || span === undefined) {
    const at = valueAt(text, ['result'])
    if (first === '' || at === undefined || span !== undefined) return null
    return { edit: setMember(text, at.start, 'instructions', JSON.stringify(first)), hidden: false }
  }
  const hidden = !definitions.acceptsInstructions(given)
  if (!hidden && first === '') return null
  const left = [first, hidden ? '' : given].filter((part) => part !== '').join('\n\n')
  return { edit: { span, text: JSON.stringify(left) }, hidden }
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function announceChanges(capabilities: string, names: readonly string[]): string {
  let text = capabilities
  for (const name of names) {
    const span = valueAt(text, [name])
    if (span === undefined) continue
    const { span: at, text: value } = setMember(text, span.start, 'listChanged', 'true')
    text = text.slice(0, at.start) + value + text.slice(at.end)
  }
  return text
}

// By what anybody could get, not by what holds now: a client never comes back for what it was not told of.
function unusableCapabilities({ standing }: Shim): ReadonlySet<string> {
  const rules = standing.possible
  const unusable = new Set<string>()
  const tools = couldEverAllow('tool', rules)
  const resources = couldEverAllow('resource', rules)
  const prompts = couldEverAllow('prompt', rules)
  if (!tools) unusable.add('tools')
  if (!resources) unusable.add('resources')
  if (!prompts) unusable.add('prompts')
  if (!resources && !prompts) unusable.add('completions')
  if (!tools && !resources && !prompts) unusable.add('tasks')
  return unusable
}

function member(result: Readonly<Record<string, unknown>>, name: string): unknown {
  return isMembers(result['capabilities']) ? result['capabilities'][name] : undefined
}
