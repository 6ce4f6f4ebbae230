// @ts-check
import { EventEmitter, once } from 'node:events'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { BrokenPromise } from './promise.mjs'

/**
 * @typedef {object} Answer what came of one tool call, as the client got it
 * @property {string} text
 * @property {boolean} refused the answer is an error
 * @property {readonly string[]} rules those that hoopctl cites
 * @property {unknown} whole
 */
/**
 * @typedef {object} Connection a stock SDK client that runs one server
 * @property {() => Promise<string[]>} toolNames
 * @property {(name: string, args: Record<string, unknown>) => Promise<Answer>} call
 * @property {() => Promise<string>} asks resolves with the id of the next call that waits for a person, as stderr tells it
 * @property {() => Promise<void>} listChange resolves when the server next says that its list of tools has changed
 * @property {() => Promise<void>} close
 */

/** @type {Set<Client>} */
const open = new Set()

/**
 * Starts a command as an MCP server, the way that clients do.
 * @param {Readonly<Record<string, string>>} env the machine that it runs on
 * @param {readonly string[]} words
 * @returns {Promise<Connection>}
 */
export async function connect(env, [command = '', ...args]) {
  const transport = new StdioClientTransport({ command, args, env: { ...env }, stderr: 'pipe' })
  let stderr = ''
  const lines = new EventEmitter()
  transport.stderr?.on('data', (chunk) => {
    stderr += chunk
    const id = /waits for a person: hoopctl approve (A-\w+)\n/.exec(stderr)?.[1]
    if (id === undefined) return
    stderr = ''
    lines.emit('asks', id)
  })
  const client = new Client({ name: 'demo', version: '1.0.0' })
  open.add(client)
  try {
    await client.connect(transport)
  } catch (failure) {
    throw new BrokenPromise(`${command} does not answer: ${messageOf(failure)}\n${stderr}`)
  }
  return {
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => answerOf(await client.callTool({ name, arguments: args })),
    asks: async () => (await once(lines, 'asks', { signal: AbortSignal.timeout(PATIENCE_MS) }))[0],
    listChange: () => nextListChange(client),
    close: async () => {
      open.delete(client)
      await client.close()
    },
  }
}

/** Ends all servers that still run: one that does would keep the demo from ending. */
export async function closeAll() {
  await Promise.all([...open].map((client) => client.close()))
}

const PATIENCE_MS = 30_000

/** @param {Client} client */
function nextListChange(client) {
  return new Promise((resolve, reject) => {
    const late = new BrokenPromise('nobody said that the list of tools has changed')
    const timer = setTimeout(() => reject(late), PATIENCE_MS)
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
}

/**
 * @param {Record<string, unknown>} result
 * @returns {Answer}
 */
function answerOf(result) {
  const content = /** @type {readonly { text?: string }[]} */ (result['content'])
  const meta = /** @type {Record<string, { rules?: string[] }> | undefined} */ (result['_meta'])
  return {
    text: content.map(({ text }) => text ?? '').join('\n'),
    refused: result['isError'] === true,
    rules: meta?.['hoopctl/decision']?.rules ?? [],
    whole: result,
  }
}

/** @param {unknown} failure */
function messageOf(failure) {
  return failure instanceof Error ? failure.message : String(failure)
}
