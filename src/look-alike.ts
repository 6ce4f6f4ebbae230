/** A character that looks like another one: where it stands, in UTF-16 code units, and how many it takes. */
export interface LookAlike {
  readonly at: number
  readonly length: number
}

// Letters of other scripts that look like a Latin letter or digit in the fonts of terminals (Unicode's confusables,
// those with an ASCII letter, digit or sign as their prototype).
const LIKE_LATIN =
  /^[\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03b1\u03b9\u03bd\u03bf\u03c1\u03c3\u03c5\u03f2\u03f3\u03f9\u0405\u0406\u0408\u0410\u0412\u0415\u0417\u041a\u041c-\u041e\u0420-\u0423\u0425\u0430\u0433\u0435\u043a\u043e\u043f-\u0441\u0443\u0445\u0455\u0456\u0458\u0475\u04ae\u04af\u04bb\u04bd\u04c0\u04cf\u04e8\u04e9\u0501\u050c\u051b\u051d\u0555\u0561\u0563\u0566\u0570\u0578\u057d\u0581\u0582\u0584\u0585\u05c0\u05d5\u05d8\u05d9\u05df\u05e1\u0660\u0665\u0667\u06f0\u06f5\u13a0-\u13f4\u0d20\u1d0f\u2c85\u2c8f\u2c93\u2c9f\u2ca3\u2ca5\u2cbd]$/u

// Signs that look like those which have a meaning in paths, addresses and commands, and letters that look like signs.
const LIKE_SIGNS =
  /[\u01c0\u01c3\u02d0\u02f8\u037e\u0589\u05be\u05c0\u2010\u2011\u2024\u2044\u2052\u2212\u2215\u2216\u2223\u2236\u223c\u2796\u27cb\u27cd\u29f5\u29f6\u29f8\u29f9\u2a74\u3033\u4e36\u4e3f\ua789\ua78c\ufe52\ufe54\ufe55\ufe58\ufe63\ufe68]/u

// Of these two kinds one letter is enough: no language is written with them.
const STYLED =
  /[\u00aa\u0251\u0261\u026a\u0280\u1d00-\u1d22\u2100-\u214f\u2160-\u217f\u{1d400}-\u{1d7ff}\uff01-\uff5e]/u

// An escape (`\n`) is no part of the word that follows it.
const WORDS = /\\[nrtbf"\\]|[\p{L}\p{M}\p{N}]+/gu

// Japanese and Korean words have Latin letters in them as a matter of course.
const FOREIGN_LETTER =
  /[\p{L}--[\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Lm}\u00b5]]/v
const LATIN_LETTER = /\p{Script=Latin}/u

/**
 * Finds the characters of a text that look like others: letters of another script in a word with Latin ones (the fewer of
 * the two), words made only of letters that look Latin in a text that is not otherwise in their script, styled and
 * full-width letters, signs that look like `/`, `:`, `.`, `;`, `-`, and accents that stand apart from their letter.
 */
export function lookAlikes(text: string): readonly LookAlike[] {
  const ascii = /^[\u0000-\u007f]*$/u
  if (ascii.test(text)) return []
  const found = new Set<number>()
  const letters = Array.from(text).filter((character) => FOREIGN_LETTER.test(character))
  const isDisguised = letters.length > 0 && letters.every((letter) => LIKE_LATIN.test(letter))
  for (const { 0: word, index } of text.matchAll(WORDS)) {
    if (word.startsWith('\\') || ascii.test(word)) continue
    for (const at of inWord(word, isDisguised)) found.add(index + at)
  }
  for (const { index } of text.matchAll(new RegExp(`${LIKE_SIGNS.source}|${STYLED.source}`, 'gu')))
    found.add(index)
  for (const at of accentsApart(text)) found.add(at)
  return [...found]
    .toSorted((a, b) => a - b)
    .map((at) => ({ at, length: (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1 }))
}

function inWord(word: string, isDisguised: boolean): number[] {
  const latin = positions(word, LATIN_LETTER)
  const foreign = positions(word, FOREIGN_LETTER)
  if (latin.length > 0) return latin.length < foreign.length ? latin : foreign
  return isDisguised ? foreign : []
}

function positions(word: string, kind: RegExp): number[] {
  const found: number[] = []
  let at = 0
  for (const character of word) {
    if (kind.test(character)) found.push(at)
    at += character.length
  }
  return found
}

// `e` and an accent of its own are drawn as the letter `é` is, and are other bytes.
function accentsApart(text: string): number[] {
  return [...text.matchAll(/(?<letter>\P{M})(?<accent>\p{Mn})/gu)].flatMap((match) => {
    const { 0: both, index, groups } = match
    const composed = both.normalize('NFC')
    return composed.length < both.length ? [index + (groups?.['letter']?.length ?? 0)] : []
  })
}
