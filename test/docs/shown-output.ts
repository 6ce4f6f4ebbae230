import { userInfo } from 'node:os'

/**
 * Finds the lines of `shown` that `actual` lacks at their place; `…` alone on a line stands for any number of lines, within
 * a line for any text.
 */
export function missingLines(shown: string, actual: string): readonly string[] {
  const lines = actual.split('\n').map(withoutWhatVaries)
  const missing: string[] = []
  let next = 0
  let mayskip = false
  for (const line of shown.trimEnd().split('\n')) {
    const wanted = withoutWhatVaries(line)
    if (wanted === '…') {
      mayskip = true
      continue
    }
    const found = lines.findIndex((line, index) => index >= next && fits(line, wanted))
    if (found === -1 || (!mayskip && found !== next)) missing.push(line)
    else next = found + 1
    mayskip = false
  }
  return missing
}

function fits(line: string, wanted: string): boolean {
  if (!wanted.includes('…')) return line === wanted
  const parts = wanted.split('…').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'u').test(line)
}

// Ids, times, the user's name, and how many records there are: checkpoints come with time.
function withoutWhatVaries(line: string): string {
  return line
    .replaceAll(/\b01[0-9A-HJKMNP-TV-Z]{24}\b/g, 'SESSION')
    .replaceAll(/\bA-[0-9A-HJKMNP-TV-Z]{8}\b/g, 'APPROVAL')
    .replaceAll(/\d{4}-\d\d-\d\d/g, 'DATE')
    .replaceAll(/\d\d:\d\d:\d\d(?:\.\d+)?/g, 'TIME')
    .replaceAll(/\b\d+ records\b/g, 'N records')
    .replaceAll(/\brecord \d+(?: \(line \d+\))?/g, 'record N')
    .replaceAll(new RegExp(`(?<=\\s)${userInfo().username}(?=\\s)`, 'g'), 'alice')
    .replaceAll(/ +/g, ' ')
    .trim()
}

/** Splits what stands behind `$ ` into the command and what it prints; a backslash before the line end continues the command. */
export function commandAndOutput(part: string): { readonly command: string; readonly shown: string } {
  const end = /(?<!\\)\n/.exec(part)?.index ?? part.length
  return { command: part.slice(0, end), shown: part.slice(end + 1) }
}
