import { Readable } from 'node:stream'
import type { Credentials } from '@aws-sdk/client-sts'
import { HoopctlError } from '../errors.ts'
import type { HttpClient } from '../http.ts'
import { Secret } from '../secret.ts'
import type { SignIn } from '../sign-in.ts'
import { visible } from '../visible.ts'
import { MAX_ANSWER_BYTES } from './provider-json.ts'
import { signInFailed } from './sign-in-failed.ts'

/** Which role, and with what. */
export interface RoleRequest {
  /** Its ARN. */
  readonly role: string
  readonly idToken: Secret
  /** Whose token that is. */
  readonly kind: SignIn['kind']
  readonly region: string
  /** Where STS is; null: that of AWS in the region. Never what the environment says: the ID token is sent there. */
  readonly endpoint: URL | null
  /** A session policy (JSON) that narrows the role; null: none. */
  readonly policy: string | null
  /** Who it is for, as AWS's own log will show it. */
  readonly sessionName: string
  readonly durationSeconds: number
  readonly http: HttpClient
}

/** Credentials that end by themselves. */
export interface RoleCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
  readonly sessionToken: Secret
  readonly expires: Date
}

const TIMEOUT_MS = 20_000

/**
 * Has AWS STS, or a store that speaks like it, give credentials of a role for a sign-in (AssumeRoleWithWebIdentity). Throws
 * SIGN_IN_FAILED where it does not want to, UNREACHABLE where it cannot.
 */
export async function assumeRoleWithIdToken(request: RoleRequest): Promise<RoleCredentials> {
  const { role, idToken, region, policy, durationSeconds } = request
  const { STSClient, AssumeRoleWithWebIdentityCommand } = await import('@aws-sdk/client-sts')
  const endpoint = request.endpoint ?? awsEndpoint(region)
  const client = new STSClient({
    region,
    endpoint: endpoint.href,
    maxAttempts: 1, // our HTTP client repeats
    requestHandler: handlerOf(request.http),
  })
  const command = new AssumeRoleWithWebIdentityCommand({
    RoleArn: role,
    RoleSessionName: sessionNameOf(request.sessionName),
    WebIdentityToken: idToken.reveal(),
    DurationSeconds: durationSeconds,
    ...(policy !== null && { Policy: policy }),
  })
  try {
    const { Credentials: given } = await client.send(command)
    return credentialsOf(given, role)
  } catch (cause) {
    throw stsFault(cause, request, endpoint)
  } finally {
    client.destroy()
  }
}

function awsEndpoint(region: string): URL {
  if (!/^[a-z0-9-]{1,40}$/.test(region)) {
    const hint = 'correct `region`'
    throw new HoopctlError('INPUT_INVALID', `\`${visible(region.slice(0, 60))}\` is no AWS region`, { hint })
  }
  return new URL(`https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`)
}

// AWS allows these characters, and from 2 to 64 of them.
function sessionNameOf(name: string): string {
  return name
    .replaceAll(/[^\w+=,.@-]/g, '-')
    .slice(0, 64)
    .padEnd(2, '-')
}

interface SdkRequest {
  readonly method: string
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

function handlerOf(http: HttpClient) {
  return {
    handle: async ({ method, protocol, hostname, port, path, headers, body }: SdkRequest) => {
      if (method !== 'POST' || typeof body !== 'string') {
        throw new TypeError('the AWS SDK sends a request of a kind that it did not send before')
      }
      // The client sets these itself.
      const { host: _host, 'content-length': _length, ...sent } = headers
      const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`)
      const answer = await http(url, {
        method,
        headers: sent,
        body: Buffer.from(body),
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_ANSWER_BYTES,
        retries: 2,
      })
      const { status: statusCode, headers: names, body: bytes } = answer
      return {
        response: { statusCode, headers: Object.fromEntries(names), body: Readable.from([bytes]) },
      }
    },
  }
}

function credentialsOf(given: Credentials | undefined, role: string): RoleCredentials {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {}
  if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
    throw signInFailed(`STS gave no credentials for \`${role}\``, 'is it STS that answers there?')
  }
  if (Expiration === undefined || Number.isNaN(Expiration.getTime())) {
    throw signInFailed(`STS gave credentials of \`${role}\` without an end`, 'is it STS that answers there?')
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: new Secret(SecretAccessKey),
    sessionToken: new Secret(SessionToken),
    expires: Expiration,
  }
}

// By status: names differ between AWS and those that speak like it. Their messages may quote the token.
function stsFault(cause: unknown, { role, kind }: RoleRequest, { host }: URL): unknown {
  if (!(cause instanceof Error) || cause instanceof HoopctlError) return cause
  const metadata: unknown = Reflect.get(cause, '$metadata')
  const status: unknown =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined
  if (typeof status !== 'number') return cause
  const name = /^[A-Za-z]{1,60}$/.test(cause.name) ? `, ${cause.name}` : ''
  if (status === 429 || status >= 500) {
    const message = `\`${host}\` cannot answer now (${status}${name})`
    return new HoopctlError('UNREACHABLE', message, { hint: 'try again in a minute' })
  }
  if (status >= 200 && status < 400) {
    return signInFailed(`\`${host}\` does not answer as STS does (${status})`, 'correct its address')
  }
  const refused = (who: string) => `STS does not let this ${who} assume \`${role}\` (${status}${name})`
  if (kind === 'workload') {
    return signInFailed(refused('workload'), 'does the role trust the token’s issuer, audience and subject?')
  }
  const hint = 'does the role trust this provider and client? if so: hoopctl login'
  return signInFailed(refused('sign-in'), hint)
}
