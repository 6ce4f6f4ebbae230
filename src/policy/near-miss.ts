/** Gives ``, did you mean `tool`?`` when one of the known words is close to what was written, else nothing. */
export function didYouMean(written: string, known: Iterable<string>): string {
  const best = nearest(written, known)
  return best === null ? '' : `, did you mean \`${best}\`?`
}

/** Finds the known word that is close to what was written: at most a third of it differs, or one character; else null. */
export function nearest(written: string, known: Iterable<string>): string | null {
  if (written.length > 64) return null
  let best: string | null = null
  let bestDistance = Math.max(1, Math.floor(written.length / 3)) + 1
  for (const word of known) {
    const distance = editDistance(written.toLowerCase(), word.toLowerCase())
    if (distance < bestDistance) [best, bestDistance] = [word, distance]
  }
  return best
}

// Damerau's distance without repeated edits: `tolo` is one slip away from `tool`, not two.
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const line = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(
        (above[column] ?? 0) + 1,
        (line[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1)
      line.push(cost)
    }
    before = above
    above = line
  }
  return above[b.length] ?? 0
}
