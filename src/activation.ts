import type { Question, Receipt } from './approval.ts'

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

/** How it was shown that a person asked, or that a second one agreed; `request` is the text of what was asked for (request-text.ts). */
export type ActivationProof =
  | { readonly kind: 'terminal' }
  /** An SSH signature over the digest of what was asked for. */
  | { readonly kind: 'key'; readonly key: string; readonly signature: string; readonly request: string }
  /** An ID token whose nonce is that digest. */
  | { readonly kind: 'oidc'; readonly idToken: string; readonly request: string }
  /** The question whose params are what was asked for, and enough people's yes to it. */
  | {
      readonly kind: 'approval'
      readonly request: string
      readonly question: Question
      readonly receipts: readonly Receipt[]
    }
