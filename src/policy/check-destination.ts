import type { ProblemList } from './problem-list.ts'
import type { PolicyFile } from './schema.ts'
import { faultOfWebAddress } from './web-address.ts'
import type { YamlPath } from './yaml-node.ts'

type InFile = NonNullable<NonNullable<PolicyFile['audit']>['upload']>['to'][number]

/** Notes what is wrong with a destination of uploads: keys that are not for its kind, an audience that is another's. */
export function checkDestination(
  written: InFile,
  identity: PolicyFile['identity'],
  path: YamlPath,
  problems: ProblemList,
): void {
  checkKind(written, path, problems)
  checkAudience(written, identity, path, problems)
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
