/** Where a signed policy comes from, and whom it must be signed by. */
export interface PolicySource {
  /** `https://…/NAME.jws`, `s3://BUCKET/…/NAME.jws` or `file:///…/NAME.jws`. */
  readonly url: string
  /** The digest of the trust document that is pinned: 64 lower-case hexadecimal digits. */
  readonly trust: string
  /** For s3; null: what the AWS SDK finds. */
  readonly region: string | null
  /** The role that is assumed with the sign-in's ID token, for s3; null: the AWS SDK's own chain. */
  readonly role: string | null
  /** Where an S3-compatible store answers; null: AWS. */
  readonly endpoint: string | null
}

/** Makes a source of what stands in a file. */
export function policySource(written: {
  readonly url: string
  readonly trust: string
  readonly region?: string | undefined
  readonly role?: string | undefined
  readonly endpoint?: string | undefined
}): PolicySource {
  const { url, trust, region = null, role = null, endpoint = null } = written
  return { url, trust, region, role, endpoint }
}
