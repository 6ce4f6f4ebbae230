#!/usr/bin/env node
// @ts-check
// An MCP server on the official SDK, over a PostgreSQL that lives in this process: a shop's orders, for trying out
// hoopctl. It does whatever it is asked to do: what may be asked is for policy.yaml to say.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import {
  CallToolRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv'
import { openDatabase } from './database.mjs'
import { getPrompt, PROMPTS } from './prompts.mjs'
import { listResources, readResource } from './resources.mjs'
import { TOOLS } from './tools.mjs'

/** @type {ReturnType<typeof openDatabase> | null} */
let opening = null
// May take seconds: a client that only looks at what there is does not wait for it.
const database = () => {
  opening ??= openDatabase()
  return opening
}
const validator = new AjvJsonSchemaValidator()
const { server } = new McpServer(
  { name: 'orders-db', version: '1.0.0' },
  { capabilities: { tools: {}, resources: {}, prompts: {} } },
)

server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...TOOLS].map(definitionOf) }))
server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
  try {
    return { content: [{ type: 'text', text: await call(params.name, params.arguments ?? {}) }] }
  } catch (failure) {
    return { content: [{ type: 'text', text: `failed: ${messageOf(failure)}` }], isError: true }
  }
})
server.setRequestHandler(ListResourcesRequestSchema, async () => ({
  resources: await listResources(await database()),
}))
server.setRequestHandler(ReadResourceRequestSchema, async ({ params }) => ({
  contents: [await readResource(await database(), params.uri)],
}))
server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: PROMPTS }))
server.setRequestHandler(GetPromptRequestSchema, ({ params }) =>
  getPrompt(params.name, params.arguments ?? {}),
)
await server.connect(new StdioServerTransport())
// PostgreSQL would keep the process alive after its client has gone.
process.stdin.once('end', () => void opening?.then((database) => database.close()))

/** @param {[string, import('./tools.mjs').Tool]} entry */
function definitionOf([name, tool]) {
  return { name, description: tool.description, annotations: tool.annotations, inputSchema: schemaOf(tool) }
}

/** @param {import('./tools.mjs').Tool} tool */
function schemaOf({ properties }) {
  const required = Object.keys(properties)
  return { type: /** @type {const} */ ('object'), properties, required, additionalProperties: false }
}

/**
 * @param {string} name
 * @param {Record<string, unknown>} args
 */
async function call(name, args) {
  const tool = TOOLS.get(name)
  if (tool === undefined) throw new Error(`there is no tool ${JSON.stringify(name)}`)
  const checked = validator.getValidator(schemaOf(tool))(args)
  if (!checked.valid) throw new Error(checked.errorMessage)
  return tool.run(await database(), args)
}

/** @param {unknown} failure */
function messageOf(failure) {
  return failure instanceof Error ? failure.message : String(failure)
}
