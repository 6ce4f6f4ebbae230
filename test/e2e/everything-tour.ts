import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js'
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  CreateTaskResultSchema,
  ElicitRequestSchema,
  GetTaskResultSchema,
  ListRootsRequestSchema,
  type Result,
} from '@modelcontextprotocol/sdk/types.js'
import type { Connected, ConnectOptions, Wired } from './connect.ts'

/** A client that can do all that server-everything may ask of one: sampling, elicitation, roots, tasks of its own. */
export function versatileClient(): ConnectOptions {
  const taskStore = new InMemoryTaskStore()
  return {
    taskStore,
    capabilities: {
      sampling: {},
      elicitation: { form: {}, url: {} },
      roots: { listChanged: true },
      tasks: { requests: { sampling: { createMessage: {} }, elicitation: { create: {} } } },
    },
    prepare: (client) => {
      // What the server asks to be done as a task is finished at once and left for it to fetch.
      const asked = async (
        result: Result,
        request: { params: { task?: { ttl?: number | undefined } | undefined } },
      ) => {
        if (request.params.task === undefined) return result
        const ttl = request.params.task.ttl ?? null
        const task = { ...(await taskStore.createTask({ ttl }, 1, { method: 'any', params: {} })) } // still `working`
        await taskStore.storeTaskResult(task.taskId, 'completed', result)
        return { task }
      }
      const sampled = { model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled' } } as const
      const inputs = { name: 'Ada', interpretation: 'technical', check: true, favoriteColor: 'Red' }
      client.setRequestHandler(CreateMessageRequestSchema, (request) => asked(sampled, request))
      client.setRequestHandler(ElicitRequestSchema, (request) =>
        asked(
          request.params.mode === 'url' ? { action: 'accept' } : { action: 'accept', content: inputs },
          request,
        ),
      )
      client.setRequestHandler(ListRootsRequestSchema, () => ({
        roots: [{ uri: 'file:///srv/docs', name: 'docs' }],
      }))
    },
  }
}

/** Uses the whole surface of server-everything, one thing after the other; what was said on the way is on the wire. */
export async function tour(connected: Connected): Promise<void> {
  await rootsAreKnown(connected)
  await lists(connected.client)
  await calls(connected)
  await resources(connected)
  await prompts(connected.client)
  await questions(connected.client)
  await tasks(connected.client)
  await logging(connected)
  await longRunning(connected)
}

function hears(
  { wire }: Connected,
  method: string,
  matches: (text: string) => boolean = () => true,
): Promise<Wired> {
  return wire.find(
    ({ from, message }) =>
      from === 'server' &&
      'method' in message &&
      message.method === method &&
      matches(JSON.stringify(message)),
  )
}

// The server asks for the roots a while after the handshake; from here on nothing happens by itself.
async function rootsAreKnown(connected: Connected): Promise<void> {
  await hears(connected, 'notifications/message', (text) => text.includes('Roots updated'))
}

async function lists(client: Client): Promise<void> {
  await client.ping()
  await client.listTools()
  await client.listResources()
  await client.listResourceTemplates()
  await client.listPrompts()
}

async function calls({ client }: Connected): Promise<void> {
  const text = 'data:text/plain;base64,aG9vcGN0bA=='
  const plain: readonly (readonly [string, Record<string, unknown>])[] = [
    ['echo', { message: 'grüße 👋 \u2028 "quoted" \\ end' }],
    ['echo', {}], // refused by the server, not by policy
    ['get-sum', { a: 1.5, b: -2e-7 }],
    ['get-annotated-message', { messageType: 'error', includeImage: true }],
    ['get-env', {}],
    ['get-resource-links', { count: 4 }],
    ['get-resource-reference', { resourceType: 'Blob', resourceId: 3 }],
    ['get-structured-content', { location: 'Chicago' }],
    ['get-tiny-image', {}],
    ['get-roots-list', {}],
    ['gzip-file-as-resource', { name: 'note.gz', data: text, outputType: 'resourceLink' }],
    ['gzip-file-as-resource', { name: 'note.gz', data: text, outputType: 'resource' }],
    ['there-is-no-such-tool', {}],
  ]
  for (const [name, args] of plain) await client.callTool({ name, arguments: args })
}

async function resources(connected: Connected): Promise<void> {
  const { client } = connected
  const uri = 'demo://resource/dynamic/text/7'
  await client.readResource({ uri })
  await client.readResource({ uri: 'demo://resource/dynamic/blob/7' })
  await client.readResource({ uri: 'demo://resource/static/document/features.md' })
  await client.readResource({ uri: 'demo://resource/session/note.gz' })
  await failing(client.readResource({ uri: 'demo://resource/nowhere' }))
  await client.subscribeResource({ uri })
  await client.callTool({ name: 'toggle-subscriber-updates', arguments: {} })
  await hears(connected, 'notifications/resources/updated')
  await client.callTool({ name: 'toggle-subscriber-updates', arguments: {} })
  await client.unsubscribeResource({ uri })
  const ref = { type: 'ref/resource', uri: 'demo://resource/dynamic/text/{resourceId}' } as const
  await client.complete({ ref, argument: { name: 'resourceId', value: '12' } })
}

async function prompts(client: Client): Promise<void> {
  await client.getPrompt({ name: 'simple-prompt' })
  await client.getPrompt({ name: 'args-prompt', arguments: { city: 'Berlin', state: 'BE' } })
  await client.getPrompt({ name: 'completable-prompt', arguments: { department: 'Sales', name: 'Eve' } })
  await client.getPrompt({ name: 'resource-prompt', arguments: { resourceType: 'Text', resourceId: '1' } })
  await failing(client.getPrompt({ name: 'there-is-no-such-prompt' }))
  const ref = { type: 'ref/prompt', name: 'completable-prompt' } as const
  const context = { arguments: { department: 'Sales' } }
  await client.complete({ ref, argument: { name: 'department', value: 'S' } })
  await client.complete({ ref, argument: { name: 'name', value: '' }, context })
}

async function questions(client: Client): Promise<void> {
  const url = 'https://example.com/confirm'
  await client.callTool({ name: 'trigger-sampling-request', arguments: { prompt: 'hi', maxTokens: 5 } })
  await client.callTool({ name: 'trigger-sampling-request-async', arguments: { prompt: 'hi' } })
  await client.callTool({ name: 'trigger-elicitation-request', arguments: {} })
  await client.callTool({ name: 'trigger-elicitation-request-async', arguments: {} })
  await client.callTool({ name: 'trigger-url-elicitation', arguments: { url } })
  // Error −32042 first, then, once the person has been there, the same call again.
  const prerequisite = { url, errorPath: true, elicitationId: 'e-1' }
  await failing(client.callTool({ name: 'trigger-url-elicitation', arguments: prerequisite }))
  await client.callTool({ name: 'trigger-url-elicitation', arguments: prerequisite })
}

async function tasks(client: Client): Promise<void> {
  const started = await startTask(client, { topic: 'python', ambiguous: true })
  await client.request({ method: 'tasks/get', params: { taskId: started } }, GetTaskResultSchema)
  // Open until the task is done; meanwhile the server's question comes over it.
  await client.request({ method: 'tasks/result', params: { taskId: started } }, CallToolResultSchema)
  await client.request({ method: 'tasks/get', params: { taskId: started } }, GetTaskResultSchema)
  const dropped = await startTask(client, { topic: 'history' })
  await client.experimental.tasks.cancelTask(dropped)
  await failing(client.experimental.tasks.cancelTask(dropped))
  await client.experimental.tasks.listTasks()
}

async function startTask(client: Client, args: Record<string, unknown>): Promise<string> {
  const params = { name: 'simulate-research-query', arguments: args, task: { ttl: 60_000 } }
  const { task } = await client.request({ method: 'tools/call', params }, CreateTaskResultSchema)
  return task.taskId
}

async function logging(connected: Connected): Promise<void> {
  const { client } = connected
  await client.setLoggingLevel('debug')
  await client.callTool({ name: 'toggle-simulated-logging', arguments: {} })
  await hears(connected, 'notifications/message', (text) => /level[- ]message/i.test(text))
  await client.callTool({ name: 'toggle-simulated-logging', arguments: {} })
  await client.sendRootsListChanged()
  await connected.wire.find(
    ({ from, message }) => from === 'client' && 'result' in message && 'roots' in message.result,
  )
}

async function longRunning(connected: Connected): Promise<void> {
  const { client } = connected
  const name = 'trigger-long-running-operation'
  const progress: unknown[] = []
  const onprogress = (step: unknown) => progress.push(step)
  await client.callTool({ name, arguments: { duration: 0.2, steps: 4 } }, CallToolResultSchema, {
    onprogress,
  })
  const given = new AbortController()
  const steps = 3
  const call = client.callTool({ name, arguments: { duration: 0.6, steps } }, CallToolResultSchema, {
    signal: given.signal,
    onprogress: () => given.abort('the person changed their mind'),
  })
  await failing(call)
  // The server goes on telling of a call that was cancelled; its last word is the mark that nothing is under way.
  const last = `"progress":${steps},"total":${steps}`
  await hears(connected, 'notifications/progress', (text) => text.includes(last))
  await client.ping()
}

async function failing(call: Promise<unknown>): Promise<void> {
  const failed = await call.then(
    () => false,
    () => true,
  )
  if (!failed) throw new Error('that should have failed')
}
