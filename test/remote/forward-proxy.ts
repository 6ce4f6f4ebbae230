import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Certificate } from './authority.ts'

/** What a proxy was asked to connect to, and with which credentials. */
export interface Asked {
  readonly authority: string
  readonly authorization: string | null
}

/** A real forward proxy on loopback: it tunnels (CONNECT), and answers nothing else. */
export interface ForwardProxy extends AsyncDisposable {
  readonly port: number
  readonly asked: readonly Asked[]
}

/** How a proxy behaves. */
export interface ProxyOptions {
  /** Hosts (`policy.example:443`) that only this proxy finds, and the port on loopback where they are. */
  readonly hosts: Readonly<Record<string, number>>
  /** What `proxy-authorization` must be. */
  readonly authorization?: string
  /** It is spoken to over TLS. */
  readonly certificate?: Certificate
  /** It takes the request and never answers. */
  readonly silent?: boolean
}

/** Starts a forward proxy. What it cannot find it answers with 502. */
export async function startForwardProxy(options: ProxyOptions): Promise<ForwardProxy> {
  const asked: Asked[] = []
  const sockets = new Set<Duplex>()
  const server = options.certificate === undefined ? createServer() : createTlsServer(options.certificate)
  const track = (socket: Duplex): void => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy()) // clients hang up in the middle: that is theirs to report
    socket.on('close', () => sockets.delete(socket))
  }
  server.on('connection', track)
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    track(client)
    const authority = request.url ?? ''
    const authorization = request.headers['proxy-authorization'] ?? null
    asked.push({ authority, authorization })
    if (options.silent === true) return
    const port = options.hosts[authority]
    if (options.authorization !== undefined && authorization !== options.authorization) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 6\r\n\r\nlog in')
    } else if (port === undefined) client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    else tunnel(port, client, track)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function tunnel(port: number, client: Duplex, track: (socket: Duplex) => void): void {
  const target: Socket = connect(port, '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    target.pipe(client)
    client.pipe(target)
  })
  track(target)
  target.on('close', () => client.destroy())
  client.on('close', () => target.destroy())
}
