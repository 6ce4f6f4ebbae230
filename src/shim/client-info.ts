import { isMembers, type RequestMessage } from './message.ts'
import type { Shim } from './shim.ts'

/**
 * Notes who the client says it is: with `initialize`, or from 2026-07-28 on with each request. Returns whether that is
 * another one than before.
 */
export function noteClient({ method, params }: RequestMessage, shim: Shim): boolean {
  const meta = isMembers(params['_meta']) ? params['_meta'] : {}
  const info = method === 'initialize' ? params['clientInfo'] : meta['io.modelcontextprotocol/clientInfo']
  if (!isMembers(info) || typeof info['name'] !== 'string') return false
  const client = { name: info['name'], version: typeof info['version'] === 'string' ? info['version'] : '' }
  const { progress, outbox } = shim
  if (progress.client?.name === client.name && progress.client.version === client.version) return false
  progress.client = client
  outbox.note({ kind: 'context', cause: 'client', client }, null)
  return true
}
