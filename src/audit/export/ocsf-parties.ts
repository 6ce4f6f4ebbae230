import type { ExportedCall } from './exported-call.ts'
import { optional } from './optional.ts'

// What the schema takes for an address.
const EMAIL = /^[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$/u

/** Says who acted, as an OCSF `actor`: the subject, else the operating system's user, for whom nobody vouches. */
export function actorOf({ session, circumstances }: ExportedCall): object {
  const { issuer, sub, email, groups, kind } = circumstances
  const name = email ?? sub ?? session.osUser ?? 'unknown'
  const user = {
    name,
    ...optional('uid', sub),
    ...(email !== null && EMAIL.test(email) && { email_addr: email }),
    ...userType(kind),
    ...(groups.length > 0 && { groups: groups.map((group) => ({ name: group })) }),
  }
  const signedIn = { ...optional('uid', session.session), ...optional('issuer', issuer) }
  return { user, ...(Object.keys(signedIn).length > 0 && { session: signedIn }) }
}

function userType(kind: string | null): object {
  if (kind === 'human') return { type_id: 1, type: 'User' }
  return kind === 'workload' ? { type_id: 4, type: 'Service' } : { type_id: 0, type: 'Unknown' }
}

/**
 * Says by which AI client and to which MCP server, as OCSF's profile AI Operation has it. A client is named as it calls itself;
 * where the server asked, no agent did.
 */
export function agentOf({ session, circumstances, asked }: ExportedCall): object {
  const { client, clientVersion } = circumstances
  const named = client === null ? null : { name: client, ...optional('version', clientVersion) }
  const agent = { ...named, type_id: 0, type: 'Unknown', ...optional('instance_uid', session.session) }
  const message_context = {
    ...optional('uid', session.session),
    ...optional('application', named),
    service: { name: session.server ?? 'unknown' },
  }
  return { ...(named !== null && asked.from === 'client' && { ai_agent: agent }), message_context }
}

/** Says who asked whom, as OCSF endpoints: client and server are programs of one machine. */
export function endpointsOf({ session, circumstances, asked }: ExportedCall): object {
  const hostname = session.host ?? 'unknown'
  const client = { hostname, ...optional('svc_name', circumstances.client) }
  const server = { hostname, ...optional('svc_name', session.server) }
  return asked.from === 'server'
    ? { src_endpoint: server, dst_endpoint: client }
    : { src_endpoint: client, dst_endpoint: server }
}

/** Names what an exchange is about as OCSF resources; null where it names nothing. */
export function resourcesOf({ asked }: ExportedCall): readonly object[] | null {
  const types = ['tool', 'resource', 'prompt', 'task'] as const
  const named = types.flatMap((type) => {
    const name = asked[type]
    return name === null ? [] : [{ name, type, role_id: 1, role: 'Target' }]
  })
  return named.length === 0 ? null : named
}
