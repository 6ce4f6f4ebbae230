import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import { assumeRoleWithIdToken, type RoleCredentials } from '../../src/identity/assume-role.ts'
import { callIam } from '../services/iam.ts'
import { type Radosgw, startRadosgw, whyNoRadosgw } from '../services/radosgw.ts'
import { loopbackHttp } from './http.ts'
import { startProvider, type TestProvider } from './provider.ts'
import { signedIn } from './signed-in.ts'

const why = whyNoRadosgw()

/** A role on a bucket that trusts the provider's client, for those in `engineering`. */
async function makeRole(store: Radosgw, server: TestProvider): Promise<string> {
  const host = server.issuer.replace('http://', '')
  await callIam(store, store.admin, {
    Action: 'CreateOpenIDConnectProvider',
    Url: server.issuer,
    'ClientIDList.member.1': 'hoopctl',
    'ThumbprintList.member.1': '0'.repeat(40),
  })
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: [`arn:aws:iam:::oidc-provider/${host}`] },
        Action: ['sts:AssumeRoleWithWebIdentity'],
        Condition: { StringEquals: { [`${host}:aud`]: 'hoopctl', [`${host}:groups`]: 'engineering' } },
      },
    ],
  }
  const RoleName = 'hoopctl-policies'
  const made = await callIam(store, store.admin, {
    Action: 'CreateRole',
    RoleName,
    AssumeRolePolicyDocument: JSON.stringify(trust),
  })
  const all = { Effect: 'Allow', Action: ['s3:*'], Resource: ['arn:aws:s3:::acme', 'arn:aws:s3:::acme/*'] }
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [all] })
  await callIam(store, store.admin, {
    Action: 'PutRolePolicy',
    RoleName,
    PolicyName: 'bucket',
    PolicyDocument,
  })
  return /<Arn>([^<]+)<\/Arn>/.exec(made)?.[1] ?? ''
}

function s3(store: Radosgw, { accessKeyId, secretAccessKey, sessionToken }: RoleCredentials): S3Client {
  const keys = {
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    sessionToken: sessionToken.reveal(),
  }
  return new S3Client({
    endpoint: store.endpoint,
    region: store.region,
    forcePathStyle: true,
    credentials: keys,
  })
}

const status = (sent: Promise<unknown>) =>
  sent.then(
    () => 200,
    (error: unknown) =>
      (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? error,
  )

it.skipIf(why !== null)(
  `given a real STS${why === null ? '' : ` (${why})`}, a sign-in that the role trusts gets what its policy narrows to, another nothing`,
  async () => {
    await using store = await startRadosgw()
    await using server = await startProvider({ certified: true })
    const role = await makeRole(store, server)
    const assume = async (user: 'alice' | 'bob') =>
      assumeRoleWithIdToken({
        role,
        idToken: (await signedIn(server, user)).idToken,
        region: store.region,
        endpoint: new URL(store.endpoint),
        policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::acme/*'] }],
        }),
        sessionName: user,
        durationSeconds: 900,
        http: loopbackHttp,
      })
    const admin = new S3Client({
      endpoint: store.endpoint,
      region: store.region,
      forcePathStyle: true,
      credentials: store.admin,
    })
    const { CreateBucketCommand } = await import('@aws-sdk/client-s3')
    await admin.send(new CreateBucketCommand({ Bucket: 'acme' }))
    await admin.send(new PutObjectCommand({ Bucket: 'acme', Key: 'policy', Body: 'rules: []' }))
    const given = await assume('alice')
    expect(given.expires.getTime()).toBeGreaterThan(Date.now())
    const client = s3(store, given)
    const seen = [
      await status(client.send(new GetObjectCommand({ Bucket: 'acme', Key: 'policy' }))),
      await status(client.send(new PutObjectCommand({ Bucket: 'acme', Key: 'policy', Body: 'x' }))),
    ]
    expect(seen).toEqual([200, 403])
    await expect(assume('bob')).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED',
      message: expect.stringMatching(/^STS does not let this sign-in assume .* \(403/),
    })
  },
)
