// Control characters, line and paragraph separators, bidirectional controls, zero-width and other invisible characters:
// what could move the cursor, reorder the line or hide text in a terminal.
const DECEPTIVE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu

/**
 * Replaces each control, bidirectional or invisible character by its escape (`\u{1b}`, `\u{202e}`), so that text from a
 * client or server cannot deceive the person at the terminal. Tab and newline are escaped too unless `keep` names them.
 */
export function visible(text: string, keep = ''): string {
  return text.replace(DECEPTIVE, (character) =>
    keep.includes(character) ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

const SHOWN_CHARACTERS = 200

/** Cuts a name that a client or server chose, and that may have megabytes, to what a line can hold. */
export function shorten(name: string): string {
  return name.length <= SHOWN_CHARACTERS ? name : `${name.slice(0, SHOWN_CHARACTERS)}…`
}
