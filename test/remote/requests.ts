import type { HttpRequest } from '../../src/http.ts'
import type { NetworkSettings } from '../../src/remote/network-settings.ts'
import type { Waiting } from '../../src/remote/retry.ts'

/** A network without proxies and CAs of its own. */
export const BARE: NetworkSettings = { proxy: null, noProxy: null, caFile: null, systemCas: false }

/** Makes a GET with bounds that no test runs into by itself. */
export function get(more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', headers: {}, body: null, timeoutMs: 60_000, maxBytes: 1024, retries: 0, ...more }
}

/** Reads what was answered as text. */
export function textOf({ body }: { readonly body: Uint8Array }): string {
  return Buffer.from(body).toString()
}

/** Waits for nothing, and remembers for how long it was to wait. */
export function impatient(): { readonly waiting: Waiting; readonly pauses: number[] } {
  const pauses: number[] = []
  const waiting: Waiting = {
    pause: (ms) => Promise.resolve(pauses.push(ms)),
    random: () => 0.5,
    now: () => new Date('2026-03-01T12:00:00Z'),
  }
  return { waiting, pauses }
}
