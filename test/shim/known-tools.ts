import type { Bench } from './bench-of-one.ts'
import { answer, request } from './messages.ts'

/** Lets the client list the server's tools once, so that no call has to wait for hoopctl to list them itself. */
export async function knowTools(bench: Bench, ...tools: object[]): Promise<void> {
  await bench.client(request('known-tools', 'tools/list'))
  await bench.server(answer('known-tools', { tools }))
}
