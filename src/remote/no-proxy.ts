import { BlockList, isIP } from 'node:net'

/**
 * Says whether NO_PROXY names a host: `*`, a domain with everything below it (`acme.example`, `.acme.example`,
 * `*.acme.example`), an address, a range (`10.0.0.0/8`), each with an optional `:port`. Entries end at commas and spaces.
 */
export function isExempt(noProxy: string | null, hostname: string, port: number): boolean {
  const host = withoutBrackets(hostname.toLowerCase())
  const entries = (noProxy ?? '').toLowerCase().split(/[\s,]+/u)
  return entries.some((entry) => entry !== '' && covers(entry, host, port))
}

function covers(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isInRange(host, entry)
  // An IPv6 address without brackets has colons of its own, and then no port.
  const [, name = entry, wantedPort] = isIP(entry) === 0 ? (/^(.*?)(?::(\d+))?$/u.exec(entry) ?? []) : []
  if (wantedPort !== undefined && Number(wantedPort) !== port) return false
  const domain = withoutBrackets(name).replace(/^\*?\./u, '')
  return domain !== '' && (host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`)))
}

function isInRange(host: string, range: string): boolean {
  const [address = '', bits = ''] = range.split('/')
  const [hostKind, rangeKind] = [isIP(host), isIP(address)]
  const isSize = /^\d{1,3}$/u.test(bits) && Number(bits) <= (rangeKind === 6 ? 128 : 32)
  if (hostKind === 0 || hostKind !== rangeKind || !isSize) return false
  const kind = hostKind === 6 ? 'ipv6' : 'ipv4'
  const block = new BlockList()
  block.addSubnet(address, Number(bits), kind)
  return block.check(host, kind)
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}
