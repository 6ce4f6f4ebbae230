/** How long claims count where a policy does not say, or is not known yet, in milliseconds. */
export const DEFAULT_MAX_AGE_MS = 12 * 3_600_000

/** How a policy wants its subjects to sign in: the section `identity`. */
export interface IdentitySettings {
  /** The OpenID provider's issuer URL, as its tokens spell it. */
  readonly issuer: string
  readonly clientId: string
  readonly scopes: readonly string[]
  /** The port of 127.0.0.1 that a browser comes back to, for providers that compare ports; null: any that is free. */
  readonly redirectPort: number | null
  /** How long claims count after the provider last answered, in milliseconds. */
  readonly maxAgeMs: number
  /** The client whose ID tokens are receipts, and nothing else. */
  readonly approvals: {
    readonly clientId: string
    /** What a proof asks for, the best first (`acr_values`); empty: nothing. */
    readonly acrValues: readonly string[]
    /** Public keys of the issuer (JWK) that the policy vouches for, for those who verify receipts later. */
    readonly keys?: readonly Readonly<Record<string, unknown>>[]
  } | null
  /** Other issuers, whose tokens are a workload's. */
  readonly workloads: readonly { readonly issuer: string; readonly audience: string }[]
}
