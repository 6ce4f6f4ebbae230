import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldCase } from '../src/fold-case.ts'
import { MAX_DEPTH, parseStrictJson } from '../src/strict-json.ts'

const whyOf = (bytes: Uint8Array | string, fold = true) => {
  const strict = parseStrictJson(Buffer.from(bytes), { fold })
  return strict.ok ? null : strict.why
}

const DISGUISED =
  'a key in it writes a letter, a digit, `_`, `.` or `-` as an escape, which some parsers may misread'

describe('parseStrictJson', () => {
  it.each([
    { given: 'a key twice', text: '{"a":1,"a":2}', why: 'an object in it has a key twice' },
    {
      given: 'a key twice, once escaped',
      text: '{"é":1,"\\u00e9":2}',
      why: 'an object in it has a key twice',
    },
    {
      given: 'a letter in a key as an escape',
      text: '{"a":[{"dry\\u0052un":1}]}',
      why: DISGUISED,
    },
    {
      given: 'a dash in a key as an escape, behind others',
      text: '{"\\n\\"\\u00e9\\u002d" : 1}',
      why: DISGUISED,
    },
    {
      given: 'a key twice, deep inside',
      text: '[{"x":[{"a":1,"b":2,"a":3}]}]',
      why: 'an object in it has a key twice',
    },
    { given: 'an empty key twice', text: '{"":1,"":2}', why: 'an object in it has a key twice' },
    {
      given: '`__proto__` twice',
      text: '{"__proto__":1,"__proto__":2}',
      why: 'an object in it has a key twice',
    },
    {
      given: 'keys that differ in case',
      text: '{"a":1,"A":2}',
      why: 'an object in it has two keys that differ in case only',
    },
    { given: 's and ſ', text: '{"s":1,"ſ":2}', why: 'an object in it has two keys that differ in case only' },
    {
      given: 'k and the Kelvin sign',
      text: '{"k":1,"\\u212a":2}',
      why: 'an object in it has two keys that differ in case only',
    },
    { given: 'half of a pair, escaped', text: '["\\ud83d"]', why: 'it has half of a surrogate pair' },
    { given: 'half of a pair in a key', text: '{"\\uDE00":1}', why: 'it has half of a surrogate pair' },
    {
      given: 'a pair in the wrong order',
      text: '["\\ude00\\ud83d"]',
      why: 'it has half of a surrogate pair',
    },
    {
      given: 'a carriage return',
      text: '{"a":1,\r"b":2}',
      why: 'it has a carriage return that no newline follows',
    },
    {
      given: '129 levels',
      text: '['.repeat(129) + ']'.repeat(129),
      why: 'it is nested deeper than 128 levels',
    },
    {
      given: '129 levels of objects',
      text: '{"a":'.repeat(129) + '1' + '}'.repeat(129),
      why: 'it is nested deeper than 128 levels',
    },
    {
      given: 'a key that ends in a backslash',
      text: '[{"a\\\\":1}]',
      why: 'a key in it has a backslash, after which some parsers misread other keys',
    },
    {
      given: 'a key with a backslash in it',
      text: '[{"\\\\u0064":1}]',
      why: 'a key in it has a backslash, after which some parsers misread other keys',
    },
    { given: 'no JSON', text: '{"a":1', why: 'it is not JSON' },
    { given: 'a trailing comma', text: '[1,]', why: 'it is not JSON' },
    { given: 'two values', text: '1 2', why: 'it is not JSON' },
    { given: 'a raw control character in a string', text: '"\t"', why: 'it is not JSON' },
    { given: 'nothing', text: '', why: 'it is not JSON' },
  ])('given $given, refuses [INV-3]', ({ text, why }) => {
    expect(whyOf(text)).toBe(why)
  })

  it.each([
    { given: 'the same key in two objects', text: '[{"a":1},{"a":2},{"b":{"a":1},"a":1}]' },
    { given: 'a key and the same text as a value', text: '{"a":"a","b":"a"}' },
    { given: 'a whole pair, escaped', text: '["\\ud83d\\ude00"]' },
    { given: 'an escaped backslash before a `u`', text: '["\\\\ud83d"]' },
    { given: 'an escaped carriage return', text: '["\\r"]' },
    { given: '128 levels', text: '['.repeat(128) + ']'.repeat(128) },
    { given: 'brackets inside strings', text: JSON.stringify(['['.repeat(500), '\\"{', '"']) },
    { given: 'escaped quotes in keys', text: '{"a\\"":1,"a":2,"a\\/\\u003c\\u00e9b":3}' },
    { given: 'a letter in a value as an escape', text: '{"a":"\\u0061","b":["\\u0062"]}' },
    { given: 'a value that ends in a backslash', text: '{"a":"\\\\"}' },
    { given: 'white space everywhere', text: ' { "a" : [ 1 , { } ] , "b" : { "a" : 2 } } ' },
  ])('given $given, accepts [INV-3]', ({ text }) => {
    expect(parseStrictJson(Buffer.from(text), { fold: true })).toEqual({
      ok: true,
      text,
      value: JSON.parse(text),
      isHollow: false,
      ownKeys: false,
    })
  })

  it.each(['{"_meta":{"hoopctl/decision":1}}', '{"a":[{"HOOPCTL\\u002fx":1}]}', '{"hoopctl\\/x":1}'])(
    'given a key that begins with hoopctl/, says so: %s',
    (text) =>
      expect(parseStrictJson(Buffer.from(text), { fold: true })).toMatchObject({ ok: true, ownKeys: true }),
  )

  it.each([
    { given: 'a byte that begins nothing', bytes: [0x22, 0xff, 0x22] },
    { given: 'an overlong slash', bytes: [0x22, 0xc0, 0xaf, 0x22] },
    { given: 'an encoded surrogate', bytes: [0x22, 0xed, 0xa0, 0x80, 0x22] },
    { given: 'a cut character', bytes: [0x22, 0xe2, 0x82, 0x22] },
  ])('given $given, refuses it as UTF-8 and reads no id out of it', ({ bytes }) => {
    const strict = parseStrictJson(Buffer.from(bytes), { fold: true })
    expect(strict).toEqual({ ok: false, why: 'it is not valid UTF-8', json: null })
  })

  it('given a byte order mark, refuses, and tells what stands behind it', () => {
    const strict = parseStrictJson(Buffer.from('\ufeff{"id":1}'), { fold: true })
    expect(strict).toEqual({ ok: false, why: 'it begins with a byte order mark', json: { value: { id: 1 } } })
  })

  it('given keys that differ in case and no folding, accepts them but not a key twice', () => {
    expect(whyOf('{"a":1,"A":2}', false)).toBe(null)
    expect(whyOf('{"a":1,"a":2}', false)).toBe('an object in it has a key twice')
  })

  it('accepts exactly what a slow reading of the same text finds no fault in', () => {
    fc.assert(
      fc.property(spoiltJson(), fc.boolean(), (text, fold) => {
        expect(whyOf(text, fold) === null).toBe(isFaultless(text, fold))
      }),
      { numRuns: 3000 },
    )
  })
})

