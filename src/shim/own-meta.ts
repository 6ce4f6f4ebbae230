import { elements, members, skipSpace } from '../json-spans.ts'
import { applyEdits, dropMembers, type Edit } from './edits.ts'

// Members under which hoopctl speaks for itself. What others send under such a name could pass for our word.
const OWN = /^hoopctl\//i

// What a tool's author or a model fills in is data, whatever its keys are called.
const DATA = new Set([
  'arguments',
  'structuredContent',
  'inputSchema',
  'outputSchema',
  'requestedSchema',
  'input',
])

/** A message's text, and whether any key in it begins with `hoopctl/`. */
interface Parsed {
  readonly text: string
  readonly ownKeys: boolean
}

/** Finds what must be cut so that no `_meta`, and no error's `data`, of a message says anything in hoopctl's name. */
export function ownMetaEdits({ text, ownKeys }: Parsed): Edit[] {
  if (!ownKeys) return []
  const edits: Edit[] = []
  walk(text, skipSpace(text, 0), edits)
  return edits
}

function walk(text: string, at: number, edits: Edit[]): void {
  if (text[at] === '[') for (const element of elements(text, at)) walk(text, element.start, edits)
  if (text[at] !== '{') return
  for (const { key, value } of members(text, at)) {
    if (DATA.has(key)) continue
    const speaks = (key === '_meta' || key === 'data') && text[value.start] === '{'
    const edit = speaks ? dropMembers(text, value.start, (member) => OWN.test(member.key)) : null
    if (edit === null) walk(text, value.start, edits)
    else edits.push({ span: edit.span, text: cleaned(edit.text) })
  }
}

// What is left of a rewritten object may hold another `_meta` that speaks so, at any depth.
function cleaned(text: string): string {
  const edits: Edit[] = []
  walk(text, 0, edits)
  return applyEdits(text, edits)
}
