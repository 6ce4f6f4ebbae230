#!/usr/bin/env node
// usage: scripted-model.mjs SCRIPT.json
//
// A model endpoint on loopback that plays a script: [{"tool": "mcp__s__echo", "input": {…}}, …]. Each turn it asks for
// the next tool, with "after": "/a/path" once that file is there; when the script is over it says which tools and tool
// results it was given, so that a test sees what a model sees. Prints its port.
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const script = JSON.parse(readFileSync(process.argv[2], 'utf8'))

const server = createServer((request, response) => void respond(request, response))

async function respond(request, response) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const asked = parsed(Buffer.concat(chunks).toString())
  if (request.url.includes('count_tokens')) return json(response, { input_tokens: 1 })
  if (!request.url.startsWith('/v1/messages')) return json(response, {}, 404)
  const { after } = nextStep(asked) ?? {}
  while (after !== undefined && !existsSync(after)) await new Promise((resolve) => setTimeout(resolve, 20))
  answer(asked, response)
}
server.listen(0, '127.0.0.1', () => console.log(server.address().port))

function answer(asked, response) {
  const content = nextContent(asked)
  const stop = content.type === 'tool_use' ? 'tool_use' : 'end_turn'
  const usage = { input_tokens: 1, output_tokens: 1 }
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: asked.model, content: [], usage }
  if (!asked.stream)
    return json(response, { ...message, content: [content], stop_reason: stop, stop_sequence: null })
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (type, more) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`)
  const { start, delta } = streamed(content)
  send('message_start', { message: { ...message, stop_reason: null, stop_sequence: null } })
  send('content_block_start', { index: 0, content_block: start })
  send('content_block_delta', { index: 0, delta })
  send('content_block_stop', { index: 0 })
  send('message_delta', { delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: 1 } })
  send('message_stop', {})
  response.end()
}

// The client also asks for titles and the like, without its tools: only a turn that has them goes on with the script.
function nextStep(asked) {
  return (asked.tools ?? []).length > 0 ? script[resultsOf(asked).length] : undefined
}

function resultsOf({ messages = [] }) {
  const blocks = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []))
  return blocks.filter(({ type }) => type === 'tool_result')
}

function nextContent(asked) {
  const results = resultsOf(asked)
  const names = (asked.tools ?? []).map(({ name }) => name).filter((name) => name.startsWith('mcp__'))
  const step = nextStep(asked)
  if (step) return { type: 'tool_use', id: `toolu_${results.length}`, name: step.tool, input: step.input }
  const given = results.map(({ is_error, content }) => ({ error: is_error === true, content }))
  return { type: 'text', text: JSON.stringify({ tools: names, results: given }) }
}

function streamed(content) {
  if (content.type === 'text')
    return { start: { type: 'text', text: '' }, delta: { type: 'text_delta', text: content.text } }
  const delta = { type: 'input_json_delta', partial_json: JSON.stringify(content.input) }
  return { start: { ...content, input: {} }, delta }
}

function json(response, value, status = 200) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
