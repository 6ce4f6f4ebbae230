import { visible } from '../../visible.ts'
import { counted } from '../counted.ts'
import type { Central } from './open-central.ts'
import { blockedAt } from './policy-end.ts'
import type { KeptPolicy } from './policy-keeper.ts'

/** What is known of a central policy: what `policy show --json` prints. */
export interface CentralFacts {
  readonly name: string
  readonly version: number
  readonly digest: string
  readonly signed: true
  readonly expires: string
  readonly source: string
  readonly issuer: string | null
  readonly clientId: string | null
  /** The keys that signed it. */
  readonly signedBy: readonly string[]
  readonly trust: {
    /** The digest that this machine holds on to. */
    readonly pinned: string
    readonly number: number
    readonly digest: string
    readonly threshold: number
    readonly signers: readonly string[]
  }
  /** When the source last answered. */
  readonly confirmed: string | null
  /** Why it does not count now; null: it does. */
  readonly blocked: { readonly why: string; readonly help: string } | null
}

/** Gathers what is known of a policy and whom it is signed by. */
export function centralFacts({ held, policy }: KeptPolicy, central: Central): CentralFacts {
  const { keeper, source, moment } = central
  const { name, version, digest, expires, signers } = held.signed
  const trust = keeper.newest?.trust ?? held.trust
  return {
    name,
    version,
    digest,
    signed: true,
    expires: expires.toISOString(),
    source: source.url,
    issuer: policy.identity?.issuer ?? null,
    clientId: policy.identity?.clientId ?? null,
    signedBy: signers,
    trust: {
      pinned: source.trust,
      number: trust.number,
      digest: trust.digest,
      threshold: trust.threshold,
      signers: trust.signers.map(({ id }) => id),
    },
    confirmed: keeper.contact?.at.toISOString() ?? null,
    blocked: blockedAt({ held, policy }, keeper.contact, moment()),
  }
}

/** Lays the facts out for people, one a line. */
export function factLines(facts: CentralFacts): string[] {
  const { trust, signedBy } = facts
  const keys = trust.signers.map(
    (id) => `           ${id}${signedBy.includes(id) ? '  signed this policy' : ''}`,
  )
  const needed = `${trust.threshold} of ${counted(trust.signers.length, 'key')}`
  return [
    `policy     ${visible(facts.name)}, version ${facts.version}`,
    `digest     ${facts.digest}`,
    `expires    ${facts.expires}`,
    `source     ${visible(facts.source)}`,
    `issuer     ${visible(facts.issuer ?? 'none')}`,
    `trust      document ${trust.number}, pinned ${trust.pinned}`,
    `           policies need ${needed}:`,
    ...keys,
    `confirmed  ${facts.confirmed ?? 'never'}`,
  ]
}
