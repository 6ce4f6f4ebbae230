import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { connect } from './connect.ts'
import { connectV2, type Era } from './connect-v2.ts'
import { Inbox } from './inbox.ts'
import type { Workspace } from './workspace.ts'

/** The stock clients that there are: the first SDK, and the second in each of its manners. */
export type Kind = 'v1' | `v2 ${Era}`

/** What became of a call, in the words of whichever SDK made it. */
export interface Outcome {
  /** The call came back as an error: of the tool, or of the protocol. */
  readonly failed: boolean
  readonly text: string
  /** `hoopctl/decision`, where there is one. */
  readonly decision: Readonly<Record<string, unknown>> | null
  /** The code of a protocol error. */
  readonly code: number | null
}

/** A stock client of either generation, that counts what it is asked. */
export interface AnyClient extends AsyncDisposable {
  readonly tools: () => Promise<readonly string[]>
  readonly resources: () => Promise<readonly string[]>
  readonly templates: () => Promise<readonly string[]>
  readonly prompts: () => Promise<readonly string[]>
  readonly call: (name: string, args?: Record<string, unknown>) => Promise<Outcome>
  readonly read: (uri: string) => Promise<Outcome>
  readonly prompt: (name: string) => Promise<Outcome>
  /** Asks to be told when the tools change. */
  readonly listen: () => Promise<void>
  /** What the server asked of this client. */
  readonly asked: readonly string[]
  /** `tools/list_changed`, as often as it came. */
  readonly changes: Inbox<string>
  readonly version: string | undefined
  readonly stderr: Inbox<string>
}

const CAPABILITIES = { roots: {}, sampling: {}, elicitation: { form: {}, url: {} } }
const ROOTS = { roots: [{ uri: 'file:///srv/docs', name: 'docs' }] }
const SAMPLED = { model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled' } } as const
const LIST_CHANGED = 'notifications/tools/list_changed'

/** Connects a stock client through `hoopctl wrap`; it answers whatever it is asked. */
export function anyClient(kind: Kind, name: string, space: Workspace): Promise<AnyClient> {
  switch (kind) {
    case 'v1':
      return firstSdk(name, space)
    case 'v2 legacy':
      return secondSdk(name, space, 'legacy')
    case 'v2 modern':
      return secondSdk(name, space, 'modern')
    case 'v2 auto':
      return secondSdk(name, space, 'auto')
  }
}

async function firstSdk(name: string, space: Workspace): Promise<AnyClient> {
  const asked: string[] = []
  const changes = new Inbox<string>('the notifications')
  const connected = await connect(name, space, {
    capabilities: CAPABILITIES,
    prepare: (client) => {
      client.setRequestHandler(ListRootsRequestSchema, () => (asked.push('roots'), ROOTS))
      client.setRequestHandler(CreateMessageRequestSchema, () => (asked.push('sampling'), SAMPLED))
      client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicited(params.mode, asked))
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => changes.push(LIST_CHANGED))
    },
  })
  const { client, stderr } = connected
  return {
    ...surface(client),
    listen: async () => {},
    asked,
    changes,
    version: protocolVersionOf(connected.wire.all),
    stderr,
    [Symbol.asyncDispose]: () => client.close(),
  }
}

async function secondSdk(name: string, space: Workspace, era: Era): Promise<AnyClient> {
  const asked: string[] = []
  const changes = new Inbox<string>('the notifications')
  const { client, stderr } = await connectV2(name, space, era, {
    capabilities: CAPABILITIES,
    prepare: (prepared) => {
      prepared.setRequestHandler('roots/list', () => (asked.push('roots'), ROOTS))
      prepared.setRequestHandler('sampling/createMessage', () => (asked.push('sampling'), SAMPLED))
      prepared.setRequestHandler('elicitation/create', ({ params }) => elicited(params.mode, asked))
      prepared.setNotificationHandler(LIST_CHANGED, () => changes.push(LIST_CHANGED))
    },
  })
  return {
    ...surface(client),
    listen: async () => {
      if (client.getProtocolEra() === 'modern') await client.listen({ toolsListChanged: true })
    },
    asked,
    changes,
    version: client.getNegotiatedProtocolVersion(),
    stderr,
    [Symbol.asyncDispose]: () => client.close(),
  }
}

function elicited(mode: string | undefined, asked: string[]) {
  asked.push(mode === 'url' ? 'elicitation.url' : 'elicitation.form')
  return mode === 'url'
    ? { action: 'accept' as const }
    : { action: 'accept' as const, content: { name: 'Ada' } }
}

/** What both SDKs' clients have in common. */
interface Surface {
  listTools(): Promise<{ tools: { name: string }[] }>
  listResources(): Promise<{ resources: { uri: string }[] }>
  listResourceTemplates(): Promise<{ resourceTemplates: { uriTemplate: string }[] }>
  listPrompts(): Promise<{ prompts: { name: string }[] }>
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>
  readResource(params: { uri: string }): Promise<unknown>
  getPrompt(params: { name: string }): Promise<unknown>
}

function surface(client: Surface) {
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    templates: async () =>
      (await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    prompts: async () => (await client.listPrompts()).prompts.map(({ name }) => name),
    call: (name: string, args: Record<string, unknown> = {}) =>
      outcomeOf(client.callTool({ name, arguments: args })),
    read: (uri: string) => outcomeOf(client.readResource({ uri })),
    prompt: (name: string) => outcomeOf(client.getPrompt({ name })),
  }
}

async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    const result = record(await call)
    const decision = record(result['_meta'])['hoopctl/decision']
    const text = JSON.stringify(result)
    return {
      failed: result['isError'] === true,
      text,
      decision: decision ? record(decision) : null,
      code: null,
    }
  } catch (error) {
    const { code, data } = record(error)
    const decision = record(data)['hoopctl/decision']
    return {
      failed: true,
      text: error instanceof Error ? error.message : String(error),
      decision: decision ? record(decision) : null,
      code: typeof code === 'number' ? code : null,
    }
  }
}

function protocolVersionOf(wire: readonly { readonly message: unknown }[]): string | undefined {
  for (const { message } of wire) {
    const version = record(record(message)['result'])['protocolVersion']
    if (typeof version === 'string') return version
  }
  return undefined
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
