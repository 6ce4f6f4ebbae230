import { column, fit, widthOf } from './screens/width.ts'

type Rows = readonly (readonly string[])[]

/** What becomes of one column where the lines are too long. */
export interface Narrowing {
  readonly title: string
  /** Writes one of its cells shorter; null: the column is left out. */
  readonly shorter: ((cell: string) => string) | null
}

/** How much room there is for columns, and how they are made to fit. */
export interface Room {
  /** In characters; undefined: as much as it takes, as in a file or a pipe. */
  readonly width: number | undefined
  /** One after the other, as far as it takes. */
  readonly narrowings: readonly Narrowing[]
}

/** Rows as text, and the titles of the columns that had no room. */
export interface Columns {
  readonly text: string
  readonly leftOut: readonly string[]
}

/** Makes what cuts a cell to so many characters; what is cut ends in `…`. */
export function cutTo(width: number): (cell: string) => string {
  return (cell) => fit(cell, width)
}

/**
 * Lays out rows in aligned columns, two spaces apart, one row a line; the first row holds the titles, the last column is
 * not padded. While the lines are too long for the room, columns are narrowed, or left out.
 */
export function columns(rows: Rows, { width = Number.POSITIVE_INFINITY, narrowings }: Room): Columns {
  let kept = rows
  const leftOut: string[] = []
  for (const { title, shorter } of narrowings) {
    if (lineLength(kept) <= width) break
    const index = kept[0]?.indexOf(title) ?? -1
    if (index === -1) continue
    if (shorter === null) leftOut.push(title)
    kept = kept.map((row, line) => {
      if (shorter === null) return row.toSpliced(index, 1)
      return line === 0 ? row : row.with(index, shorter(row[index] ?? ''))
    })
  }
  const widths = widthsOf(kept)
  const lines = kept.map((row) => row.map((cell, index) => column(cell, widths[index] ?? 0)).join('  '))
  return { text: lines.map((line) => `${line.trimEnd()}\n`).join(''), leftOut }
}

function lineLength(rows: Rows): number {
  const widths = widthsOf(rows)
  return widths.reduce((sum, width) => sum + width, 2 * (widths.length - 1))
}

function widthsOf(rows: Rows): readonly number[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, widthOf(cell))
  }
  return widths
}
