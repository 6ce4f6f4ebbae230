import type { HttpClient } from '../http.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import { Secret } from '../secret.ts'
import { type ClientProof, requestClientToken } from './client-credentials.ts'
import { ANSWER_TIMEOUT_MS, checkStatus, readJson } from './provider-json.ts'
import { providerUrl } from './provider-url.ts'
import { MAX_TOKEN_BYTES } from './read-jwt.ts'
import { ASK_OPERATOR, signInFailed } from './sign-in-failed.ts'

/** Where a workload's token comes from. */
export type WorkloadSource =
  /** A file that the platform keeps fresh: Kubernetes, AWS_WEB_IDENTITY_TOKEN_FILE. */
  | { readonly kind: 'file'; readonly path: string }
  /** A service of the platform: GitHub Actions. */
  | { readonly kind: 'github'; readonly url: string; readonly token: Secret; readonly issuer: string }
  /** Client credentials at an issuer that `identity.workloads` names. */
  | {
      readonly kind: 'client'
      readonly issuer: string
      readonly clientId: string
      readonly proof: ClientProof
      /** What the issuer wants beside them: `scope`, `resource` or `audience`. */
      readonly parameters: Readonly<Record<string, string>>
    }

const GITHUB = 'https://token.actions.githubusercontent.com'

/**
 * Finds a workload's token where its platform says it is: a file that was named, else GitHub Actions, else
 * AWS_WEB_IDENTITY_TOKEN_FILE; null: nowhere, so this is no workload.
 */
export function workloadSource(
  env: Readonly<Record<string, string | undefined>>,
  file: string | null,
): WorkloadSource | null {
  if (file !== null) return { kind: 'file', path: file }
  const url = env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? ''
  const token = env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''
  if (url !== '' && token !== '') return { kind: 'github', url, token: new Secret(token), issuer: GITHUB }
  const path = env['AWS_WEB_IDENTITY_TOKEN_FILE'] ?? ''
  return path === '' ? null : { kind: 'file', path }
}

/** What changes when a token may have changed: of a file its stamp; null where only asking tells. Throws SIGN_IN_FAILED. */
export async function stampOf(source: WorkloadSource): Promise<string | null> {
  if (source.kind !== 'file') return null
  try {
    const { stat } = await import('node:fs/promises') // people have no such file, and it is dear to load
    // Kubernetes replaces what a link points to.
    const { ino, size, mtimeMs } = await stat(source.path)
    return `${ino} ${size} ${mtimeMs}`
  } catch (error) {
    throw unreadable(source.path, error)
  }
}

/** Gets a workload's token, which nobody has verified yet. Throws SIGN_IN_FAILED or UNREACHABLE. */
export async function fetchWorkloadToken(
  source: WorkloadSource,
  workloads: IdentitySettings['workloads'],
  http: HttpClient,
  now: () => Date,
): Promise<Secret> {
  switch (source.kind) {
    case 'file':
      return readToken(source.path)
    case 'github':
      return askGitHub(source, workloads, http)
    case 'client': {
      if (workloads.some(({ issuer }) => issuer === source.issuer)) {
        return requestClientToken({ ...source, http, now })
      }
      throw unnamed(source.issuer)
    }
  }
}

/** Says that a policy does not name an issuer. */
export function unnamed(issuer: string): Error {
  return signInFailed(
    `the policy does not name \`${issuer}\` under \`identity.workloads\``,
    'ask whoever writes the policy',
  )
}

async function readToken(path: string): Promise<Secret> {
  let text: string
  try {
    const { readFile, stat } = await import('node:fs/promises')
    const { size } = await stat(path)
    if (size > MAX_TOKEN_BYTES + 2) throw signInFailed(`\`${path}\` is too long to be a token`, FILE_HINT)
    text = (await readFile(path, 'utf8')).trim()
  } catch (error) {
    throw unreadable(path, error)
  }
  if (text === '') throw signInFailed(`\`${path}\` is empty`, FILE_HINT)
  return new Secret(text)
}

const FILE_HINT = 'is the file that the platform writes the token to mounted here, and readable?'

function unreadable(path: string, error: unknown): unknown {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  if (typeof code !== 'string' || !('syscall' in Object(error))) return error
  return signInFailed(`the token in \`${path}\` cannot be read (${code})`, FILE_HINT)
}

// The platform's own way: a request with a token of the job gives a token of the issuer.
async function askGitHub(
  source: WorkloadSource & { readonly kind: 'github' },
  workloads: IdentitySettings['workloads'],
  http: HttpClient,
): Promise<Secret> {
  const named = workloads.find(({ issuer }) => issuer === source.issuer)
  if (named === undefined) throw unnamed(source.issuer)
  const url = providerUrl(source.url, source.issuer)
  if (url === null) throw signInFailed('ACTIONS_ID_TOKEN_REQUEST_URL is not an https address', ASK_OPERATOR)
  url.searchParams.set('audience', named.audience)
  const what = `\`${url.host}\``
  const answer = await http(url, {
    method: 'GET',
    headers: { accept: 'application/json', authorization: `Bearer ${source.token.reveal()}` },
    body: null,
    timeoutMs: ANSWER_TIMEOUT_MS,
    maxBytes: 2 * MAX_TOKEN_BYTES,
    retries: 2,
  })
  checkStatus(answer, what)
  const hint = 'give the job `permissions: id-token: write`'
  if (answer.status !== 200) throw signInFailed(`${what} gives this job no token (${answer.status})`, hint)
  const { value } = readJson(answer, what)
  if (typeof value !== 'string' || value === '') throw signInFailed(`${what} gives this job no token`, hint)
  return new Secret(value)
}
