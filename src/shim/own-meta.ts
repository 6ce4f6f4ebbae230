import { eachElement, eachMember, endOfValue, skipSpace } from '../json-spans.ts'
import type { Edit } from './edits.ts'

// Members under which hoopctl speaks for itself. What others send under such a name could pass for our word.
const OWN = /^hoopctl\//i
const SPEAKING = new Set(['_meta', 'data'])

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
  walk(text, skipSpace(text, 0), false, edits)
  return edits
}

// Each character is read once, at whatever depth: *seen*, 8 MB of nested arrays took 6 s when each level read what is
// in it. Returns the position behind the value.
function walk(text: string, at: number, speaks: boolean, edits: Edit[]): number {
  if (text[at] === '{') return walkObject(text, at, speaks, edits)
  if (text[at] !== '[') return endOfValue(text, at)
  return eachElement(text, at, (start) => walk(text, start, false, edits))
}

function walkObject(text: string, at: number, speaks: boolean, edits: Edit[]): number {
  let kept = false
  let cutFrom: number | null = null // a member that goes before any that stays: its comma is the one behind it
  let before = at + 1
  const end = eachMember(text, at, (key, name, start) => {
    if (cutFrom !== null) edits.push(cut(cutFrom, name.start))
    cutFrom = null
    const goes = speaks && OWN.test(key)
    const from = before
    const skipped = goes || DATA.has(key)
    before = skipped ? endOfValue(text, start) : walk(text, start, SPEAKING.has(key), edits)
    if (goes && kept) edits.push(cut(from, before))
    else if (goes) cutFrom = name.start
    else kept = true
    return before
  })
  if (cutFrom !== null) edits.push(cut(cutFrom, end - 1))
  return end
}

function cut(start: number, end: number): Edit {
  return { span: { start, end }, text: '' }
}
