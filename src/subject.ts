/** Who is asking: the authenticated identity that every decision and record is about. */
export interface Subject {
  /** The OpenID issuer's URL; `local` where a policy asks for no sign-in and the OS user is meant. */
  readonly issuer: string
  /** The issuer's own name for the subject; for `local` the OS user's name. */
  readonly sub: string
  readonly email: string | null
  readonly groups: readonly string[]
  readonly kind: 'human' | 'workload'
  readonly claims: Readonly<Record<string, unknown>>
}
