import { describe, expect, it } from 'vitest'
import { foldCase } from '../src/fold-case.ts'

describe('foldCase', () => {
  it.each([
    ['s', 'ſ'],
    ['k', '\u212a'],
    ['å', '\u212b'],
    ['ß', 'ẞ'],
    ['σ', 'ς'],
    ['taskid', 'taſKID'],
    ['method', 'METHOD'],
    ['Ⓐ', 'ⓐ'],
    ['𐐀', '𐐨'],
  ])('folds `%s` and `%s` to one name', (one, other) => {
    expect(foldCase(one)).toBe(foldCase(other))
  })

  it.each([
    ['a', 'b'],
    ['i', 'j'],
    ['_meta', 'meta'],
    ['e', 'é'],
    ['a', 'а'], // the second is Cyrillic
  ])('keeps `%s` and `%s` apart', (one, other) => {
    expect(foldCase(one)).not.toBe(foldCase(other))
  })

  it('given any two characters that simple case folding calls equal, folds them to one, wherever they stand', () => {
    const cased = everyCodePoint().filter((character) =>
      /[\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}]/u.test(character),
    )
    const all = cased.join('')
    const places = (character: string) =>
      [character, `x${character}`, `${character}x`, `x${character}x`].map(foldCase)
    const apart = cased.flatMap((one) => {
      // The engine's own folding is the reference: the `i` flag with `u` is Unicode's simple case folding.
      const same = all.match(new RegExp(one, 'giu')) ?? []
      return same
        .filter((other) => places(one).join() !== places(other).join())
        .map((other) => `${one} ${other}`)
    })
    expect(apart).toEqual([])
    expect(cased.length).toBeGreaterThan(2500)
  })

  it('given more than simple folding calls equal, folds a few of them as well: to refuse more is safe', () => {
    expect([foldCase('ı'), foldCase('ß'), foldCase('ﬁ')]).toEqual(['i', 'ss', 'fi'])
  })

  it('given a folded name, folds it to itself', () => {
    const cased = everyCodePoint().filter((character) => /\p{Changes_When_Casemapped}/u.test(character))
    expect(cased.filter((character) => foldCase(foldCase(character)) !== foldCase(character))).toEqual([])
  })
})

function everyCodePoint(): string[] {
  const all: string[] = []
  for (let point = 0; point <= 0x10ffff; point++)
    if (point < 0xd800 || point > 0xdfff) all.push(String.fromCodePoint(point))
  return all
}
