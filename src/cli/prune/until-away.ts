import type { Destination } from '../../audit/upload/upload-log.ts'

/** What of a destination is needed to read back what it holds. */
export type ReadBackPlace = Pick<Destination, 'url' | 'get'>

const MOST_FAILURES = 3

/** Makes a destination that is not asked any more once it could not be reached three times in a row: each may take long. */
export function untilAway({ url, get }: ReadBackPlace): ReadBackPlace {
  let failures: unknown[] = []
  return {
    url,
    async get(name, maxBytes) {
      if (failures.length === MOST_FAILURES) throw failures.at(-1)
      try {
        const found = await get(name, maxBytes)
        failures = []
        return found
      } catch (failure) {
        failures.push(failure)
        throw failure
      }
    },
  }
}