describe('a Node.js that reads what a client may send', () => {
  // Keys as they are spelled, and others that are what stands there: V8 takes the one for the other.
  const letter = fc.constantFrom('a', 'b', 'p', '7', '"', '\\', '\n', '/', 'é', 'u', '0')
  const spelling = fc.tuple(
    fc.array(letter, { minLength: 1, maxLength: 5 }),
    fc.array(fc.nat(2), { minLength: 5 }),
  )
  const key = spelling.map(([letters, how]) => {
    const raw = letters.map((each, place) => spelledAs(each, how[place] ?? 0)).join('')
    return { raw, seed: JSON.stringify(raw.slice(0, letters.length)) }
  })

  it('reads each text as hoopctl does, whatever it read before [ATK-PARSER] [INV-3]', () => {
    const texts = fc
      .sample(fc.tuple(key, fc.nat(400)), 20_000)
      .flatMap(([{ raw, seed }, base]) => [`{"q${base}":1,${seed}:1}`, `{"q${base}":1,"${raw}":1}`])
    const passed = texts.flatMap((text) => {
      const strict = parseStrictJson(Buffer.from(text), { fold: true })
      return strict.ok ? [{ text, read: JSON.stringify(strict.value) }] : []
    })
    const script =
      'for (const line of require("node:fs").readFileSync(0, "utf8").split("\\n")) console.log(JSON.stringify(JSON.parse(line)))'
    const input = passed.map(({ text }) => text).join('\n')
    const read = execFileSync(process.execPath, ['-e', script], {
      input,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    })
    expect(read.trimEnd().split('\n')).toEqual(passed.map(({ read: ours }) => ours))
    expect(passed.length).toBeGreaterThan(5000)
  })
})

