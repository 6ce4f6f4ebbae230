import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { HoopctlError } from '../errors.ts'

/** A listener on loopback that waits for the browser to come back. */
export interface LoopbackListener extends AsyncDisposable {
  readonly redirectUri: string
  /** The address with which the browser came back. */
  readonly answered: Promise<URL>
}

const PATH = '/callback'

// The terminal says how it went: here is told nothing that a provider sent.
const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>hoopctl</title>' +
  '<p>hoopctl has its answer. You can close this window and go back to the terminal.'

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer', // the address holds the code
  'x-content-type-options': 'nosniff',
  connection: 'close',
}

/**
 * Listens on a port of 127.0.0.1 for the one answer that carries `state` (RFC 8252, section 7.3). All else is refused and
 * waited on: any page and any program of this machine can call the port. Throws STATE_UNWRITABLE where it is not free.
 * @param port null: any that is free
 */
export async function listenOnLoopback(state: string, port: number | null): Promise<LoopbackListener> {
  const { promise, resolve: answer } = Promise.withResolvers<URL>()
  let open = true
  let origin = ''
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => {
    const url = callback(request, origin, state)
    if (url === null || !open) return refuse(response)
    open = false // exactly one
    response.writeHead(200, HEADERS).end(PAGE)
    answer(url)
  })
  origin = `http://127.0.0.1:${await listen(server, port)}`
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeIdleConnections()
      // Whoever holds a connection open may not hold the sign-in.
      setTimeout(() => server.closeAllConnections(), 500).unref()
    })
  return { redirectUri: `${origin}${PATH}`, answered: promise, [Symbol.asyncDispose]: close }
}

function callback(request: IncomingMessage, origin: string, state: string): URL | null {
  const url = URL.parse(request.url ?? '', origin)
  // Another host name is a page that had its name point here (DNS rebinding).
  if (request.method !== 'GET' || `http://${request.headers.host}` !== origin) return null
  if (url === null || url.origin !== origin || url.pathname !== PATH) return null
  const states = url.searchParams.getAll('state')
  return states.length === 1 && states[0] === state ? url : null
}

function refuse(response: ServerResponse): void {
  response
    .writeHead(400, HEADERS)
    .end('<!doctype html><title>hoopctl</title><p>hoopctl did not ask for this.')
}

function listen(server: ReturnType<typeof createServer>, port: number | null): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const hint =
        port === null ? 'run: hoopctl login --device' : `see what listens there, and end it: port ${port}`
      const which =
        port === null ? 'no port of 127.0.0.1 is free' : `the port ${port} of 127.0.0.1 is not free`
      const message = `${which} for the browser to come back to`
      reject(new HoopctlError('STATE_UNWRITABLE', message, { hint, cause }))
    })
    server.listen(port ?? 0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}
