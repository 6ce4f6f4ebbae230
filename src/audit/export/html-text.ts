import { visible } from '../../visible.ts'

/** How many characters of one text a page shows. */
export const SHOWN_CHARACTERS = 4000

// In a block they are what they look like.
const KEPT = '\n\t'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Writes foreign text as HTML that is nothing but that text. What would not be seen, or would reorder what is, stands as a
 * marked escape (`\u{202e}`), so that nobody takes it for one that was written out; line ends and tabs too unless `keep` names them.
 */
export function foreignHtml(text: string, keep = ''): string {
  if (visible(text, keep) === text) return escaped(text)
  const pieces = Array.from(text, (character) => {
    const shown = visible(character, keep)
    return shown === character ? escaped(character) : `<mark>${escaped(shown)}</mark>`
  })
  return pieces.join('')
}

/** Writes foreign text as a block of HTML, cut to what a page shows; `rest` says where the whole is. */
export function foreignBlock(text: string, rest: string): string {
  if (text.length <= SHOWN_CHARACTERS) return `<pre>${foreignHtml(text, KEPT)}</pre>`
  return `<pre>${foreignHtml(firstPart(text), KEPT)}</pre><p class="cut">${rest}</p>`
}

/** Writes a name that a client, a server or a file chose, within a line of ours; a dash where there is none. */
export function foreignName(name: string | null): string {
  if (name === null) return '–'
  return `<span class="foreign">${foreignHtml(name.length <= 200 ? name : `${name.slice(0, 200)}…`)}</span>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

// Not between the two halves of a character.
function firstPart(text: string): string {
  const part = text.slice(0, SHOWN_CHARACTERS)
  return /[\ud800-\udbff]$/.test(part) ? part.slice(0, -1) : part
}
