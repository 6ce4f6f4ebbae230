import { visible } from '../visible.ts'

/** Whether an address is in the one form that a policy decides on. `normal` is what to write instead, where there is one. */
export type AddressCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: string; readonly normal: string | null }

const MAX_ADDRESS_CHARACTERS = 8192
// Most addresses: no escape, query, port or user, no segment that is empty or begins with a dot. Nothing of it can differ.
const PLAIN_ADDRESS =
  /^(?:file:\/\/|https?:\/\/[a-z0-9.-]+|(?!file:|https?:)[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]*)(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/u
const UNRESERVED = /^[A-Za-z0-9._~-]$/u

/**
 * Checks that an address says what it means in one way only (RFC 3986, section 6.2.2, and stricter for `file:`): two
 * spellings of one place would let a caller walk around a rule. `why` names what is wrong and the normal form.
 */
export function checkAddress(uri: string): AddressCheck {
  if (uri.length > MAX_ADDRESS_CHARACTERS)
    return refuse(`it is longer than ${MAX_ADDRESS_CHARACTERS} characters`)
  if (PLAIN_ADDRESS.test(uri)) return { ok: true }
  const fault = faultIn(uri)
  if (fault === null) return { ok: true }
  const parts = split(uri)
  const normal = parts === null || hopelessIn(uri) !== null ? null : join(normalized(parts))
  // What normalizing made must pass itself, or it would be advice that does not help.
  if (normal === null || normal === uri || faultIn(normal) !== null) return refuse(fault)
  return { ok: false, why: `${fault}: write \`${visible(normal)}\``, normal }
}

function faultIn(uri: string): string | null {
  const hopeless = hopelessIn(uri)
  if (hopeless !== null) return hopeless
  const parts = split(uri)
  if (parts === null) return 'it has no scheme'
  return whatDiffers(parts) ?? (join(normalized(parts)) === uri ? null : 'it is not in normal form')
}

interface Parts {
  readonly scheme: string
  /** null where no `//` follows the scheme. */
  readonly authority: string | null
  readonly path: string
  readonly query: string
  readonly fragment: string
}

function refuse(why: string): AddressCheck {
  return { ok: false, why, normal: null }
}

/** Finds what no normalizing mends, because two readers would disagree on what it becomes. */
function hopelessIn(uri: string): string | null {
  if (/[\u0000-\u0020\u007f]/u.test(uri)) return 'it holds white space or a control character'
  if (/[^\u0021-\u007e]/u.test(uri)) return 'it holds a character beyond ASCII that is not percent-encoded'
  if (uri.includes('\\')) return 'it holds a backslash'
  const bad = /["<>^`{|}]/u.exec(uri)
  if (bad !== null) return `it holds \`${bad[0]}\`, which must be percent-encoded`
  if (/%(?![0-9A-Fa-f]{2})/u.test(uri)) return 'it holds a `%` that begins no escape'
  if (/%(?:2f|5c)/iu.test(uri)) return 'it holds an encoded slash or backslash'
  if (/%(?:[01][0-9a-f]|7f)/iu.test(uri)) return 'it holds an encoded control character'
  // Overlong forms such as %C0%AE are a dot to a careless decoder.
  if (!isUtf8(uri)) return 'its escapes are not valid UTF-8'
  return null
}

function isUtf8(uri: string): boolean {
  try {
    decodeURIComponent(uri)
    return true
  } catch {
    return false
  }
}

function split(uri: string): Parts | null {
  const found = /^([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/u.exec(uri)
  if (found === null) return null
  const [, scheme = '', authority, path = '', query = '', fragment = ''] = found
  return { scheme, authority: authority ?? null, path, query, fragment }
}

function whatDiffers(parts: Parts): string | null {
  const { scheme, authority, path, query, fragment } = parts
  if (fragment !== '') return 'it has a fragment'
  if (/[A-Z]/u.test(scheme)) return 'its scheme is not in lower case'
  if (/[A-Z]/u.test(hostOf(authority ?? ''))) return 'its host is not in lower case'
  const hopeless = hopelessInHost(parts)
  if (hopeless !== null) return hopeless
  const escapes = [...`${authority ?? ''}${path}${query}`.matchAll(/%../gu)].map(([escape]) => escape)
  if (escapes.some((escape) => UNRESERVED.test(decodeURIComponentOrNothing(escape)))) {
    return 'it encodes a character that needs no encoding'
  }
  if (escapes.some((escape) => escape !== escape.toUpperCase())) return 'an escape is not in upper case'
  if (path.split('/').some((segment) => segment === '.' || segment === '..')) return 'it holds a dot segment'
  return scheme === 'file' ? whatDiffersInFile(parts) : whatDiffersInHttp(parts)
}

function hopelessInHost({ authority }: Parts): string | null {
  return hostOf(authority ?? '').includes('%') ? 'its host holds an escape' : null
}

// For `file:`, what a server drops when it makes a path of the address (host, query, empty segments) would walk around a rule.
function whatDiffersInFile({ authority, path, query }: Parts): string | null {
  if (authority === null) return 'it has no `//`'
  if (authority.includes('@')) return 'it has user info'
  if (authority !== '') return 'it has a host'
  if (query !== '') return 'it has a query'
  if (path === '') return 'it has no path'
  if (path !== '/' && path.slice(1).split('/').includes('')) return 'it has an empty path segment'
  return null
}

function whatDiffersInHttp({ scheme, authority, path }: Parts): string | null {
  if (scheme !== 'http' && scheme !== 'https') return null
  if (authority === null || hostOf(authority) === '') return 'it has no host'
  if (path === '') return 'it has no path'
  if (authority.endsWith(scheme === 'http' ? ':80' : ':443') || authority.endsWith(':'))
    return 'it names the default port'
  return null
}

function hostOf(authority: string): string {
  return authority.slice(authority.lastIndexOf('@') + 1)
}

function normalized({ scheme, authority, path, query }: Parts): Parts {
  const lower = scheme.toLowerCase()
  const flat = withoutDots(decodeUnreserved(path), authority !== null || path.startsWith('/'))
  const plain = { scheme: lower, path: flat, query: decodeUnreserved(query), fragment: '' }
  if (lower === 'file') {
    const segments = flat.split('/').filter((segment) => segment !== '')
    return { ...plain, authority: '', path: `/${segments.join('/')}`, query: '' }
  }
  if (authority === null) return { ...plain, authority }
  const user = authority.slice(0, authority.length - hostOf(authority).length)
  let host = decodeUnreserved(hostOf(authority)).toLowerCase()
  const isHttp = lower === 'http' || lower === 'https'
  if (isHttp) host = host.replace(lower === 'http' ? /:(?:80)?$/u : /:(?:443)?$/u, '')
  return { ...plain, authority: decodeUnreserved(user) + host, path: isHttp && flat === '' ? '/' : flat }
}

function decodeUnreserved(text: string): string {
  return text.replace(/%../gu, (escape) => {
    const character = decodeURIComponentOrNothing(escape)
    return UNRESERVED.test(character) ? character : escape.toUpperCase()
  })
}

// One byte of a longer character decodes to nothing on its own; then it is no unreserved one either.
function decodeURIComponentOrNothing(escape: string): string {
  const code = Number.parseInt(escape.slice(1), 16)
  return code < 0x80 ? String.fromCharCode(code) : ''
}

// RFC 3986, section 5.2.4.
function withoutDots(path: string, rooted: boolean): string {
  if (!path.split('/').some((segment) => segment === '.' || segment === '..')) return path
  const kept: string[] = []
  const segments = path.split('/')
  segments.forEach((segment, index) => {
    const isLast = index === segments.length - 1
    if (segment === '..' && kept.length > (rooted ? 1 : 0)) kept.pop()
    if (segment !== '.' && segment !== '..') kept.push(segment)
    else if (isLast) kept.push('')
  })
  return kept.join('/')
}

function join({ scheme, authority, path, query, fragment }: Parts): string {
  return `${scheme}:${authority === null ? '' : `//${authority}`}${path}${query}${fragment}`
}
