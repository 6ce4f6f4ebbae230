import type { Keeping } from '../../policy/policy.ts'

/** Writes the session policy that narrows a role to what uploading below `s3://BUCKET/PREFIX/` takes; null for other URLs. */
export function evidencePolicy(url: string, keeping: Keeping | null = null): string | null {
  const { protocol, host, pathname } = new URL(url)
  if (protocol !== 's3:') return null
  const prefix = pathname.slice(1)
  const bucket = `arn:aws:s3:::${host}`
  const kmsKey = keeping?.kmsKey?.startsWith('arn:') === true ? keeping.kmsKey : null
  const ofLock = keeping?.lock == null ? [] : ['s3:PutObjectRetention']
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['s3:PutObject', 's3:GetObject', ...ofLock],
        Resource: `${bucket}/${prefix}*`,
      },
      // Without the right to list, what is missing looks like what is forbidden.
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: bucket,
        Condition: { StringLike: { 's3:prefix': `${prefix}*` } },
      },
      // One to encrypt what is written, one to read it back.
      ...(kmsKey === null
        ? []
        : [{ Effect: 'Allow', Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: kmsKey }]),
    ],
  })
}
