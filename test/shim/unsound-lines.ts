import { call, request } from './messages.ts'

/** A line that is refused: its answer, and its twin that passes. */
export interface Unsound {
  readonly given: string
  readonly line: string
  readonly twin: string
  readonly id: number | null
  readonly code: number
  readonly why: string
}

const nested = (levels: number) =>
  `{"jsonrpc":"2.0","id":1,"method":"ping","params":${'{"a":'.repeat(levels - 2)}{}${'}'.repeat(levels - 2)}}`
const TWICE = 'an object in it has a key twice'
const CASE = 'an object in it has two keys that differ in case only'
const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
/** Lines that are refused for their form, each with what it is answered and a twin that passes. */
export const UNSOUND_LINES: readonly Unsound[] = [
  {
    given: 'no JSON',
    line: '{"jsonrpc":"2.0","id":1',
    twin: PING,
    id: null,
    code: -32700,
    why: 'it is not JSON',
  },
  { given: 'words', line: 'hello', twin: PING, id: null, code: -32700, why: 'it is not JSON' },
  {
    given: 'a batch',
    line: `[${PING}]`,
    twin: PING,
    id: null,
    code: -32600,
    why: 'it is a batch, which MCP has not',
  },
  {
    given: 'an empty batch',
    line: '[]',
    twin: PING,
    id: null,
    code: -32600,
    why: 'it is a batch, which MCP has not',
  },
  { given: 'a bare value', line: '"ping"', twin: PING, id: null, code: -32600, why: 'it is no JSON object' },
  { given: 'null', line: 'null', twin: PING, id: null, code: -32600, why: 'it is no JSON object' },
  {
    given: 'a key twice',
    line: '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}',
    twin: PING,
    id: 1,
    code: -32600,
    why: TWICE,
  },
  {
    given: 'a key twice, deep inside',
    line: call(1, 'a', { x: [{ y: 1 }] }).replace('"y":1', '"y":1,"y":2'),
    twin: call(1, 'a', { x: [{ y: 1 }] }),
    id: 1,
    code: -32600,
    why: TWICE,
  },
  {
    given: 'keys that differ in case, in arguments',
    line: call(1, 'a', { path: 1, Path: 2 }),
    twin: call(1, 'a', { path: 1, Paths: 2 }),
    id: 1,
    code: -32600,
    why: CASE,
  },
  {
    given: 'keys that differ as s and ſ',
    line: call(1, 'a', { sql: 1, ſql: 2 }),
    twin: call(1, 'a', { ſql: 2 }),
    id: 1,
    code: -32600,
    why: CASE,
  },
  {
    given: 'keys that differ as k and the Kelvin sign',
    line: call(1, 'a', { key: 1, '\u212aey': 2 }),
    twin: call(1, 'a', { '\u212aey': 2 }),
    id: 1,
    code: -32600,
    why: CASE,
  },
  {
    given: '`Method`',
    line: '{"jsonrpc":"2.0","id":1,"Method":"x","method":"ping"}',
    twin: PING,
    id: 1,
    code: -32600,
    why: CASE,
  },
  {
    given: '`Params` alone',
    line: '{"jsonrpc":"2.0","id":1,"method":"ping","Params":{}}',
    twin: '{"jsonrpc":"2.0","id":1,"method":"ping","extra":{}}',
    id: 1,
    code: -32600,
    why: 'a key in it differs from `params` in case only',
  },
  {
    given: '`Name` in params',
    line: request(1, 'tools/call', { name: 'a', argumentſ: {} }),
    twin: request(1, 'tools/call', { name: 'a', other: {} }),
    id: 1,
    code: -32602,
    why: 'a key in `params` differs from `arguments` in case only',
  },
  {
    given: '`ProgressToken` in _meta',
    line: call(1, 'a', {}, { _meta: { ProgressToken: 1 } }),
    twin: call(1, 'a', {}, { _meta: { progressToken: 1 } }),
    id: 1,
    code: -32602,
    why: 'a key in `_meta` differs from `progressToken` in case only',
  },
  {
    given: '`method` with `result`',
    line: '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}',
    twin: PING,
    id: 1,
    code: -32600,
    why: 'it has `method` together with `result` or `error`',
  },
  {
    given: '`method` with `error`',
    line: '{"jsonrpc":"2.0","id":1,"method":"ping","error":null}',
    twin: PING,
    id: 1,
    code: -32600,
    why: 'it has `method` together with `result` or `error`',
  },
  {
    given: 'half of a surrogate pair',
    line: call(1, 'a', { x: 1 }).replace('"x"', '"\\ud83d"'),
    twin: call(1, 'a', { '😀': 1 }),
    id: 1,
    code: -32600,
    why: 'it has half of a surrogate pair',
  },
  {
    given: 'half of a surrogate pair in a value',
    line: call(1, 'a', { x: 'y' }).replace('"y"', '"\\udc00"'),
    twin: call(1, 'a', { x: '\\udc00' }),
    id: 1,
    code: -32600,
    why: 'it has half of a surrogate pair',
  },
  {
    given: 'a carriage return',
    line: '{"jsonrpc":"2.0","id":1,\r"method":"ping"}',
    twin: '{"jsonrpc":"2.0","id":1,\t"method":"ping"}',
    id: 1,
    code: -32600,
    why: 'it has a carriage return that no newline follows',
  },
  {
    given: 'two carriage returns before the newline',
    line: `${PING}\r\r`,
    twin: PING,
    id: 1,
    code: -32600,
    why: 'it has a carriage return that no newline follows',
  },
  {
    given: '129 levels',
    line: nested(129),
    twin: nested(128),
    id: 1,
    code: -32600,
    why: 'it is nested deeper than 128 levels',
  },
  {
    given: 'a byte order mark',
    line: `\ufeff${PING}`,
    twin: PING,
    id: 1,
    code: -32600,
    why: 'it begins with a byte order mark',
  },
  {
    given: 'another version',
    line: '{"jsonrpc":"1.0","id":1,"method":"ping"}',
    twin: PING,
    id: 1,
    code: -32600,
    why: '`jsonrpc` is not "2.0"',
  },
  {
    given: 'no version',
    line: '{"id":1,"method":"ping"}',
    twin: PING,
    id: 1,
    code: -32600,
    why: '`jsonrpc` is not "2.0"',
  },
  {
    given: 'no method',
    line: '{"jsonrpc":"2.0","id":1}',
    twin: PING,
    id: 1,
    code: -32600,
    why: 'it has neither `method` nor `result` nor `error`',
  },
  {
    given: 'a method that is no string',
    line: '{"jsonrpc":"2.0","id":1,"method":["ping"]}',
    twin: PING,
    id: 1,
    code: -32600,
    why: '`method` is no string',
  },
  {
    given: 'params that are a list',
    line: '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}',
    twin: '{"jsonrpc":"2.0","id":1,"method":"ping","params":{}}',
    id: 1,
    code: -32602,
    why: '`params` is no object',
  },
  {
    given: 'params that are null',
    line: '{"jsonrpc":"2.0","id":1,"method":"ping","params":null}',
    twin: PING,
    id: 1,
    code: -32602,
    why: '`params` is no object',
  },
  {
    given: '_meta that is a list',
    line: request(1, 'ping', { _meta: [] }),
    twin: request(1, 'ping', { _meta: {} }),
    id: 1,
    code: -32602,
    why: '`_meta` is no object',
  },
  {
    given: 'a key with a NUL in it',
    line: request(1, 'tools/call', { name: 'a', arguments: { 'path\u0000': 1 } }),
    twin: request(1, 'tools/call', { name: 'a', arguments: { path: '\u0000' } }),
    id: 1,
    code: -32600,
    why: 'a key in it holds a NUL, at which some parsers end it',
  },
  ...['null', '1.5', 'true', '[1]', '{}', '9007199254740993', '1e400'].map((id) => {
    return {
      given: `the id ${id}`,
      line: PING.replace('"id":1', `"id":${id}`),
      twin: PING,
      id: null,
      code: -32600,
      why: 'its `id` is neither a string nor an integer',
    }
  }),
  ...['1.0', '1e0', '10E-1', '-0'].map((id) => {
    return {
      given: `the id ${id}`,
      line: request(1, 'tools/call', { name: 'a', arguments: { id: 1 } }).replace(
        '"id":1,"method"',
        `"id":${id},"method"`,
      ),
      twin: request(1, 'tools/call', { name: 'a', arguments: { x: { id: 1.5 } } }),
      id: id === '-0' ? 0 : 1,
      code: -32600,
      why: 'its `id` is neither a string nor an integer',
    }
  }),
]
