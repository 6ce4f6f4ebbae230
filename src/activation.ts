/** A grant made live for one subject on one device, in all shims. */
export interface Activation {
  readonly id: string
  /** Which policy gave it: `trust:DIGEST/NAME`, by the pinned trust document and the policy's name, or `file:` and the path. */
  readonly policy: string
  readonly grant: string
  readonly issuer: string
  readonly sub: string
  /** The public key of the device, as session headers name it. */
  readonly device: string
  readonly started: Date
  readonly expires: Date
  /** How many calls it lets through, over all shims; null: any number. */
  readonly uses: number | null
  readonly reason: string | null
  readonly proof: ActivationProof
}

/** How it was shown that a person asked: a terminal, or an ID token whose nonce is the digest of what was asked for. */
export type ActivationProof =
  | { readonly kind: 'terminal' }
  /** `request` is the text of what was asked for (request-text.ts). */
  | { readonly kind: 'oidc'; readonly idToken: string; readonly request: string }
