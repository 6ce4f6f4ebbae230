import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeKeys, pinOf, signed, trustFile } from '../cli/central/publisher.ts'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { type Radosgw, startRadosgw, whyNoRadosgw } from '../services/radosgw.ts'
import { webIdentityRole } from '../services/web-identity-role.ts'
import { inBrowser } from './company.ts'
import { connect } from './connect.ts'
import { fixture, NODE } from './repo.ts'
import { identityAt } from './signing-in.ts'
import { type Workspace, workspace } from './workspace.ts'

const why = whyNoRadosgw()
const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })

describe.skipIf(why !== null)(
  `a policy in a bucket that only a role reads${why === null ? '' : ` (${why})`}`,
  () => {
    let store: Radosgw
    let provider: TestProvider
    let owner: S3Client
    let role: string
    beforeAll(async () => {
      store = await startRadosgw()
      provider = await startProvider({ certified: true })
      const { endpoint, region, admin: credentials } = store
      owner = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
      await owner.send(new CreateBucketCommand({ Bucket: 'policies' }))
      role = await webIdentityRole(store, {
        issuer: provider.issuer,
        clientId: 'hoopctl',
        bucket: 'policies',
      })
      await put('trust/1.jws', trust)
    }, 120_000)
    afterAll(async () => {
      owner.destroy()
      await provider.close()
      await store[Symbol.asyncDispose]()
    })

    const put = (name: string, Body: Buffer) =>
      owner.send(new PutObjectCommand({ Bucket: 'policies', Key: `acme/${name}`, Body }))

    /** Puts a policy into the bucket under which everybody who signs in may call one tool. */
    function publish(version: number, tool: string, space: Workspace) {
      const expires = new Date(Date.now() + 7 * 86_400_000).toISOString()
      const policy = {
        apiVersion: 'hoopctl/v1',
        kind: 'Policy',
        metadata: { name: 'acme', version, expires },
        identity: identityAt(provider),
        servers: { notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), space.path()] } } },
        rules: [{ allow: { tool } }],
      }
      return put('acme.jws', signed(JSON.stringify(policy), keys))
    }

    /** A machine without a policy, on which alice has signed in. */
    async function machine(): Promise<Workspace> {
      const space = await workspace({})
      await rm(space.policyFile)
      const at = ['--issuer', provider.issuer, '--client-id', 'hoopctl']
      const signedIn = await inBrowser('alice', provider, space, [
        'login',
        '--browser',
        '--store',
        'file',
        ...at,
      ])
      expect(signedIn.stdout).toMatch(/^Signed in\./)
      return space
    }

    /** Adds the policy; where the bucket is, only this command is told, as clients pass no variables on. */
    async function add(arn: string, space: Workspace) {
      Object.assign(space.env, { AWS_ENDPOINT_URL: store.endpoint, AWS_REGION: store.region })
      const words = ['s3://policies/acme/acme.jws', '--role', arn, '--trust', pinOf(trust), '--yes']
      const added = await space.hoopctl('policy', 'add', ...words)
      for (const name of ['AWS_ENDPOINT_URL', 'AWS_REGION']) Reflect.deleteProperty(space.env, name)
      return added
    }

    /** What becomes of writing a note, in a session of its own. */
    async function write(name: string, space: Workspace): Promise<boolean> {
      await using connected = await connect('notes', space)
      await connected.callTool({ name: 'write_note', arguments: { name, content: 'x' } })
      return space.has(name)
    }

    it('given a sign-in with which the role is assumed, is added, wrapped under, and fetched anew', async () => {
      await using space = await machine()
      await publish(1, 'write_note', space)
      const added = await add(role, space)
      expect({ code: added.exitCode, stderr: added.stderr }).toMatchObject({ code: 0 })
      expect(await write('under-1.txt', space)).toBe(true)

      await publish(2, 'read_note', space)
      expect(await space.hoopctl('policy', 'refresh')).toMatchObject({ exitCode: 0 })
      expect(await write('under-2.txt', space)).toBe(false)

      await publish(3, 'write_note', space)
      await rm(join(space.home, 'state', 'policies'), { recursive: true }) // so `wrap` itself must fetch it
      expect(await write('under-3.txt', space)).toBe(true)
    })

    it('given a role that does not trust the sign-in, is not added', async () => {
      await using space = await machine()
      const { exitCode, stderr } = await add('arn:aws:iam:::role/another', space)
      expect(exitCode).toBe(4)
      expect(stderr).toContain('STS does not let this sign-in assume `arn:aws:iam:::role/another`')
      expect(await space.hoopctl('policy', 'show')).toMatchObject({ exitCode: 3 })
    })
  },
)
