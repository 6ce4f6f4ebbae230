// What a terminal does not draw, draws as a space, or obeys: control and format characters, surrogates by themselves,
// private and unassigned ones, separators, what Unicode says may be ignored, blank letters, and every space but the one.
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]|(?! )\p{Zs}/gu

/** Finds the characters of a text that are not seen, by where they stand, in UTF-16 code units. */
export function unseenAt(text: string): readonly number[] {
  return Array.from(text.matchAll(UNSEEN), ({ index }) => index)
}

/** Replaces each character that is not seen by what `write` makes of it. */
export function replaceUnseen(text: string, write: (character: string) => string): string {
  return text.replace(UNSEEN, write)
}

/** Counts the characters of a text that are not seen. Line breaks and tabs do not count: texts are made of them. */
export function countUnseen(text: string): number {
  return unseenAt(text).filter((at) => !'\n\r\t'.includes(text.charAt(at))).length
}
