import { HoopctlError } from '../errors.ts'
import { Secret } from '../secret.ts'

/** A proxy that speaks CONNECT. */
export interface Proxy {
  readonly secure: boolean
  readonly hostname: string
  readonly port: number
  /** The value of `proxy-authorization`. */
  readonly authorization: Secret | null
}

/** Reads HTTPS_PROXY: a URL, or `host:port`. Throws INPUT_INVALID, without its password, where it is something else. */
export function parseProxy(text: string): Proxy {
  // `proxy.acme.example:3128` would parse as a URL of the scheme `proxy.acme.example`.
  const url = urlOf(/^[a-z][a-z0-9+.-]*:\/\//iu.test(text) ? text : `http://${text}`)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    throw new HoopctlError('INPUT_INVALID', 'the proxy in HTTPS_PROXY is not an http or https URL', {
      hint: 'write it as http://HOST:PORT, or unset HTTPS_PROXY where there is no proxy',
    })
  }
  const secure = url.protocol === 'https:'
  return {
    secure,
    hostname: url.hostname.replace(/^\[(.*)\]$/u, '$1'),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    authorization: authorizationOf(url),
  }
}

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}

function authorizationOf({ username, password }: URL): Secret | null {
  if (username === '' && password === '') return null
  const pair = `${decoded(username)}:${decoded(password)}`
  return new Secret(`Basic ${Buffer.from(pair).toString('base64')}`)
}

// A lone `%` in a password is meant as it stands.
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
