import type { HttpClient } from '../../http.ts'
import type { ObjectPlace } from '../../policy/policy.ts'
import type { ApprovalBucket } from '../../remote/approval-bucket.ts'
import { roleAssumer } from '../assume-role.ts'
import { readConfig } from '../config-file.ts'
import type { Context } from '../context.ts'
import { httpClient } from '../open-sign-ins.ts'
import { openTeamStore } from './team-store.ts'

/**
 * Opens a team's store as this machine reaches it: with the kept proxy and CA file, and the role of whoever is signed in.
 * Throws INPUT_INVALID for a URL that names none, and what a kept file that cannot be read does.
 * @param through what each request goes through on its way
 */
export async function openStoreFromHere(
  store: ObjectPlace,
  context: Context,
  through: (http: HttpClient) => HttpClient = (http) => http,
): Promise<ApprovalBucket> {
  const http = through(httpClient(await readConfig(context), context))
  return openTeamStore(store, { http, assume: roleAssumer(context) })
}
