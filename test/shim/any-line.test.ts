import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CLIENT_NOTIFICATIONS,
  CLIENT_REQUESTS,
  SERVER_NOTIFICATIONS,
  SERVER_REQUESTS,
} from '../../src/shim/methods.ts'
import { benchOfOne } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'

const POLICY = `
rules:
  - allow: { tool: a }
  - allow: { resource: "file:///docs/**" }
  - allow: { prompt: p }
  - allow: { serverRequest: [roots, elicitation.url] }`

// Messages of which each part may be anything: the right thing, something like it, or something else altogether.
const odd = fc.constantFrom<unknown>(
  null,
  true,
  0,
  -1,
  1.5,
  '',
  'x',
  [],
  {},
  [[]],
  [{}],
  { a: [null] },
  '__proto__',
  1e21,
)
const names = fc.constantFrom<unknown>(
  'a',
  'b',
  'p',
  'file:///docs/a',
  'file:///etc',
  'file:///docs/{x}',
  't',
  's',
  1,
  2,
)
const METHODS = [CLIENT_REQUESTS, CLIENT_NOTIFICATIONS, SERVER_REQUESTS, SERVER_NOTIFICATIONS].flatMap(
  (table) => [...table.keys()],
)
const methods = fc.oneof(fc.constantFrom<unknown>(...METHODS, 'constructor', '__proto__'), odd)
const KEYS = `name arguments uri cursor _meta ref argument context task taskId requestId progressToken notifications
  inputRequests inputResponses clientInfo mode elicitationId url tools resources resourceTemplates prompts tasks content
  contents messages resultType instructions capabilities nextCursor cacheScope code message data elicitations type value
  resourceSubscriptions taskIds toolsListChanged method params io.modelcontextprotocol/subscriptionId
  io.modelcontextprotocol/protocolVersion io.modelcontextprotocol/clientInfo hoopctl/decision annotations id Name __proto__`
const keys = fc.constantFrom(...KEYS.trim().split(/\s+/))
const { members } = fc.letrec<{ members: object; any: unknown }>((tie) => ({
  members: fc
    .array(fc.tuple(keys, tie('any')), { maxLength: 5 })
    .map((entries) => Object.fromEntries(entries)),
  any: fc.oneof({ maxDepth: 4 }, names, odd, methods, fc.array(tie('any'), { maxLength: 3 }), tie('members')),
}))
const plausible = fc.record(
  {
    name: names,
    uri: names,
    taskId: names,
    requestId: names,
    arguments: members,
    _meta: members,
    ref: members,
  },
  { requiredKeys: ['name', 'uri', 'taskId', 'requestId'] },
)
const params = fc.oneof(members, odd, { weight: 4, arbitrary: plausible })
const ids = fc.oneof(fc.nat(20), fc.constantFrom<unknown>('1', 's', undefined, null, 1.5))
const message = fc.oneof(
  fc.record(
    { jsonrpc: fc.constant('2.0'), id: ids, method: methods, params },
    { requiredKeys: ['jsonrpc', 'method'] },
  ),
  fc.record({ jsonrpc: fc.constant('2.0'), id: ids, result: fc.oneof(members, odd) }),
  fc.record({
    jsonrpc: fc.constant('2.0'),
    id: ids,
    error: fc.oneof(members, fc.constant({ code: -32042, message: 'x' })),
  }),
)
const line = fc.oneof(
  { weight: 20, arbitrary: message.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', '')) },
)
const steps = fc.array(fc.tuple(fc.constantFrom('client' as const, 'server' as const), line), {
  minLength: 20,
  maxLength: 60,
})

describe('any lines of either side', () => {
  it('never break the data path, and nothing that is denied gets through [INV-1]', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const bench = await benchOfOne(POLICY)
        await knowTools(bench, { name: 'a' }, { name: 'b' })
        const asked: { method?: string; params: { name?: string; uri?: string } }[] = []
        const told: { method?: string; result?: { _meta?: unknown }; error?: { data?: unknown } }[] = []
        for (const [from, text] of all) {
          const { client, server } = await bench[from](text)
          asked.push(...server.map((sent) => JSON.parse(sent)))
          told.push(...client.map((sent) => JSON.parse(sent)))
        }
        const allowed: Record<string, (params: { name?: string; uri?: string }) => boolean> = {
          'tools/call': ({ name }) => name === 'a',
          'prompts/get': ({ name }) => name === 'p',
          'resources/read': ({ uri }) => uri?.startsWith('file:///docs/') === true,
          'sampling/createMessage': () => false,
        }
        expect(bench.said.filter((said) => said.startsWith('a bug'))).toEqual([])
        expect(asked.filter(({ method = '', params }) => allowed[method]?.(params) === false)).toEqual([])
        expect(told.filter(({ method = '' }) => method === 'sampling/createMessage')).toEqual([])
        expect(told.flatMap(({ result, error }) => [result?._meta, error?.data]).filter(isForged)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

// Every decision of hoopctl names its effect; none of the values that the parts are made of does.
function isForged(spoken: unknown): boolean {
  const text = JSON.stringify(spoken) ?? ''
  return text.startsWith('{"hoopctl/decision":') && !text.startsWith('{"hoopctl/decision":{"effect":')
}
