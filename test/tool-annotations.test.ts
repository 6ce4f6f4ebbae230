import { expect, it } from 'vitest'
import { annotationsOf } from '../src/tool-annotations.ts'

const absent = {
  title: '',
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: true,
}

it.each([
  ['nothing', undefined],
  ['no object', 7],
  ['a definition without hints', { name: 'x' }],
  ['hints of other types', { annotations: { title: 1, readOnlyHint: 'yes', destructiveHint: null } }],
])('given %s, has the defaults of the protocol', (_given, definition) => {
  expect(annotationsOf(definition)).toEqual(absent)
})

it('given hints, has them', () => {
  const annotations = {
    title: 'X',
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  }
  expect(annotationsOf({ annotations })).toEqual(annotations)
})
