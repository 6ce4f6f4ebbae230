import type { Listed } from '../decision.ts'
import { elements, valueAt } from '../json-spans.ts'
import { isListed } from '../policy/listing.ts'
import { type Edit, keepElements } from './edits.ts'
import { refusedInside } from './embedded-requests.ts'
import { judgeTask } from './judge.ts'
import { isMembers, type Members, type ResponseMessage } from './message.ts'
import { imitatedMember, MEMBERS } from './protocol-members.ts'
import { circumstances, type Shim } from './shim.ts'

/** The lists: under which member their entries stand, and what names an entry. */
export const LISTS: ReadonlyMap<string, { readonly member: string; readonly name: string }> = new Map([
  ['tools/list', { member: 'tools', name: 'name' }],
  ['resources/list', { member: 'resources', name: 'uri' }],
  ['resources/templates/list', { member: 'resourceTemplates', name: 'uriTemplate' }],
  ['prompts/list', { member: 'prompts', name: 'name' }],
  ['tasks/list', { member: 'tasks', name: 'taskId' }],
])

const TEMPLATES_KEPT = 4096

export type Filtered =
  | { readonly ok: true; readonly edits: readonly Edit[]; readonly hidden: readonly string[] }
  | { readonly ok: false; readonly why: string }

/** Takes out of a list what policy can never allow. A list without the shape of its method is refused whole. */
export function filterList(method: string, message: ResponseMessage, shim: Shim): Filtered {
  const list = LISTS.get(method)
  const entries = list === undefined ? undefined : message.result?.[list.member]
  if (list === undefined || !Array.isArray(entries))
    return { ok: false, why: `the answer to ${method} holds no list` }
  const at = valueAt(message.text, ['result', list.member])?.start ?? 0
  const spans = elements(message.text, at)
  const hidden: string[] = []
  const shown = new Set<number>()
  for (const [index, entry] of entries.entries()) {
    const name = isMembers(entry) ? entry[list.name] : undefined
    if (!isMembers(entry) || typeof name !== 'string')
      return { ok: false, why: `an entry of ${method} has no ${list.name}` }
    const imitated = imitatedMember(entry, MEMBERS.entry)
    if (imitated !== null)
      return { ok: false, why: `a key in ${method} differs from \`${imitated}\` in case only` }
    const span = spans[index]
    const text = span === undefined ? '' : message.text.slice(span.start, span.end)
    if (isShown(method, name, entry, text, shim)) shown.add(index)
    else hidden.push(name)
  }
  if (method === 'tools/list') hideChanged(entries, shown, hidden, shim)
  if (method === 'resources/templates/list') rememberTemplates(entries, shown, shim)
  const edit = keepElements(message.text, at, (index) => shown.has(index))
  return { ok: true, edits: edit === null ? [] : [edit], hidden }
}

// An entry that was fine may have turned out, further down, to be one of two under its name.
function hideChanged(
  entries: readonly unknown[],
  shown: Set<number>,
  hidden: string[],
  { definitions }: Shim,
): void {
  for (const index of shown) {
    const entry = entries[index]
    const name = isMembers(entry) ? String(entry['name']) : ''
    if (definitions.get(name)?.changed !== true) continue
    shown.delete(index)
    hidden.push(name)
  }
}

// The oldest are forgotten, and then no longer completed.
function rememberTemplates(
  entries: readonly unknown[],
  shown: ReadonlySet<number>,
  { templates }: Shim,
): void {
  for (const index of shown) {
    const entry = entries[index]
    const template = isMembers(entry) ? entry['uriTemplate'] : undefined
    if (typeof template !== 'string') continue
    templates.delete(template)
    templates.add(template)
    const [oldest] = templates
    if (templates.size > TEMPLATES_KEPT && oldest !== undefined) templates.delete(oldest)
  }
}

function isShown(method: string, name: string, entry: Members, text: string, shim: Shim): boolean {
  if (method === 'tasks/list')
    return judgeTask(name, shim).effect === 'allow' && asksNothingRefused(entry, text, shim)
  if (method !== 'tools/list')
    return isListed(listedOf(method, name), shim.standing.listed, circumstances(shim))
  const { annotations, changed } = shim.definitions.see(name, entry, text)
  return !changed && isListed({ kind: 'tool', name, annotations }, shim.standing.listed, circumstances(shim))
}

// A listed task carries what `tasks/get` would tell of it.
function asksNothingRefused(entry: Members, text: string, shim: Shim): boolean {
  if (imitatedMember(entry, MEMBERS.result) !== null) return false
  return refusedInside(entry, text, () => 0, shim) === null
}

function listedOf(method: string, name: string): Listed {
  if (method === 'resources/list') return { kind: 'resource', uri: name }
  if (method === 'resources/templates/list') return { kind: 'resourceTemplate', uriTemplate: name }
  return { kind: 'prompt', name }
}
