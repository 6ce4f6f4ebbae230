type Rows = readonly (readonly string[])[]

/** How much room there is for columns, and which can be done without. */
export interface Room {
  /** In characters; undefined: as much as it takes, as in a file or a pipe. */
  readonly width: number | undefined
  /** Titles of columns, in the order in which they are left out. */
  readonly dispensable: readonly string[]
}

/**
 * Lays out rows in aligned columns, two spaces apart, one row a line; the first row holds the titles, the last column is
 * not padded. Columns are left out, whole, while the lines are too long for the room.
 */
export function columns(rows: Rows, { width = Number.POSITIVE_INFINITY, dispensable }: Room): string {
  let kept = rows
  for (const title of dispensable) {
    if (lineLength(kept) <= width) break
    kept = without(title, kept)
  }
  const widths = widthsOf(kept)
  const lines = kept.map((row) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  '))
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

function without(title: string, rows: Rows): Rows {
  const index = rows[0]?.indexOf(title) ?? -1
  return index === -1 ? rows : rows.map((row) => row.toSpliced(index, 1))
}

function lineLength(rows: Rows): number {
  const widths = widthsOf(rows)
  return widths.reduce((sum, width) => sum + width, 2 * (widths.length - 1))
}

function widthsOf(rows: Rows): readonly number[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  }
  return widths
}
