// @ts-check
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { ENVIRONMENT } from './home.mjs'
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
 * @property {() => Promise<void>} close
 */

/**
 * Starts a command as an MCP server, the way that clients do.
 * @param {readonly string[]} words
 * @returns {Promise<Connection>}
 */
export async function connect([command = '', ...args]) {
  const transport = new StdioClientTransport({ command, args, env: { ...ENVIRONMENT }, stderr: 'pipe' })
  let stderr = ''
  transport.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  const client = new Client({ name: 'demo', version: '1.0.0' })
  try {
    await client.connect(transport)
  } catch (failure) {
    throw new BrokenPromise(`${command} does not answer: ${messageOf(failure)}\n${stderr}`)
  }
  return {
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => answerOf(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  }
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
