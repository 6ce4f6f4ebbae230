import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HoopctlError } from '../../src/errors.ts'
import { type AwsCredentials, type AwsSettings, awsEndpoint } from '../../src/remote/aws-settings.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { s3Source } from '../../src/remote/s3-source.ts'
import { Secret } from '../../src/secret.ts'
import { answerWith, startHttpServer, startHttpsServer } from './https-server.ts'
import { BARE, impatient } from './requests.ts'

const BASE = new URL('s3://policies/acme/')
const NONE: AwsSettings = { endpoint: null, region: null, credentials: null }
const KEYS: AwsCredentials = {
  accessKeyId: 'AKIAEXAMPLE',
  secretAccessKey: new Secret('s3cr3t-key'),
  sessionToken: new Secret('s3cr3t-token'),
  expires: null,
}
const http = createHttpClient(BARE, impatient().waiting)

// The AWS SDK looks around: at the environment, the home, the machine it runs on.
let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hoopctl-aws-'))
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  vi.stubEnv('HOME', home)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(home, { recursive: true })
})

const withKeys = (endpoint: URL | string, more: Partial<AwsSettings> = {}): AwsSettings => ({
  ...NONE,
  endpoint: endpoint.toString(),
  credentials: async () => KEYS,
  ...more,
})

/** What S3 says when it refuses. */
function xmlError(code: string): string {
  return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`
}

describe('what S3 is asked', () => {
  it('given keys of a session, signs with them and names bucket and key in the path', async () => {
    await using server = await startHttpServer(answerWith(200, 'policy', { etag: '"v1"' }))
    const read = await s3Source(BASE, http, withKeys(server.url)).read('trust/1.jws', { etag: '"v0"' }, 100)
    expect(read).toMatchObject({ status: 'read', etag: '"v1"' })
    const [request] = server.seen
    expect(request?.url).toBe('/policies/acme/trust/1.jws?x-id=GetObject')
    expect(request?.headers).toMatchObject({
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/us-east-1\/s3\//u,
      ),
      'x-amz-security-token': 's3cr3t-token',
      'if-none-match': '"v0"',
      'accept-encoding': 'identity',
    })
  })

  it('given a region, signs for it', async () => {
    await using server = await startHttpServer(answerWith(200, 'policy'))
    await s3Source(BASE, http, withKeys(server.url, { region: 'eu-central-1' })).read('a.jws', null, 100)
    expect(server.seen[0]?.headers['authorization']).toContain('/eu-central-1/s3/')
  })

  it('given keys that run out, asks for new ones', async () => {
    await using server = await startHttpServer(answerWith(200, 'policy'))
    const credentials = vi.fn<() => Promise<AwsCredentials>>(async () => ({ ...KEYS, expires: new Date(0) }))
    const source = s3Source(BASE, http, withKeys(server.url, { credentials }))
    await source.read('a.jws', null, 100)
    const asked = credentials.mock.calls.length
    await source.read('a.jws', null, 100)
    expect(credentials.mock.calls.length).toBeGreaterThan(asked)
  })

  it('given keys in the environment and AWS_ENDPOINT_URL, uses them', async () => {
    await using server = await startHttpServer(answerWith(200, 'policy'))
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENV')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x')
    const endpoint = awsEndpoint({ AWS_ENDPOINT_URL: server.url.href })
    expect(await s3Source(BASE, http, { ...NONE, endpoint }).read('a.jws', null, 100)).toMatchObject({
      status: 'read',
    })
    expect(server.seen[0]?.headers['authorization']).toContain('Credential=AKIAENV/')
  })

  it('given a platform’s token, gets keys for it with our CAs', async () => {
    const expires = new Date(Date.now() + 3_600_000).toISOString()
    const keys = `<AccessKeyId>AKIAWEB</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>t</SessionToken>`
    const result = `<Credentials>${keys}<Expiration>${expires}</Expiration></Credentials>`
    await using server = await startHttpsServer((request, response) => {
      const isSts = request.method === 'POST'
      const call = 'AssumeRoleWithWebIdentity'
      response.end(
        isSts ? `<${call}Response><${call}Result>${result}</${call}Result></${call}Response>` : 'policy',
      )
    })
    await writeFile(join(home, 'token'), 'platform-token')
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', join(home, 'token'))
    vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/reader')
    vi.stubEnv('AWS_REGION', 'eu-central-1')
    vi.stubEnv('AWS_ENDPOINT_URL', server.url.href)
    const trusting = createHttpClient({ ...BARE, caFile: server.caFile })
    const source = s3Source(BASE, trusting, { ...NONE, endpoint: server.url.href })
    expect(await source.read('a.jws', null, 100)).toMatchObject({ status: 'read' })
    expect(Buffer.from(server.seen[0]?.body ?? []).toString()).toContain('WebIdentityToken=platform-token')
    expect(server.seen[1]?.headers['authorization']).toContain('Credential=AKIAWEB/')
  })
})

describe('what S3 refuses', () => {
  it.each([
    { status: 301, code: 'PermanentRedirect', message: 'the bucket `policies` is in another region' },
    { status: 307, code: 'TemporaryRedirect', message: 'the bucket `policies` is in another region' },
    {
      status: 400,
      code: 'AuthorizationHeaderMalformed',
      message: 'the bucket `policies` is in another region',
    },
    { status: 403, code: 'AccessDenied', message: '`s3://policies/acme/a.jws` may not be read (403)' },
    {
      status: 403,
      code: 'RequestTimeTooSkewed',
      message: 'S3 refused `s3://policies/acme/a.jws`: this clock is wrong',
    },
    { status: 404, code: 'NoSuchBucket', message: 'there is no bucket `policies`' },
    { status: 500, code: 'InternalError', message: 'S3 answered 500 for `s3://policies/acme/a.jws`' },
    { status: 304, code: 'NotModified', message: 'S3 answered 304 for `s3://policies/acme/a.jws`' },
  ])('given $status $code, says: $message', async ({ status, code, message }) => {
    const body = status === 304 ? '' : xmlError(code)
    await using server = await startHttpServer(
      answerWith(status, body, { location: 'https://other.example/' }),
    )
    await expect(s3Source(BASE, http, withKeys(server.url)).read('a.jws', null, 1000)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message,
    })
  })

  it.each(['<Error><Code>', 'not xml at all', '\u0000\u0001'])(
    'given 403 and %j, refuses all the same',
    async (body) => {
      await using server = await startHttpServer(answerWith(403, body))
      await expect(
        s3Source(BASE, http, withKeys(server.url)).read('a.jws', null, 1000),
      ).rejects.toMatchObject({
        code: 'UNREACHABLE',
      })
    },
  )

  it('given more than allowed, stops reading', async () => {
    await using server = await startHttpServer(answerWith(200, 'x'.repeat(101)))
    await expect(s3Source(BASE, http, withKeys(server.url)).read('a.jws', null, 100)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('has more than 100 bytes'),
    })
  })

  it('[INV-5] given a refusal, tells no key in the error', async () => {
    const { inspect } = await import('node:util')
    await using server = await startHttpServer(answerWith(403, xmlError('AccessDenied')))
    const source = s3Source(BASE, http, withKeys(server.url))
    const error: unknown = await source.read('a.jws', null, 1000).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(HoopctlError)
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('s3cr3t')
  })
})

