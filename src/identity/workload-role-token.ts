import type { Secret } from '../secret.ts'
import { readJwt } from './read-jwt.ts'
import { signInFailed } from './sign-in-failed.ts'
import type { WorkloadOptions } from './workload-sign-in.ts'
import { fetchWorkloadToken } from './workload-source.ts'

// What AWS documents for tokens of jobs, so that roles for jobs trust it already.
const AWS_AUDIENCE = 'sts.amazonaws.com'

/**
 * Gets a workload's token to assume a role with. No policy is asked for issuer and audience: the role may be what the first
 * policy is read with, and a role that trusts one audience must not be shown another once there is a policy. Nothing here
 * rests on the token: STS verifies it, the role says whose it trusts, and a policy that is read with the role is signed.
 *
 * Where the platform asks for which audience, it is AWS, or the address of another store: what that store is sent opens
 * nothing at AWS, nor under a policy; a file's token that would is not sent there. Throws SIGN_IN_FAILED or UNREACHABLE.
 * @param endpoint where STS is; null: at AWS
 */
export async function workloadRoleToken(
  { source, http, now }: WorkloadOptions,
  endpoint: URL | null,
): Promise<Secret> {
  const audience = endpoint === null || isAws(endpoint) ? AWS_AUDIENCE : endpoint.origin
  const workloads = source.kind === 'file' ? [] : [{ issuer: source.issuer, audience }]
  const token = await fetchWorkloadToken(source, workloads, http, now)
  const read = readJwt(token.reveal())
  // A file that holds something else is not sent anywhere.
  if (!read.ok) throw signInFailed(`the workload’s token is refused: ${read.why}`, HINT)
  if (audience !== AWS_AUDIENCE && [read.jwt.claims['aud']].flat().includes(AWS_AUDIENCE)) {
    const why = `the workload’s token is for AWS (\`${AWS_AUDIENCE}\`), and the role is at \`${audience}\``
    throw signInFailed(why, 'have the platform write a token for that place')
  }
  const end = Number(read.jwt.claims['exp']) * 1000
  if (end <= now().getTime()) {
    throw signInFailed(`the workload’s token ended at ${new Date(end).toISOString()}`, HINT)
  }
  return token
}

// Its regional and private addresses, too.
function isAws({ hostname }: URL): boolean {
  return /\.amazonaws\.com(?:\.cn)?$/u.test(hostname)
}

const HINT = 'does the platform still write or give the token that hoopctl was told of?'
