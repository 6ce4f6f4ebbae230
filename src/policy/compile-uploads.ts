import { checkAddress } from './check-address.ts'
import { compileTime } from './compile-time.ts'
import type { UploadPlace, UploadTerms } from './policy.ts'
import type { ProblemList } from './problem-list.ts'
import { quantity } from './quantity.ts'
import type { PolicyFile } from './schema.ts'
import { faultOfWebAddress } from './web-address.ts'
import type { YamlPath } from './yaml-node.ts'

type InFile = NonNullable<NonNullable<PolicyFile['audit']>['upload']>['to'][number]

/** Compiles `audit.upload`. What is wrong with it is noted. Under an unsigned policy nothing leaves the machine. */
export function compileUploads(
  { audit, identity }: Pick<PolicyFile, 'audit' | 'identity'>,
  signed: boolean,
  problems: ProblemList,
): readonly UploadPlace[] {
  const to = audit?.upload?.to ?? []
  const seen = new Set<string>()
  return to.flatMap((written, index) => {
    const { url, region, role, endpoint, audience, scope } = written
    const path = ['audit', 'upload', 'to', index]
    const whole = url.endsWith('/') ? url : `${url}/`
    if (seen.has(whole)) problems.atValue([...path, 'url'], 'this destination stands here twice')
    seen.add(whole)
    if (endpoint !== undefined) checkAddress(endpoint, [...path, 'endpoint'], problems)
    checkKind(written, path, problems)
    checkAudience(written, identity, path, problems)
    if (!signed && !url.startsWith('file:')) {
      const message = 'this destination is not used: this policy is not signed, so nothing leaves the machine'
      problems.warn(problems.offset(path), message, 'sign it: hoopctl policy sign')
      return []
    }
    return [
      {
        url: whole,
        region: region ?? null,
        role: role ?? null,
        endpoint: endpoint ?? null,
        audience: audience ?? null,
        scope: scope ?? null,
      },
    ]
  })
}

// What was written is signed within five seconds, and looked for every ten; sending it takes a while.
const SHORT_REQUIRED_MS = 30_000

/**
 * Compiles what holds while logs wait.
 * @param uploads the destinations that are used
 */
export function compileUploadTerms(
  audit: PolicyFile['audit'],
  uploads: readonly UploadPlace[],
  problems: ProblemList,
): UploadTerms {
  const { upload, spool } = audit ?? {}
  const path = ['audit', 'upload']
  const requiredMs = compileTime(upload?.required, [...path, 'required'], problems)
  if (requiredMs !== null && requiredMs < SHORT_REQUIRED_MS) {
    const message =
      'calls may be denied though all is well: what is written is sent up to twenty seconds later'
    problems.warn(problems.offset([...path, 'required']), message, 'write `30s` or more')
  }
  if (spool !== undefined && upload === undefined) {
    const message = '`spool` limits what waits to be sent, and nothing is sent anywhere'
    problems.atKey(['audit', 'spool'], message, 'add `upload: { to: [{ url: … }] }` beside it, or delete it')
  }
  const mayDeny = requiredMs !== null || spool?.onFull === 'deny'
  if (mayDeny && upload !== undefined && uploads.length === 0) {
    const message =
      'every call is denied: this policy is not signed, so no destination is used and nothing is ever confirmed'
    problems.warn(problems.offset(path), message, 'sign it: hoopctl policy sign')
  }
  return {
    requiredMs,
    waitMs: compileTime(upload?.wait, [...path, 'wait'], problems, '1m') ?? 0,
    spool: spool === undefined ? null : { maxBytes: quantity(spool.max), onFull: spool.onFull },
  }
}

function checkKind(
  { url, region, role, endpoint, audience, scope }: InFile,
  path: YamlPath,
  problems: ProblemList,
): void {
  const at = [...path, 'url']
  const isWeb = url.startsWith('http')
  const fault = isWeb ? faultOfWebAddress(url) : null
  if (fault !== null) problems.atValue(at, `this destination cannot be used: ${fault}`)
  if (!url.startsWith('s3:') && (region ?? role ?? endpoint) !== undefined) {
    const what = isWeb ? 'a web server' : 'a directory'
    problems.atValue(at, `${what} has no \`region\`, \`role\` or \`endpoint\``)
  }
  if (!isWeb && (audience ?? scope) !== undefined)
    problems.atValue(at, 'only an https destination has `audience` and `scope`')
  if (isWeb && audience === undefined) {
    const message = 'an https destination needs `audience`: whom the access token is for that is sent there'
    problems.atValue(at, message, 'write: audience: "https://evidence.acme.example"')
  }
}

function checkAudience(
  { audience, scope }: InFile,
  identity: PolicyFile['identity'],
  path: YamlPath,
  problems: ProblemList,
): void {
  if (audience === undefined) return
  const at = [...path, 'audience']
  const { clientId, approvals, workloads = [] } = identity ?? {}
  // A sign-in's own token would pass for one that was made for the server, and the server's for a sign-in.
  if ([clientId, approvals?.clientId, ...workloads.map((each) => each.audience)].includes(audience)) {
    const message = 'this is the audience of tokens that people or workloads sign in with'
    problems.atValue(at, message, 'register the server with the issuer under a name of its own')
  }
  // RFC 8707, section 2.
  if (scope === undefined && (URL.parse(audience) === null || audience.includes('#'))) {
    const message =
      'without `scope` an audience is a URI without fragment: it is sent as `resource` (RFC 8707)'
    problems.atValue(at, message, 'write it like `https://evidence.acme.example`, or add `scope`')
  }
}
