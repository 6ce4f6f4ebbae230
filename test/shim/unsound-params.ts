import { call, request } from './messages.ts'
import type { Unsound } from './unsound-lines.ts'

const completion = (more: object) =>
  request(1, 'completion/complete', {
    ref: { type: 'ref/prompt', name: 'a' },
    argument: { name: 'x', value: '' },
    ...more,
  })

/** Requests whose params have not the shape of their method. */
export const UNSOUND_PARAMS: readonly Unsound[] = [
  {
    given: 'a tool without a name',
    line: request(1, 'tools/call', {}),
    twin: call(1, 'a'),
    id: 1,
    code: -32602,
    why: '`params.name` is no string',
  },
  {
    given: 'a tool whose name is a list',
    line: request(1, 'tools/call', { name: ['a'] }),
    twin: call(1, 'a'),
    id: 1,
    code: -32602,
    why: '`params.name` is no string',
  },
  {
    given: 'arguments as a text',
    line: request(1, 'tools/call', { name: 'a', arguments: '{}' }),
    twin: request(1, 'tools/call', { name: 'a' }),
    id: 1,
    code: -32602,
    why: '`params.arguments` is no object',
  },
  {
    given: 'an address that is no string',
    line: request(1, 'resources/read', { uri: 1 }),
    twin: request(1, 'resources/read', { uri: 'file:///a' }),
    id: 1,
    code: -32602,
    why: '`params.uri` is no string',
  },
  {
    given: 'a prompt without a name',
    line: request(1, 'prompts/get', {}),
    twin: request(1, 'prompts/get', { name: 'a' }),
    id: 1,
    code: -32602,
    why: '`params.name` is no string',
  },
  {
    given: 'a completion of nothing',
    line: request(1, 'completion/complete', {
      ref: { type: 'ref/tool', name: 'a' },
      argument: { name: 'x', value: '' },
    }),
    twin: completion({}),
    id: 1,
    code: -32602,
    why: '`params.ref` names neither a prompt nor a resource',
  },
  {
    given: 'a completion of a number',
    line: request(1, 'completion/complete', {
      ref: { type: 'ref/prompt', name: 'a' },
      argument: { name: 'x', value: 9 },
    }),
    twin: request(1, 'completion/complete', {
      ref: { type: 'ref/prompt', name: 'a' },
      argument: { name: 'x', value: '9' },
    }),
    id: 1,
    code: -32602,
    why: '`params.argument` has no name or value',
  },
  {
    given: 'a completion with a number in its context',
    line: request(1, 'completion/complete', {
      ref: { type: 'ref/prompt', name: 'a' },
      argument: { name: 'x', value: '' },
      context: { arguments: { y: 1 } },
    }),
    twin: request(1, 'completion/complete', {
      ref: { type: 'ref/prompt', name: 'a' },
      argument: { name: 'x', value: '' },
      context: { arguments: { y: '1' } },
    }),
    id: 1,
    code: -32602,
    why: '`params.context.arguments` holds more than strings',
  },
  {
    given: 'a completion with a list for its context',
    line: completion({ context: [] }),
    twin: completion({ context: {} }),
    id: 1,
    code: -32602,
    why: '`params.context` is no object',
  },
  {
    given: 'a completion with `Arguments` in its context',
    line: completion({ context: { Arguments: { y: '1' } } }),
    twin: completion({ context: { arguments: { y: '1' } } }),
    id: 1,
    code: -32602,
    why: 'a key in `params.context` differs from `arguments` in case only',
  },
  {
    given: 'a completion with a text for the arguments in its context',
    line: completion({ context: { arguments: '{}' } }),
    twin: completion({ context: { arguments: {} } }),
    id: 1,
    code: -32602,
    why: '`params.context.arguments` is no object',
  },
  {
    given: 'a completion of an argument that its context holds too',
    line: completion({ context: { arguments: { y: '1', x: 'b' } } }),
    twin: completion({ context: { arguments: { y: '1' } } }),
    id: 1,
    code: -32602,
    why: '`params.context.arguments` holds the argument that is completed',
  },
  {
    given: 'a completion of an argument that its context holds in another case',
    line: completion({ context: { arguments: { X: 'b' } } }),
    twin: completion({ context: { arguments: { z: 'b' } } }),
    id: 1,
    code: -32602,
    why: '`params.context.arguments` holds the argument that is completed',
  },
  {
    given: 'a task without an id',
    line: request(1, 'tasks/get', { taskId: 7 }),
    twin: request(1, 'ping'),
    id: 1,
    code: -32602,
    why: '`params.taskId` is no string',
  },
  {
    given: 'a stream of nothing',
    line: request(1, 'subscriptions/listen', {}),
    twin: request(1, 'subscriptions/listen', { notifications: {} }),
    id: 1,
    code: -32602,
    why: '`params.notifications` is no object',
  },
]
