/** Claims of a token whose signature and validity were checked. */
export type Claims = Readonly<Record<string, unknown>>

/** Who a provider said it is, and when. What the claims mean (groups, email) is the policy's to say. */
export interface SignIn {
  readonly issuer: string
  /** The client that signed in; of a workload's token its audience. */
  readonly clientId: string
  readonly kind: 'human' | 'workload'
  readonly claims: Claims
  /** When the provider last answered for it. */
  readonly confirmed: Date
  /** Where its tokens are kept; null for a workload, which keeps none. */
  readonly store: 'keychain' | 'file' | null
}

/** Why nobody is signed in: `unreachable` where a sign-in may well exist and its store cannot be read from here. */
export interface NoSignIn {
  readonly kind: 'none' | 'expired' | 'ended' | 'unreachable' | 'refused'
  /** One clause for people. */
  readonly why: string
  /** What to type. */
  readonly hint: string
}
