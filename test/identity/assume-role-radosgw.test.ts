import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import { assumeRoleWithIdToken, type RoleCredentials } from '../../src/identity/assume-role.ts'
import { type Radosgw, startRadosgw, whyNoRadosgw } from '../services/radosgw.ts'
import { webIdentityRole } from '../services/web-identity-role.ts'
import { loopbackHttp } from './http.ts'
import { startProvider } from './provider.ts'
import { signedIn } from './signed-in.ts'

const why = whyNoRadosgw()

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
    const { issuer } = server
    const trusted = { issuer, clientId: 'hoopctl', bucket: 'acme', group: 'engineering' }
    const role = await webIdentityRole(store, trusted)
    const assume = async (user: 'alice' | 'bob') =>
      assumeRoleWithIdToken({
        role,
        idToken: (await signedIn(server, user)).idToken,
        kind: 'human',
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
