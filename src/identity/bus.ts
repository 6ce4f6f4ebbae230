import { lstatSync, type Stats } from 'node:fs'
import { join } from 'node:path'

/** What names a session bus. */
export interface BusSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly uid: number
}

/**
 * Names the addresses at which this user's D-Bus session bus may be, likeliest first: the variable, and the socket that
 * systemd makes. Only those that `isOurs` trusts.
 */
export function busAddresses({ env, uid }: BusSurroundings): readonly string[] {
  const runtime = env['XDG_RUNTIME_DIR'] ?? ''
  const addresses = [
    ...(env['DBUS_SESSION_BUS_ADDRESS'] ?? '').split(';'),
    ...(runtime.startsWith('/') ? [`unix:path=${escaped(join(runtime, 'bus'))}`] : []),
    `unix:path=/run/user/${uid}/bus`,
  ]
  return [...new Set(addresses)].filter((address) => isOurs(address, uid))
}

/**
 * Says whether a bus at this address can only be this user's. The address is used again long after `login`, when its
 * bus may be gone, and another user may listen where it was: they would be handed our tokens, or hand us theirs.
 * So a socket must belong to this user, and an abstract one, which has no owner, must name the bus's `guid`, which the
 * D-Bus library compares (seen with libdbus 1.14). Nothing that goes over a network.
 */
export function isOurs(address: string, uid: number): boolean {
  const { path, abstract, guid } = partsOf(address)
  if (path !== undefined) return path.startsWith('/') && isSocketOf(uid, path)
  return abstract !== undefined && guid !== undefined && /^[0-9a-f]{32}$/.test(guid)
}

// "A server address consists of a transport name followed by a colon, and then an optional, comma-separated list of
// keys and values in the form key=value." (D-Bus Specification 0.43, "Server Addresses")
function partsOf(address: string): { path?: string; abstract?: string; guid?: string } {
  if (!address.startsWith('unix:') || address.includes(';')) return {}
  const pairs = address.slice('unix:'.length).split(',')
  const entries = pairs.map((pair) => pair.split('=', 2).map(unescaped))
  return Object.fromEntries(entries.map(([key = '', value = '']) => [key, value]))
}

// Values escape bytes as URLs do; all but [-0-9A-Za-z_/.\*] should be.
function escaped(path: string): string {
  return encodeURIComponent(path).replaceAll('%2F', '/')
}

function unescaped(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return '' // no path and no guid: not ours
  }
}

function isSocketOf(uid: number, path: string): boolean {
  const stats = statsOf(path)
  return stats !== null && stats.isSocket() && stats.uid === uid
}

// What cannot be looked at cannot be trusted either, whatever the reason.
function statsOf(path: string): Stats | null {
  try {
    return lstatSync(path)
  } catch {
    return null
  }
}
