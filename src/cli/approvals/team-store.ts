import type { HttpClient } from '../../http.ts'
import type { ObjectPlace } from '../../policy/policy.ts'
import type { ApprovalBucket } from '../../remote/approval-bucket.ts'
import type { AssumeRole } from '../central/open-central.ts'

/**
 * Opens a team's approval store; the network is touched with the first call. Throws INPUT_INVALID for a URL that names none.
 * @param assume as for the policy's source
 */
export async function openTeamStore(
  { url, region, role, endpoint }: ObjectPlace,
  { http, assume }: { readonly http: HttpClient; readonly assume: AssumeRole },
): Promise<ApprovalBucket> {
  const { openApprovalBucket } = await import('../../remote/open-approval-bucket.ts')
  const credentials = role === null ? null : () => assume({ arn: role, region, endpoint })
  return openApprovalBucket(url, { http, aws: { endpoint, region, credentials } })
}