function spelledAs(letter: string, how: number): string {
  const plain = JSON.stringify(letter).slice(1, -1)
  return how === 0 ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : plain
}

describe('parseStrictJson without long strings', () => {
  const hollow = (from: number, fits: (text: string, at: readonly number[]) => boolean = () => true) => ({
    fold: false,
    hollow: { from, fits },
  })
  const whys = (text: string, options: Parameters<typeof parseStrictJson>[1]) => {
    const strict = parseStrictJson(Buffer.from(text), options)
    return strict.ok ? null : strict.why
  }

  it('given a long value, gives it empty in text and value, and tells where it stood', () => {
    const text = '{"id":1,"long":"[\\"é😀\\u0061","a":["short",{"b":"long as well"}]}'
    const places: unknown[] = []
    const strict = parseStrictJson(
      Buffer.from(text),
      hollow(6, (without, at) => places.push(without, at) > 0),
    )
    const without = '{"id":1,"long":"","a":["short",{"b":""}]}'
    expect(strict).toEqual({
      ok: true,
      text: without,
      value: JSON.parse(without),
      isHollow: true,
      ownKeys: false,
    })
    expect(places).toEqual([without, [without.indexOf('""'), without.lastIndexOf('""')]])
  })

  it.each([
    { given: 'a reader that wants it', text: '["longer"]', fits: false },
    { given: 'no long one', text: '["lon"]', fits: true },
    { given: 'a long key', text: '{"longer":[1]}', fits: true },
    { given: 'a long key, then a space', text: '{"longer" :1}', fits: true },
  ])('given $given, gives all', ({ text, fits }) => {
    const strict = parseStrictJson(
      Buffer.from(text),
      hollow(4, () => fits),
    )
    expect(strict).toEqual({ ok: true, text, value: JSON.parse(text), isHollow: false, ownKeys: false })
  })

  it('finds the same faults as in all of it, wherever they are [INV-3]', () => {
    fc.assert(
      fc.property(spoiltJson(), fc.integer({ min: 0, max: 3 }), (text, from) => {
        expect(whys(text, hollow(from))).toBe(whyOf(text, false))
      }),
      { numRuns: 3000 },
    )
  })

  it('given a string of any bytes, takes it where JSON.parse does [INV-3]', () => {
    const part = fc.constantFrom(
      '\\',
      '"',
      'u',
      '\\ud83d',
      '\\uDE',
      '\\ude0',
      'd83d',
      'DE00',
      '00',
      'x',
      '\n',
      '\t',
      '\u001f',
      'é',
      'n',
      '/',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = `{"a":["${parts.join('')}"]}`
        expect(whys(text, hollow(0))).toBe(whyOf(text, false))
      }),
      { numRuns: 5000 },
    )
  })
})

