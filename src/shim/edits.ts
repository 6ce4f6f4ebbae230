import { elements, members, type Member, type Span } from '../json-spans.ts'

/** A part of a text and what stands there afterwards. */
export interface Edit {
  readonly span: Span
  readonly text: string
}

/** Applies edits whose spans do not overlap. All else stays as the bytes that came. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let edited = ''
  let at = 0
  let added = false
  for (const { span, text: written } of edits.toSorted((a, b) => a.span.start - b.span.start)) {
    // Two members that are added to an object which had none: neither brought a comma.
    const comma = added && span.start === at && span.end === at && !edited.endsWith(',') ? ',' : ''
    edited += text.slice(at, span.start) + comma + written
    added = span.start === span.end
    at = span.end
  }
  return edited + text.slice(at)
}

/** Sets a member of the object at `at`: replaces its value, or adds it at the front. */
export function setMember(text: string, at: number, key: string, value: string): Edit {
  const all = members(text, at)
  const found = all.find((member) => member.key === key)
  if (found !== undefined) return { span: found.value, text: value }
  const comma = all.length === 0 ? '' : ','
  return { span: { start: at + 1, end: at + 1 }, text: `${JSON.stringify(key)}:${value}${comma}` }
}

/** Rewrites the object at `at` without some members; null where none is dropped. */
export function dropMembers(text: string, at: number, drop: (member: Member) => boolean): Edit | null {
  const all = members(text, at)
  const kept = all.filter((member) => !drop(member))
  if (kept.length === all.length) return null
  const written = kept.map((member) => text.slice(member.name.start, member.value.end))
  return { span: { start: at, end: endOf(text, at, all.at(-1)?.value.end) }, text: `{${written.join(',')}}` }
}

/** Rewrites the array at `at` without the elements that `keep` does not keep; null where all are kept. */
export function keepElements(text: string, at: number, keep: (index: number) => boolean): Edit | null {
  const all = elements(text, at)
  const kept = all.filter((_, index) => keep(index))
  if (kept.length === all.length) return null
  const written = kept.map((span) => text.slice(span.start, span.end))
  return { span: { start: at, end: endOf(text, at, all.at(-1)?.end) }, text: `[${written.join(',')}]` }
}

// The closing bracket is the first one behind the last member or element: only white space stands between.
function endOf(text: string, at: number, last: number | undefined): number {
  const close = text[at] === '{' ? '}' : ']'
  return text.indexOf(close, last ?? at + 1) + 1
}
