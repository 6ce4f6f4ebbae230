import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { type Authority, type Certificate, makeAuthority } from './authority.ts'

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A real web server on loopback that remembers what it was asked. Stopped at the end, whatever is still open. */
export interface TestServer extends AsyncDisposable {
  readonly port: number
  /** `https://localhost:PORT/`, or http. */
  readonly url: URL
  readonly seen: readonly SeenRequest[]
}

/** The same over https, with a certificate of an authority of its own. */
export interface HttpsServer extends TestServer {
  /** What a client must trust to speak with it. */
  readonly caFile: string
  readonly authority: Authority
}

/** What a server answers; the request's body was read to its end before. */
export type Answering = (request: SeenRequest, response: ServerResponse, raw: IncomingMessage) => void

/**
 * Starts an https server with its own CA. Its certificate is for localhost, 127.0.0.1 and ::1, or for `names`
 * (`DNS:policy.example`).
 */
export async function startHttpsServer(
  answer: Answering,
  names: readonly string[] = [],
): Promise<HttpsServer> {
  const authority = await makeAuthority()
  const server = await startTlsServer(answer, await authority.issue(names))
  return {
    ...server,
    authority,
    caFile: authority.caFile,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await authority[Symbol.asyncDispose]()
    },
  }
}

/** Starts an https server with a certificate that somebody issued. */
export async function startTlsServer(answer: Answering, certificate: Certificate): Promise<TestServer> {
  const seen: SeenRequest[] = []
  return listening(createServer(certificate, remembering(answer, seen)), 'https', seen)
}

/** Starts a server that speaks plain http on 127.0.0.1. */
export async function startHttpServer(answer: Answering): Promise<TestServer> {
  const seen: SeenRequest[] = []
  return listening(createHttpServer(remembering(answer, seen)), 'http', seen)
}

/** Makes an answer of a status, a text and headers. */
export function answerWith(
  status: number,
  body: string | Uint8Array = '',
  headers: Readonly<Record<string, string>> = {},
): Answering {
  return (_request, response) => void response.writeHead(status, headers).end(body)
}

function remembering(answer: Answering, seen: SeenRequest[]): RequestListener {
  return (raw, response) => {
    const chunks: Buffer[] = []
    raw.on('data', (chunk: Buffer) => chunks.push(chunk))
    raw.on('end', () => {
      const request = {
        method: raw.method ?? '',
        url: raw.url ?? '',
        headers: Object.fromEntries(
          Object.entries(raw.headers).map(([name, value]) => [name, String(value)]),
        ),
        body: Buffer.concat(chunks),
      }
      seen.push(request)
      answer(request, response, raw)
    })
  }
}

async function listening(server: Server, scheme: string, seen: readonly SeenRequest[]): Promise<TestServer> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined) // clients that hang up are what some tests are about
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    seen,
    url: new URL(`${scheme}://localhost:${port}/`),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
