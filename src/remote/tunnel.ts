import * as http from 'node:http'
import * as net from 'node:net'
import type { Socket } from 'node:net'
import * as tls from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { Proxy } from './proxy.ts'

/** A proxy that could not be used: nothing is known of the host behind it. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure'
  readonly proxy: Proxy
  /** What it answered to CONNECT; null: no answer came, and `cause` says why. */
  readonly status: number | null

  constructor(proxy: Proxy, status: number | null, cause: unknown) {
    super('the proxy gave no tunnel', { cause })
    this.proxy = proxy
    this.status = status
  }
}

/** What a tunnel is opened with: whom a proxy over TLS must be vouched for by, and how long it may take. */
export interface TunnelOptions {
  readonly secureContext: SecureContext
  readonly timeoutMs: number
}

/**
 * Opens a tunnel through a proxy with CONNECT (RFC 9110, section 9.3.6) to `host:port`. The host is found by the proxy: a
 * laptop often cannot. Rejects with ProxyFailure.
 */
export function openTunnel(proxy: Proxy, authority: string, options: TunnelOptions): Promise<Socket> {
  const socket = dial(proxy, options.secureContext)
  return new Promise((resolve, reject) => {
    const fail = (status: number | null, cause?: unknown): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(new ProxyFailure(proxy, status, cause))
    }
    const timer = setTimeout(() => fail(null, timedOut()), options.timeoutMs)
    const failed = (error: unknown): void => fail(null, error)
    socket.on('error', failed)
    // Credentials leave only when the proxy's certificate was checked.
    socket.once(proxy.secure ? 'secureConnect' : 'connect', () => {
      const request = connectRequest(proxy, authority, socket)
      request.on('error', failed)
      // Emitted whatever the status.
      request.on('connect', ({ statusCode = 0 }) => {
        if (statusCode < 200 || statusCode > 299) return fail(statusCode)
        clearTimeout(timer)
        socket.off('error', failed)
        resolve(socket)
      })
      request.end()
    })
  })
}

function dial({ secure, hostname: host, port }: Proxy, secureContext: SecureContext): Socket {
  if (!secure) return net.connect({ host, port })
  const servername = net.isIP(host) === 0 ? { servername: host } : {}
  return tls.connect({ host, port, ...servername, secureContext, rejectUnauthorized: true })
}

function connectRequest(proxy: Proxy, authority: string, socket: Socket): http.ClientRequest {
  const authorization = proxy.authorization?.reveal()
  const headers = {
    host: authority,
    ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
  }
  return http.request({ method: 'CONNECT', path: authority, headers, createConnection: () => socket })
}

function timedOut(): Error {
  return Object.assign(new Error('the proxy did not answer in time'), { code: 'ETIMEDOUT' })
}
