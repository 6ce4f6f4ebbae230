/**
 * Finds a key that stands twice in one object of a valid JSON text; null where there is none. Readers differ
 * in which of two they take, so such a line says different things to different people.
 */
export function duplicateKey(text: string): string | null {
  const open: Set<string>[] = []
  for (const { token, isKey } of tokens(text)) {
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    if (!isKey) continue
    const key = String(JSON.parse(token))
    if (open.at(-1)?.has(key) === true) return key
    open.at(-1)?.add(key)
  }
  return null
}

// Brackets and strings are all that matters: in valid JSON, a string before a colon is a key.
function* tokens(text: string): Generator<{ readonly token: string; readonly isKey: boolean }> {
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if ('{}[]'.includes(character)) yield { token: character, isKey: false }
    if (character !== '"') continue
    const end = endOfString(text, at)
    yield { token: text.slice(at, end), isKey: /^\s*:/.test(text.slice(end, end + 64)) }
    at = end - 1
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
