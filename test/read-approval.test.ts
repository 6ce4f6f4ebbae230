import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Answer, Question } from '../src/approval.ts'
import {
  MAX_ANSWER_CHARACTERS,
  MAX_QUESTION_CHARACTERS,
  readAnswer,
  readQuestion,
} from '../src/read-approval.ts'
import { aDenial, ANA, anApproval, aQuestion, aReceipt, idOf } from './state/a-question.ts'

const QUESTIONS: readonly Question[] = [
  aQuestion(),
  aQuestion({
    server: { name: null, command: null, sha256: null, args: aQuestion().server.args, cwd: null },
    definition: null,
    definitionText: null,
    policy: { ...aQuestion().policy, version: null, signed: false },
    demand: { ...aQuestion().demand, remember: null, messages: [] },
    claims: { ...aQuestion().claims, client: null, earlier: [], note: 'it may have happened' },
  }),
]

const proven = (proof: Parameters<typeof anApproval>[1]) => anApproval(aQuestion(), proof)
const ANSWERS: readonly Answer[] = [
  aDenial(idOf(1)),
  aDenial(idOf(1), null),
  proven({ kind: 'oidc', idToken: 'a.b.c', jwk: { kty: 'RSA', any: [{ thing: 1 }] } }),
  proven({ kind: 'key', key: 'ssh-ed25519 AAAA', signature: '-----BEGIN' }),
  proven({ kind: 'terminal', user: 'ana', signature: 'abc' }),
  {
    kind: 'approve',
    receipt: aReceipt(aQuestion(), {
      binds: { session: '01SESSION' },
      edited: { arguments: '{"a":1.0}' },
      remember: { count: 3, until: '2026-11-05T13:00:00Z' },
    }),
  },
]

/** Paths to all members of all objects in a value. */
function pathsIn(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => [
    [name],
    ...pathsIn(member).map((path) => [name, ...path]),
  ])
}

/** A copy of a value in which the object that holds the last name of a path was changed. */
function changed(
  value: unknown,
  path: readonly string[],
  change: (object: object, name: string) => void,
): string {
  const copy: unknown = structuredClone(value)
  let at = copy
  for (const name of path.slice(0, -1)) at = Reflect.get(at as object, name) // as `pathsIn` found them
  change(at as object, path.at(-1) ?? '')
  return JSON.stringify(copy)
}

const READERS = [
  ...QUESTIONS.map((value) => ({ what: 'a question', read: readQuestion, value })),
  ...ANSWERS.map((value) => ({ what: 'an answer', read: readAnswer, value })),
]

describe.each(READERS)('$what', ({ read, value }) => {
  // What is in an issuer's key is the issuer's affair; a list may have fewer.
  const paths = pathsIn(value).filter((path) => !path.includes('jwk') || path.at(-1) === 'jwk')
  const members = paths.filter((path) => Number.isNaN(Number(path.at(-1))))

  it('given as it is written, is read as it is', () => {
    expect(read(JSON.stringify(value))).toEqual(value)
    expect(read(JSON.stringify(value, null, 2))).toEqual(value)
  })

  it('given without any one of its members, is none', () => {
    for (const path of members) {
      expect([path, read(changed(value, path, Reflect.deleteProperty))]).toEqual([path, null])
    }
  })

  it('given one member more, wherever, is none', () => {
    for (const path of members) {
      for (const more of ['more', 'toString', `${path.at(-1)}X`]) {
        const text = changed(value, path, (object) => Reflect.set(object, more, 1))
        expect([path, read(text)]).toEqual([path, null])
      }
    }
  })

  it('given a member of another type, is none', () => {
    const strange = fc.constantFrom<unknown>(-1, 1.5, 1e300, {}, [[]], [null], { a: 1 })
    fc.assert(
      fc.property(fc.constantFrom(...paths), strange, (path, other) => {
        fc.pre(path.at(-1) !== 'jwk' || Array.isArray(other) || typeof other !== 'object')
        expect(read(changed(value, path, (object, name) => Reflect.set(object, name, other)))).toBeNull()
      }),
    )
  })

  it('given a text with a member twice, or cut anywhere, is none', () => {
    const text = JSON.stringify(value)
    expect(read(`${text.slice(0, -1)},${text.slice(1)}`)).toBeNull()
    fc.assert(
      fc.property(fc.nat(text.length - 1), (end) => {
        expect(read(text.slice(0, end))).toBeNull()
      }),
    )
  })
})

it.each([
  ['an id', { approval: 'A-7K2P9QXL' }],
  ['an id', { approval: 'A-7K2P9QXMM' }],
  ['an id', { approval: 'A-7K2P9QXM\n' }],
  ['a digest', { call: 'A'.repeat(64) }],
  ['a digest', { challenge: 'a'.repeat(63) }],
  ['a time', { expires: '2026-02-30T00:00:00Z' }],
  ['a time', { asked: '2026-11-05T12:00:00+01:00' }],
  ['a time', { answerBy: `2026-11-05T12:00:00.${'0'.repeat(99)}Z` }],
  ['random bytes', { random: 'r'.repeat(44) }],
  ['a device', { device: `ed25519:${'A'.repeat(65)}` }],
  ['a label', { label: 'x'.repeat(16_385) }],
  ['people', { demand: { ...aQuestion().demand, each: [] } }],
  ['a proof', { demand: { ...aQuestion().demand, proof: 'none' as 'oidc' } }],
  ['a requester', { requester: { ...ANA, email: 'ana@example.com' } as Question['requester'] }],
  ['a text', { reasons: ['\ud800'] }],
])('given a question with %s that is none, is none', (_what, members) => {
  expect(readQuestion(JSON.stringify(aQuestion(members)))).toBeNull()
})

it('given a receipt that is bound to a session and to a requester, is none', () => {
  const binds = { session: '01SESSION', requester: ANA }
  expect(
    readAnswer(JSON.stringify({ kind: 'approve', receipt: aReceipt(aQuestion(), { binds }) })),
  ).toBeNull()
})

it.each([
  ['a question', readQuestion, aQuestion(), MAX_QUESTION_CHARACTERS],
  ['an answer', readAnswer, aDenial(idOf(1)), MAX_ANSWER_CHARACTERS],
] as const)(
  'given %s of the greatest length, reads it; given one character more, does not',
  (_what, read, value, most) => {
    const text = JSON.stringify(value).padEnd(most)
    expect([read(text), read(`${text} `)]).toEqual([value, null])
  },
)

it('given an issuer’s key with two members that differ in case only, is none', () => {
  const key = (jwk: Readonly<Record<string, unknown>>) =>
    readAnswer(JSON.stringify(proven({ kind: 'oidc', idToken: 'a', jwk })))
  expect([key({ kty: 'RSA', KTY: 'oct' }), key({ kty: 'RSA', ktz: 'oct' })]).toEqual([
    null,
    expect.anything(),
  ])
})

it.each(['', 'null', '[]', '"A-7K2P9QXM"', '{}', '[{}]', '{"kind":"approve"}'])(
  'given %s, is neither',
  (text) => {
    expect([readQuestion(text), readAnswer(text)]).toEqual([null, null])
  },
)
