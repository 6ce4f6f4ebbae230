import type { HttpClient } from '../../src/http.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'

const BARE = { proxy: null, noProxy: null, caFile: null, systemCas: false }

/** The client that everything leaves this machine through; between repetitions it does not wait. */
export const loopbackHttp: HttpClient = createHttpClient(BARE, {
  pause: async () => undefined,
  random: () => 0,
  now: () => new Date(),
})
