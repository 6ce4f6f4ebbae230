import type { Requester } from '../approval.ts'
import type { SharedState } from './shared-state.ts'

/** How a device's key compares with those that are known for a subject. `new`: it is the first, and is known from now on. */
export type DeviceStanding = 'new' | 'known' | 'changed'

/** So many devices are kept: anybody can make up subjects, and the database is for other things too. */
const MOST_PINS = 10_000

/**
 * Which devices people ask from. The first one of a subject is believed, as nobody could vouch for it; a further one counts
 * when somebody accepts it: people have several machines.
 */
export class DevicePins {
  readonly #state: SharedState

  constructor(state: SharedState) {
    this.#state = state
  }

  /** Compares, and pins on first sight. Throws STATE_UNWRITABLE. */
  check({ issuer, sub }: Requester, device: string): DeviceStanding {
    const { database } = this.#state
    const find = 'SELECT device FROM device_pins WHERE issuer = ? AND sub = ?'
    const known = database.all(find, issuer, sub)
    if (known.some((row) => row['device'] === device)) return 'known'
    if (known.length > 0) return 'changed'
    // One step, because another process may see another device of that subject at the same moment.
    const insert = `INSERT INTO device_pins (issuer, sub, device) SELECT ?, ?, ?
       WHERE NOT EXISTS (SELECT 1 FROM device_pins WHERE issuer = ? AND sub = ?)
       AND (SELECT count(*) FROM device_pins) < ?`
    if (database.run(insert, issuer, sub, device, issuer, sub, MOST_PINS) === 1) return 'new'
    const isPinned = database.get(find, issuer, sub) !== undefined
    return isPinned ? this.check({ issuer, sub }, device) : 'new'
  }

  /** Takes a device for one of that subject's from now on, because a person says so. Throws STATE_UNWRITABLE. */
  accept({ issuer, sub }: Requester, device: string): void {
    const insert = 'INSERT INTO device_pins (issuer, sub, device) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'
    this.#state.database.run(insert, issuer, sub, device)
  }
}
