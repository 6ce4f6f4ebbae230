import type { Demand } from '../approval.ts'
import { mergeTerms } from './merge-terms.ts'
import type { Grant } from './policy.ts'

/** Says what the yes of a second person must be, for grants that want one: as of a call about which each of them asks. */
export function grantDemand(grants: readonly Pick<Grant, 'name' | 'activate'>[]): Demand {
  return mergeTerms(grants.map(({ name, activate }) => ({ ref: activateRef(name), ask: activate.approval })))
}

/** Names what of a grant asks: `grants.orders-write.activate`. */
export function activateRef(name: string): string {
  return `grants.${name}.activate`
}
