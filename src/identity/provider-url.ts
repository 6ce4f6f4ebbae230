/** Tells whether a host, as `URL.hostname` gives it, is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

const MAX_CHARACTERS = 2048

/**
 * Reads an address that a provider named: https, or http to loopback from an issuer that is there itself. Without user
 * information or fragment; null for any other.
 */
export function providerUrl(text: unknown, issuer: string): URL | null {
  if (typeof text !== 'string' || text.length > MAX_CHARACTERS) return null
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || text.includes('#')) return null
  if (url.protocol === 'https:') return url
  // An issuer elsewhere has no business with ports of this machine.
  const here = isLoopback(url.hostname) && isLoopback(URL.parse(issuer)?.hostname ?? '')
  return url.protocol === 'http:' && here ? url : null
}
