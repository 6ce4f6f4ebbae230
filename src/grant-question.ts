import type { AskedCall, Requester } from './approval.ts'
import { sha256 } from './digest.ts'

/** The method of a question that asks whether somebody may have grants; no message between client and server has it. */
export const GRANT_METHOD = 'grants/activate'

const NO_ARGUMENTS = sha256('[]')

/**
 * Describes a request for grants of a server as answers to it are bound to it: as a call without a command, so that what
 * is said yes to here is never one of a wrapped server.
 * @param request the text of what is asked for (request-text.ts)
 */
export function askedGrants(request: string, server: string, { issuer, sub }: Requester): AskedCall {
  return {
    server: { name: server, command: null, sha256: null, args: NO_ARGUMENTS, cwd: null },
    definition: null,
    method: GRANT_METHOD,
    params: request,
    requester: { issuer, sub },
  }
}

/** Names the one activation that an approval gives of a grant: ids are used once, so no second one counts by its side. */
export function agreedId(approval: string, grant: string): string {
  return `${approval}/${grant}`
}