describe('what S3 is not asked', () => {
  it('given no credentials anywhere, says so', async () => {
    const settings = { ...NONE, endpoint: 'https://s3.example/' }
    await expect(s3Source(BASE, http, settings).read('a.jws', null, 100)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: 'no AWS credentials were found',
      hint: 'sign in at AWS (`aws sso login`), set AWS_PROFILE, or give the source a role',
    })
  })

  it('given AWS and no region, says so', async () => {
    const settings = { ...NONE, credentials: async () => KEYS }
    await expect(s3Source(BASE, http, settings).read('a.jws', null, 100)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: 'no AWS region is known',
    })
  })

  it('given credentials that need a sign-in, hands over what they say', async () => {
    const error = new HoopctlError('NOT_SIGNED_IN', 'nobody is signed in', { hint: 'run: hoopctl login' })
    const credentials = () => Promise.reject(error)
    const settings = { ...NONE, endpoint: 'https://s3.example/', credentials }
    await expect(s3Source(BASE, http, settings).read('a.jws', null, 100)).rejects.toBe(error)
  })

  it('given an endpoint without TLS that is not this machine, sends nothing', async () => {
    const settings = withKeys('http://s3.example/')
    await expect(s3Source(BASE, http, settings).read('a.jws', null, 100)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    })
  })
})

describe('awsEndpoint', () => {
  it.each([
    [{}, null],
    [{ AWS_ENDPOINT_URL: 'https://a.example' }, 'https://a.example'],
    [
      { AWS_ENDPOINT_URL: 'https://a.example', AWS_ENDPOINT_URL_S3: 'https://b.example' },
      'https://b.example',
    ],
    [{ AWS_ENDPOINT_URL: 'https://a.example', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, null],
    [{ AWS_ENDPOINT_URL: '' }, null],
  ])('given %j, finds %j', (env, endpoint) => {
    expect(awsEndpoint(env)).toBe(endpoint)
  })
})
