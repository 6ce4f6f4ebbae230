import * as http from 'node:http'
import * as https from 'node:https'
import type { Socket } from 'node:net'
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
  const request = connectRequest(proxy, authority, options.secureContext)
  return new Promise((resolve, reject) => {
    const fail = (status: number | null, cause?: unknown): void => {
      request.destroy()
      reject(new ProxyFailure(proxy, status, cause))
    }
    const timer = setTimeout(() => fail(null, timedOut()), options.timeoutMs)
    request.on('close', () => clearTimeout(timer))
    request.on('error', (error) => fail(null, error))
    // Emitted whatever the status.
    request.on('connect', (answer, socket, head) => {
      clearTimeout(timer)
      const status = answer.statusCode ?? 0
      // TLS begins with the client: a proxy that speaks first is none.
      if (status >= 200 && status <= 299 && head.length === 0) return resolve(socket)
      socket.destroy()
      fail(status)
    })
    request.end()
  })
}

function connectRequest(proxy: Proxy, authority: string, secureContext: SecureContext): http.ClientRequest {
  const authorization = proxy.authorization?.reveal()
  return (proxy.secure ? https : http).request({
    method: 'CONNECT',
    host: proxy.hostname,
    port: proxy.port,
    path: authority,
    agent: false,
    headers: {
      host: authority,
      ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
    },
    secureContext,
    rejectUnauthorized: true,
  })
}

function timedOut(): Error {
  return Object.assign(new Error('the proxy did not answer in time'), { code: 'ETIMEDOUT' })
}
