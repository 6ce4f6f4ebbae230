/**
 * Folds a name so that two names which some parser takes for one fold to the same text. Lower, upper, lower: `ſ` folds
 * to `s`, the Kelvin sign to `k`, `ẞ` and `ß` to `ss`; a few more names than Unicode's simple folding says become equal,
 * never fewer.
 */
export function foldCase(name: string): string {
  const lower = name.toLowerCase()
  return isAscii(lower) ? lower : lower.toUpperCase().toLowerCase()
}

// Lower-casing can leave the ASCII range or enter it (the Kelvin sign does), so what counts is the lowered text.
function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}
