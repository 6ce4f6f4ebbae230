import { userInfo } from 'node:os'

/** Finds the lines of `shown` that `actual` lacks at their place; `…` alone on a line stands for any number of lines. */
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
    const found = lines.indexOf(wanted, next)
    if (found === -1 || (!mayskip && found !== next)) missing.push(line)
    else next = found + 1
    mayskip = false
  }
  return missing
}

// Ids, times, the user's name, and how many records there are: checkpoints come with time.
function withoutWhatVaries(line: string): string {
  return line
    .replaceAll(/\b01[0-9A-HJKMNP-TV-Z]{24}\b/g, 'SESSION')
    .replaceAll(/\d{4}-\d\d-\d\d/g, 'DATE')
    .replaceAll(/\d\d:\d\d:\d\d(?:\.\d+)?/g, 'TIME')
    .replaceAll(/\b\d+ records\b/g, 'N records')
    .replaceAll(/\brecord \d+ \(line \d+\)/g, 'record N')
    .replaceAll(new RegExp(`(?<=\\s)${userInfo().username}(?=\\s)`, 'g'), 'alice')
    .replaceAll(/ +/g, ' ')
    .trim()
}
