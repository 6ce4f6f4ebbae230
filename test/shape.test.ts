import { expect, it } from 'vitest'
import { either, exactly, type Is, listOf, matching, oneOf, orNull, text, whole } from '../src/shape.ts'

/** Which of these values pass. */
const passing = (is: Is<unknown>, ...values: unknown[]) => values.filter(is)

it('given an object, only one that has exactly these members as its own passes', () => {
  const is = exactly<{ readonly name: string }>({ name: text(3) })
  const heir: unknown = Object.assign(Object.create({ name: 'a' }) as object, { other: 1 })
  const strange = [heir, { name: 'a', more: 1 }, {}, { name: 'abcd' }, ['a'], null, 'name', undefined]
  expect(passing(is, { name: 'a' }, ...strange)).toEqual([{ name: 'a' }])
})

it('given lists, only those of so many pass, all of them of the kind', () => {
  const is = listOf(text(1), 2, 1)
  expect(passing(is, ['a'], ['a', 'b'], [], ['a', 'b', 'c'], ['a', 1], 'a', { 0: 'a', length: 1 })).toEqual([
    ['a'],
    ['a', 'b'],
  ])
})

it.each<[string, Is<unknown>, unknown[], unknown[]]>([
  ['what may be null', orNull(text(1)), ['a', null], [undefined, 1]],
  ['one of two', either(text(1), whole(0, 1)), ['a', 1], [2, null]],
  ['one of some', oneOf('a', true), ['a', true], ['b', false, 'true', 1]],
  ['a text', text(2), ['', 'ab'], ['abc', 1, ['a']]],
  ['a text that matches', matching(/^a+$/u), ['aa'], ['', 'ab', ['a']]],
  ['a whole number', whole(0, 5), [0, 5], [-1, 6, 1.5, '1', Number.NaN, Infinity]],
])('given %s, passes; given another, does not', (_title, is, good, bad) => {
  expect(passing(is, ...good, ...bad)).toEqual(good)
})
