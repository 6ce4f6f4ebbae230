import { checkAddress } from './check-address.ts'
import { checkDestination } from './check-destination.ts'
import { compileKeeping } from './compile-keeping.ts'
import type { UploadPlace } from './policy.ts'
import type { ProblemList } from './problem-list.ts'
import type { PolicyFile } from './schema.ts'

/** Compiles `audit.upload`. What is wrong with it is noted. Under an unsigned policy nothing leaves the machine. */
export function compileUploads(
  { audit, identity }: PolicyFile,
  signed: boolean,
  problems: ProblemList,
): readonly UploadPlace[] {
  const to = audit?.upload?.to ?? []
  if (to.length > 0 && (audit?.payloads?.results ?? 'whole') === 'whole') warnOfResults(problems)
  if (to.length === 0 && audit?.retain !== undefined) {
    const message = `session logs are removed after ${audit.retain}, and lie nowhere else: nothing is left of them`
    problems.warn(
      problems.offset(['audit', 'retain']),
      message,
      'say where they are sent: `upload: { to: [{ url: … }] }`',
    )
  }
  const seen = new Set<string>()
  return to.flatMap((written, index) => {
    const { url, region = null, role = null, endpoint = null, audience = null, scope = null } = written
    const path = ['audit', 'upload', 'to', index]
    const whole = url.endsWith('/') ? url : `${url}/`
    if (seen.has(whole)) problems.atValue([...path, 'url'], 'this destination stands here twice')
    seen.add(whole)
    if (endpoint !== null) checkAddress(endpoint, [...path, 'endpoint'], problems)
    checkDestination(written, identity, path, problems)
    const keeping = compileKeeping({ ...written, role: written.role }, path, problems)
    if (!signed && !url.startsWith('file:')) {
      const message = 'this destination is not used: this policy is not signed, so nothing leaves the machine'
      problems.warn(problems.offset(path), message, 'sign it: hoopctl policy sign')
      return []
    }
    return [{ url: whole, region, role, endpoint, audience, scope, keeping }]
  })
}

// Masks do not exist yet: what a tool returned is in the log as it is, or by its digest.
function warnOfResults(problems: ProblemList): void {
  const message =
    'results are recorded whole, so what tools return is uploaded too, with secrets and personal data in it'
  const hint =
    'write `payloads: { results: digest }` beside it, or let none but auditors read the destinations'
  problems.warn(problems.offset(['audit', 'upload']), message, hint)
}
