import { SERVER_NOTIFICATIONS } from './methods.ts'

const RECORDED_EACH = 256

/**
 * Counts the server's notifications that went no further, so that a flood of them does not fill the disk: nothing waits
 * for one and nobody saw it, so what must be kept is that there were so many.
 */
export class DroppedNotifications {
  readonly #counts = new Map<string, number>()

  /**
   * Counts one. Returns what its record says beside why it was dropped, or null where it has no record of its own: of
   * each method the first 256 have one, then the 512th, the 1,024th and so on.
   */
  count(method: string): string | null {
    // A server may make up names without end: those have one count together.
    const kind = SERVER_NOTIFICATIONS.has(method) ? method : ''
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    if (count < RECORDED_EACH) return ''
    if (!Number.isInteger(Math.log2(count))) return null
    const of = kind === '' ? 'of unknown methods' : 'of this method'
    return `; it is number ${count} ${of} to be dropped, and the next to be recorded is number ${2 * count}`
  }
}
