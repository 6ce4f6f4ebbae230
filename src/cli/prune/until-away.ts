import type { EvidencePlace } from '../../audit/evidence/evidence-place.ts'

const MOST_FAILURES = 3

/** Makes a destination that is not asked any more once it could not be reached three times in a row: each may take long. */
export function untilAway(place: EvidencePlace): EvidencePlace {
  let failures: unknown[] = []
  return {
    url: place.url,
    async get(name, maxBytes) {
      if (failures.length === MOST_FAILURES) throw failures.at(-1)
      try {
        const found = await place.get(name, maxBytes)
        failures = []
        return found
      } catch (failure) {
        failures.push(failure)
        throw failure
      }
    },
  }
}