describe('parseStrictJson with an exempt path', () => {
  const exempt = [['x', 'y']]
  const why = (text: string) => {
    const strict = parseStrictJson(Buffer.from(text), { fold: true, exempt })
    return strict.ok ? null : strict.why
  }

  it('looks for case only outside of it', () => {
    const text = '{"x":{"y":{"a":1,"A":2,"n":{"b":1,"B":2}}},"z":1}'
    expect(why(text)).toBe(null)
    expect(whyOf(text)).toBe('an object in it has two keys that differ in case only')
    expect(why(text.replace('"z"', '"X"'))).toBe('an object in it has two keys that differ in case only')
  })

  it('still finds a key twice inside it', () => {
    expect(why('{"x":{"y":{"a":1,"a":2}}}')).toBe('an object in it has a key twice')
  })
})

// JSON texts of few keys, so that they collide, spelled in several ways, and some of them damaged.
function spoiltJson(): fc.Arbitrary<string> {
  const key = fc.constantFrom(
    '"a"',
    '"A"',
    '"\\u0061"',
    '"s"',
    '"ſ"',
    '"k"',
    '"\u212a"',
    '""',
    '"\\ud83d"',
    '"😀"',
    '"\\\\"',
    '"\\""',
  )
  const space = fc.constantFrom('', '', '', ' ', '\n', '\r', '\t')
  const { value } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.oneof(key, fc.constantFrom('1', '-0', '1e400', 'null', 'true')),
      tie('object'),
      tie('array'),
    ),
    object: fc
      .array(fc.tuple(space, key, space, tie('value')), { maxLength: 3 })
      .map((all) => `{${all.map(([a, name, b, inner]) => `${a}${name}${b}:${inner}`).join(',')}}`),
    array: fc.array(tie('value'), { maxLength: 3 }).map((all) => `[${all.join(',')}]`),
  }))
  const deep = fc
    .tuple(fc.integer({ min: 120, max: 135 }), value)
    .map(([n, inner]) => '['.repeat(n) + inner + ']'.repeat(n))
  const cut = fc.tuple(value, fc.nat(20)).map(([text, at]) => Array.from(text).toSpliced(at, 1).join(''))
  return fc.oneof(
    { weight: 6, arbitrary: value },
    { weight: 1, arbitrary: deep },
    { weight: 1, arbitrary: cut },
  )
}

// Recursive descent that builds what it reads and compares all keys with all: slow, and simple enough to be believed.
function isFaultless(text: string, fold: boolean): boolean {
  try {
    JSON.parse(text)
  } catch {
    return false
  }
  if (text.includes('\r')) return false
  let at = 0
  const space = () => {
    while (' \n\t'.includes(text[at] ?? '.')) at++
  }
  const string = (): string => {
    const start = at++
    while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    const decoded: string = JSON.parse(text.slice(start, ++at))
    if (!decoded.isWellFormed()) throw new Error('half of a pair')
    return decoded
  }
  const value = (depth: number): void => {
    space()
    if (depth > MAX_DEPTH && '[{'.includes(text[at] ?? '.')) throw new Error('deep')
    if (text[at] === '"') string()
    else if (text[at] === '{' || text[at] === '[') container(depth)
    else while (!' \n\t,]}'.includes(text[at] ?? ',')) at++
    space()
  }
  const container = (depth: number): void => {
    const keys: string[] = []
    const isObject = text[at++] === '{'
    for (space(); !']}'.includes(text[at] ?? ']'); ) {
      if (isObject) {
        const from = at
        const key = string()
        if (keys.some((other) => other === key || (fold && foldCase(other) === foldCase(key))))
          throw new Error('twice')
        if (fold && key.includes('\\')) throw new Error('seed')
        if (fold && /\\u00(?:[46][1-9a-f]|[57][0-9a]|5f|3\d|2[de])/iu.test(text.slice(from, at)))
          throw new Error('disguised')
        keys.push(key)
        space()
        at++
      }
      value(depth + 1)
      if (text[at] === ',') at++
      space()
    }
    at++
  }
  try {
    value(1)
    return true
  } catch {
    return false
  }
}
