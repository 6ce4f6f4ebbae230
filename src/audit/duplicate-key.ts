/**
 * Finds a key that stands twice in one object of a valid JSON text; null where there is none. Readers differ
 * in which of two they take, so such a line says different things to different people.
 */
export function duplicateKey(text: string): string | null {
  const open: Set<string>[] = []
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '{' || character === '[') open.push(new Set())
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = endOfString(text, at)
      // In valid JSON, a string before a colon is a key.
      if (/^\s*:/.test(text.slice(end, end + 64))) {
        const key = String(JSON.parse(text.slice(at, end)))
        if (open.at(-1)?.has(key) === true) return key
        open.at(-1)?.add(key)
      }
      at = end - 1
    }
  }
  return null
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
