import type { Destination } from '../../audit/upload/upload-log.ts'
import type { Keeping, Policy, UploadPlace } from '../../policy/policy.ts'
import type { EvidenceKeeping } from '../../remote/evidence-keeping.ts'
import type { EvidenceStore } from '../../remote/evidence-store.ts'
import { openEvidence } from '../../remote/open-evidence.ts'
import { roleAssumer } from '../assume-role.ts'
import { readConfig } from '../config-file.ts'
import type { Context } from '../context.ts'
import { httpClient } from '../open-sign-ins.ts'
import { bearerFor } from './bearer.ts'
import { evidencePolicy } from './evidence-policy.ts'

/** A destination that is opened: to be written and read. */
export type OpenedDestination = Destination & EvidenceStore

/** Opens a destination as the policy says. Nothing is sent yet. */
export async function openDestination(
  to: UploadPlace,
  identity: Policy['identity'],
  context: Context,
): Promise<OpenedDestination> {
  const { url, role, region, endpoint, keeping } = to
  const http = httpClient(await readConfig(context), context)
  const narrowed = (arn: string) => () =>
    roleAssumer(context)({ arn, region, endpoint, policy: evidencePolicy(url, keeping) })
  const aws = { endpoint, region, credentials: role === null ? null : narrowed(role) }
  const bearer = bearerFor(to, identity, context)
  return { url, ...openEvidence(url, { http, aws, bearer, keeping: keepingFrom(keeping, context.now) }) }
}

function keepingFrom(keeping: Keeping | null, now: () => Date): EvidenceKeeping {
  const { encryption = null, kmsKey = null, lock = null } = keeping ?? {}
  const until = (forMs: number) => () => new Date(now().getTime() + forMs)
  return { encryption, kmsKey, lock: lock && { mode: lock.mode, until: until(lock.forMs) } }
}
