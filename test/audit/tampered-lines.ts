import { sha256 } from '../../src/digest.ts'

/** Makes the chain hold again from a line on, as one would who has no device key. Signatures stay as they were. */
function rechained(lines: readonly string[], from: number): string[] {
  const mended = [...lines]
  for (let index = Math.max(from, 1); index < mended.length; index += 1) {
    const digest = sha256(mended[index - 1] ?? '')
    mended[index] = (mended[index] ?? '').replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${digest}"`)
  }
  return mended
}

function swap(lines: readonly string[], one: number, other: number): string[] {
  return lines.map((line, index) => lines[index === one ? other : index === other ? one : index] ?? line)
}

type Replacement = (whole: string, part: string) => string

const edit = (index: number, from: string | RegExp, to: string | Replacement) => (lines: readonly string[]) =>
  lines.map((line, at) => {
    if (at !== index) return line
    return typeof to === 'string' ? line.replace(from, to) : line.replace(from, to)
  })

const without =
  (first: number, count = 1) =>
  (lines: readonly string[]) =>
    lines.toSpliced(first, count)

/** Puts more members behind a line's message as if they were part of it: `bytes` and `sha256` are of both. */
function behindMessage(index: number, members: string) {
  return edit(index, /,"bytes":\d+,"sha256":"\w+","message":(.*)\}$/, (_, message) => {
    const whole = message + members
    return `,"bytes":${Buffer.byteLength(whole)},"sha256":"${sha256(whole)}","message":${whole}}`
  })
}

/** Writes the device key with one of its unused bits set: another text for the same 32 bytes. */
function otherKeyText(lines: readonly string[]): string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return lines.map((line) =>
    line.replace(/("device":"ed25519:[\w-]{42})([\w-])/, (_, start: string, last: string) => {
      return `${start}${alphabet.charAt(alphabet.indexOf(last) + 1)}`
    }),
  )
}

/** What somebody without the device key did to the lines of a whole log, and what `verifySession` says of it. */
export const TAMPERED: readonly [string, (lines: readonly string[]) => readonly string[], string][] = [
  [
    'a value that was altered',
    edit(2, '"tools/call"', '"tools/cald"'),
    'record 2 (line 3) does not match the digest that the next one holds: one of the two was altered',
  ],
  [
    'a header that was altered',
    edit(0, 'alice-mbp', 'alice-mbq'),
    'record 0 (line 1) does not match the digest that the next one holds: one of the two was altered',
  ],
  [
    'a message that was altered',
    edit(2, '"id":1', '"id":7'),
    'record 2 (line 3) has a message that does not match its `sha256`',
  ],
  [
    'a message of another length',
    edit(2, '"id":1', '"id":17'),
    'record 2 (line 3) has a message that is not as long as `bytes` says',
  ],
  [
    'an altered line with the chain mended',
    (lines) => rechained(edit(2, '"tools/call"', '"tools/cald"')(lines), 3),
    'the signature of record 7 (line 8) does not hold',
  ],
  [
    'two lines that changed places',
    (lines) => swap(lines, 3, 5),
    'line 4 holds record 5, and record 3 stands after it: lines were reordered',
  ],
  ['a line that was taken out', without(3), 'record 3 is missing: line 4 holds record 4'],
  ['three lines that were taken out', without(2, 3), 'records 2 to 4 are missing: line 3 holds record 5'],
  ['all before the footer taken out', without(3, 4), 'records 3 to 6 are missing: line 4 holds record 7'],
  [
    'a line that stands twice',
    (lines) => lines.toSpliced(4, 0, lines[3] ?? ''),
    'line 5 holds record 3 a second time',
  ],
  [
    'a number that was altered',
    edit(3, '{"seq":3', '{"seq":9'),
    'record 3 (line 4) was altered: it calls itself 9',
  ],
  ['a line that was cut', edit(3, /.{9}$/, ''), 'record 3 (line 4) is not one JSON object'],
  ['an empty line', (lines) => lines.toSpliced(3, 0, ''), 'record 3 (line 4) is not one JSON object'],
  [
    'a line behind the footer',
    (lines) => [...lines, lines[7] ?? ''],
    'record 8 (line 9) stands after the footer',
  ],
  [
    'a key that stands twice',
    edit(2, '"from":"client"', '"from":"client","from":"client"'),
    'record 2 (line 3) has the key `from` twice',
  ],
  [
    'a key that stands twice further in',
    edit(2, '"why":"all allow"', '"why":"all allow","why":"x"'),
    'record 2 (line 3) has the key `why` twice',
  ],
  [
    'a space',
    edit(2, '"from":', '"from": '),
    'record 2 (line 3) is not written in the form of the log (spaces, escapes, forms of numbers)',
  ],
  [
    'a message that is not last',
    edit(2, /,"bytes":(\d+),(.*)\}$/, ',$2,"bytes":$1}'),
    'record 2 (line 3) does not have `message` as its last member',
  ],
  [
    'a member behind the message',
    behindMessage(2, ',"decision":{"effect":"deny"}'),
    'record 2 (line 3) has a message that is not what its last bytes are',
  ],
  [
    'a message without digest',
    edit(2, /,"sha256":"[0-9a-f]+"/, ''),
    'record 2 (line 3) has no valid `bytes` and `sha256`',
  ],
  [
    'a member before `seq`',
    edit(2, '{"seq"', '{"a":1,"seq"'),
    'record 2 (line 3) does not begin with `seq`, `at`, `kind` and `prev`',
  ],
  [
    'a kind that is none',
    edit(1, '"kind":"context"', '"kind":"contexts"'),
    'record 1 (line 2) is of a kind that the format does not have',
  ],
  [
    'a footer that was taken out, and a forged one',
    edit(7, '"denied":1', '"denied":0'),
    'the signature of record 7 (line 8) does not hold',
  ],
  [
    'a signature in another form',
    edit(7, /.{3}$/, '="}'),
    'the signature of record 7 (line 8) has no valid form',
  ],
  [
    'a second header',
    (lines) => rechained(edit(1, '"kind":"context"', '"kind":"header"')(lines), 2),
    'record 1 (line 2) is a second header',
  ],
  ['no header', without(0), 'record 0 (line 1) is not the header'],
  [
    'another format',
    edit(0, 'session/1', 'session/2'),
    'record 0 (line 1) is not of the format `hoopctl-session/1`',
  ],
  [
    'another device',
    edit(0, /"device":"ed25519:../, '"device":"ed25519:'),
    'record 0 (line 1) has no valid `device`',
  ],
  ['a device in another form', otherKeyText, 'record 0 (line 1) has no valid `device`'],
  [
    'a session that is no ULID',
    edit(0, /"session":"./, '"session":"9'),
    'record 0 (line 1) has no valid `session`',
  ],
  [
    'a number without a previous one',
    edit(0, '"number":1', '"number":2'),
    'record 0 (line 1) has no valid `previous`',
  ],
  [
    'a header without a server',
    edit(0, /,"server":.*$/, '}'),
    'record 0 (line 1) does not have the members of a header',
  ],
  [
    'a server without a command',
    edit(0, /"command":\[[^\]]*\]/, '"command":"x"'),
    'record 0 (line 1) has no valid `hoopctl`, `host`, `osUser` or `server`',
  ],
  ['nothing', () => [], 'there is no header'],
]
