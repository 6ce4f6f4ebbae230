import { createSecureContext } from 'node:tls'
import { callbackify } from 'node:util'
import type { buildConnector, Dispatcher } from 'undici'
import { isLoopback } from './loopback.ts'
import type { NetworkSettings } from './network-settings.ts'
import { isExempt } from './no-proxy.ts'
import { parseProxy } from './proxy.ts'
import { trustedCas } from './trusted-cas.ts'
import { openTunnel } from './tunnel.ts'

/** Ways out of this machine, as the person's network wants them. */
export interface Network {
  /** Keeps connections for a while. */
  readonly kept: Dispatcher
  /** Opens a new connection for each request: one that was kept may break while a request is on its way. */
  readonly fresh: Dispatcher
}

const tunnel = callbackify(openTunnel)
const CONNECT_TIMEOUT_MS = 10_000
// An exchange has one limit, which the client keeps: no second clock may end it with another error.
const NO_LIMIT = { headersTimeout: 0, bodyTimeout: 0 } as const

/** Loads undici (it is dear, and most starts need no network), and reads the CAs. Throws INPUT_INVALID for bad settings. */
export async function openNetwork(settings: NetworkSettings): Promise<Network> {
  const { default: undici } = await import('undici') // bundled, it has no other export
  const { Agent, buildConnector: build } = undici
  const connect = connector(settings, build)
  const options = { ...NO_LIMIT, connect, allowH2: false, maxHeaderSize: 16 * 1024 }
  return {
    kept: new Agent({ ...options, pipelining: 1 }),
    fresh: new Agent({ ...options, pipelining: 0 }),
  }
}

function connector(settings: NetworkSettings, build: typeof buildConnector): buildConnector.connector {
  const secureContext = createSecureContext({ ca: trustedCas(settings) })
  const trust = { secureContext, timeoutMs: CONNECT_TIMEOUT_MS }
  // Said, because what is not said is taken from NODE_TLS_REJECT_UNAUTHORIZED.
  const direct = build({
    secureContext,
    rejectUnauthorized: true,
    timeout: CONNECT_TIMEOUT_MS,
    allowH2: false,
  })
  const proxy = settings.proxy === null ? null : parseProxy(settings.proxy)
  return (options, callback) => {
    const { hostname, protocol } = options
    const port = options.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(options.port)
    // This machine is not to be reached through another one.
    if (proxy === null || isLoopback(hostname) || isExempt(settings.noProxy, hostname, port)) {
      direct(options, callback)
      return
    }
    const host = hostname.includes(':') ? `[${hostname}]` : hostname
    tunnel(proxy, `${host}:${port}`, trust, (error, httpSocket) => {
      if (error === null) direct({ ...options, httpSocket }, callback)
      else callback(error, null)
    })
  }
}
