// Messages as a test writes them: each function gives one line.

/** What every request of the 2026-07-28 era carries. */
export const MODERN = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }

type Id = string | number

/** Writes a request. */
export function request(id: Id, method: string, params?: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params })
}

/** Writes a call of a tool. */
export function call(id: Id, name: string, args: object = {}, more: object = {}): string {
  return request(id, 'tools/call', { name, arguments: args, ...more })
}

/** Writes a notification. */
export function notice(method: string, params?: object): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params })
}

/** Writes an answer. */
export function answer(id: Id, result: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result })
}

/** Writes an error. */
export function failure(id: Id | null, code: number, message: string, data?: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, data } })
}

/** Writes the error of a message that is refused for its form. */
export function refusal(id: Id | null, code: number, why: string): string {
  return failure(id, code, `hoopctl refused this message: ${why}`)
}

/** Writes hoopctl's answer in place of one that it cannot pass on. */
export function lost(id: Id, why: string): string {
  return failure(id, -32603, `hoopctl: ${why}`)
}

/** Writes a result of `tools/call` with one text in it. */
export function text(id: Id, words: string): string {
  return answer(id, { content: [{ type: 'text', text: words }] })
}
