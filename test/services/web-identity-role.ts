import { callIam } from './iam.ts'
import type { Radosgw } from './radosgw.ts'

/** Who may assume a role, and on what bucket it gives everything. */
export interface RoleOptions {
  readonly issuer: string
  readonly clientId: string
  readonly bucket: string
  /** Only those of this group; absent: whoever signs in. */
  readonly group?: string
}

/**
 * Makes a role on a bucket that trusts the sign-ins of an OpenID provider's client.
 * @returns its ARN
 */
export async function webIdentityRole(
  store: Radosgw,
  { issuer, clientId, bucket, group }: RoleOptions,
): Promise<string> {
  const host = issuer.replace('http://', '')
  await callIam(store, store.admin, {
    Action: 'CreateOpenIDConnectProvider',
    Url: issuer,
    'ClientIDList.member.1': clientId,
    'ThumbprintList.member.1': '0'.repeat(40),
  })
  const ofGroup = group === undefined ? {} : { [`${host}:groups`]: group }
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: [`arn:aws:iam:::oidc-provider/${host}`] },
        Action: ['sts:AssumeRoleWithWebIdentity'],
        Condition: { StringEquals: { [`${host}:aud`]: clientId, ...ofGroup } },
      },
    ],
  }
  const RoleName = `hoopctl-${bucket}`
  const made = await callIam(store, store.admin, {
    Action: 'CreateRole',
    RoleName,
    AssumeRolePolicyDocument: JSON.stringify(trust),
  })
  const Resource = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]
  const all = { Effect: 'Allow', Action: ['s3:*'], Resource }
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [all] })
  await callIam(store, store.admin, {
    Action: 'PutRolePolicy',
    RoleName,
    PolicyName: 'bucket',
    PolicyDocument,
  })
  return /<Arn>([^<]+)<\/Arn>/.exec(made)?.[1] ?? ''
}
