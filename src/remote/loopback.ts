import { isIPv4 } from 'node:net'

/** Says whether a URL's host is this machine: `localhost`, 127.0.0.0/8 or ::1, as `URL` spells hosts. */
export function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname === '[::1]' || hostname === '::1') return true
  return isIPv4(hostname) && hostname.startsWith('127.')
}
