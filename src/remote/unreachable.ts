import { HoopctlError } from '../errors.ts'
import { ProxyFailure } from './tunnel.ts'

/** Why there was no answer, and whether to ask again may help. */
export interface Failure {
  readonly error: HoopctlError
  readonly again: boolean
}

const OWN_CA =
  'if a company CA signs here, name its file: NODE_EXTRA_CA_CERTS=FILE (`hoopctl login` and `policy add` save it)'
const NETWORK =
  'check the URL and the network; where the way out is a proxy, set HTTPS_PROXY (`hoopctl login` and `policy add` save it)'

// OpenSSL's reasons, as Node.js spells them, why nobody whom we trust vouches for a certificate.
const UNKNOWN_ISSUER = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
])
const DATES = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])
const NO_ROUTE = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'EADDRNOTAVAIL'])
const TOO_LATE = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'])
const BROKEN = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
])

/** Makes UNREACHABLE of something that kept an answer of `host` away. Is null for what is no such thing: a bug. */
export function failureOf(host: string, error: unknown): Failure | null {
  if (error instanceof ProxyFailure) return proxyFailure(host, error)
  const found = reasonOf(codeOf(error))
  if (found === null) return null
  return { error: unreachable(`\`${host}\` ${found.why}`, found.hint, error), again: found.again }
}

/** Makes UNREACHABLE of words. */
export function unreachable(message: string, hint: string, cause?: unknown): HoopctlError {
  return new HoopctlError('UNREACHABLE', message, { hint, cause })
}

interface Reason {
  readonly why: string
  readonly hint: string
  readonly again: boolean
}

// Codes only: the messages beside them quote what the other side sent.
function reasonOf(code: string): Reason | null {
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return network('has no address (DNS)')
  if (code === 'ECONNREFUSED') return network('refused the connection: nothing listens there')
  if (NO_ROUTE.has(code)) return network('cannot be reached from this network')
  if (TOO_LATE.has(code)) return network('did not accept the connection in time')
  if (BROKEN.has(code)) return network('closed the connection before its answer was complete')
  if (code.startsWith('HPE_')) return tls('does not speak HTTP', 'check the URL and its port')
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return tls('answered with headers that are too long', 'ask who runs it')
  }
  return tlsReason(code)
}

function tlsReason(code: string): Reason | null {
  if (UNKNOWN_ISSUER.has(code))
    return tls(`has a certificate of a CA that is not trusted here (${code})`, OWN_CA)
  if (DATES.has(code)) {
    return tls(
      `has a certificate that is not valid now (${code})`,
      'check this clock, or ask who runs it for a new one',
    )
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return tls('has a certificate for other names', 'check the host in the URL')
  }
  // `EPROTO` is an alert, or no TLS at all.
  if (code === 'EPROTO' || /^(?:ERR_SSL_|ERR_TLS_|ERR_OSSL_)/u.test(code)) {
    return tls(`does not speak TLS as it should (${code})`, 'check the URL and its port')
  }
  if (/^(?:CERT_|CRL_|INVALID_|UNABLE_TO_|PATH_LENGTH_|HOSTNAME_MISMATCH)/u.test(code)) {
    return tls(`has a certificate that is refused (${code})`, OWN_CA)
  }
  return null
}

function network(why: string): Reason {
  return { why, hint: NETWORK, again: true }
}

function tls(why: string, hint: string): Reason {
  return { why, hint, again: false }
}

function proxyFailure(host: string, { proxy, status, cause }: ProxyFailure): Failure | null {
  const name = `the proxy \`${proxy.hostname}:${proxy.port}\``
  if (status === 407) {
    const hint = 'put them into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT'
    return { error: unreachable(`${name} wants other credentials (407)`, hint), again: false }
  }
  if (status !== null) {
    const hint = `ask who runs it to let \`${host}\` through, or name it in NO_PROXY`
    return {
      error: unreachable(`${name} does not connect to \`${host}\` (${status})`, hint),
      again: status >= 500,
    }
  }
  const reason = reasonOf(codeOf(cause))
  if (reason === null) return null
  const hint =
    reason.hint === NETWORK ? 'check HTTPS_PROXY, or unset it where there is no proxy' : reason.hint
  return { error: unreachable(`${name} ${reason.why}`, hint, cause), again: reason.again }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if (error.name === 'HTTPParserError') return 'HPE_' // undici does not always give it the parser's code
  const code: unknown = Reflect.get(error, 'code')
  return typeof code === 'string' ? code : ''
}
