/** Writes the session policy that narrows a role to what uploading below `s3://BUCKET/PREFIX/` takes; null for other URLs. */
export function evidencePolicy(url: string): string | null {
  const { protocol, host, pathname } = new URL(url)
  if (protocol !== 's3:') return null
  const prefix = pathname.slice(1)
  const bucket = `arn:aws:s3:::${host}`
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['s3:PutObject', 's3:GetObject'], Resource: `${bucket}/${prefix}*` },
      // Without the right to list, what is missing looks like what is forbidden.
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: bucket,
        Condition: { StringLike: { 's3:prefix': `${prefix}*` } },
      },
    ],
  })
}
