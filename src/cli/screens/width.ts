// East Asian wide and full-width characters and emoji, in coarse ranges: where they are too wide, a line only ends early.
const WIDE =
  /[\u1100-\u115f\u231a-\u231b\u2329-\u232a\u23e9-\u23f3\u25fd-\u25fe\u2614-\u2615\u2630-\u2637\u2648-\u2653\u267f\u268a-\u268f\u2693\u26a1\u26aa-\u26ab\u26bd-\u26be\u26c4-\u26c5\u26ce\u26d4\u26ea\u26f2-\u26fd\u2705\u270a-\u270b\u2728\u274c\u274e\u2753-\u2757\u2795-\u2797\u27b0\u27bf\u2b1b-\u2b1c\u2b50\u2b55\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f004}\u{1f0cf}\u{1f100}-\u{1f64f}\u{1f680}-\u{1faff}\u{20000}-\u{3fffd}]/u

const ASCII = /^[\u0020-\u007e]*$/u

/** Counts the columns that a text takes in a terminal, rather too many than too few. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length
  let width = 0
  for (const character of text) width += columnsOf(character)
  return width
}

/** Counts the columns of one character. */
export function columnsOf(character: string): number {
  if (/\p{Mn}/u.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

/** Cuts a text to some columns; one that is cut ends in `…`. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let kept = ''
  let width = 1
  for (const character of text) {
    width += columnsOf(character)
    if (width > columns) break
    kept += character
  }
  return columns < 1 ? '' : `${kept}…`
}

/** Fills a text up to some columns, or cuts it. */
export function column(text: string, columns: number): string {
  const cut = fit(text, columns)
  return cut + ' '.repeat(Math.max(0, columns - widthOf(cut)))
}
