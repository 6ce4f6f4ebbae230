import { foldCase } from '../fold-case.ts'

// The member names that decide what a message means. A parser that ignores case would take `Method` for `method`, so a
// key that folds to one of these without being it is refused where that member may stand.

const ENVELOPE = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error'])

const PARAMS = new Set(
  [
    'name arguments uri cursor _meta ref argument context level task taskId requestId reason progressToken progress',
    'total message protocolVersion capabilities clientInfo inputResponses requestState notifications status data logger',
    'messages modelPreferences systemPrompt includeContext maxTokens tools toolChoice mode requestedSchema url',
    'elicitationId inputRequests result error',
  ]
    .join(' ')
    .split(' '),
)

const META = new Set([
  'progressToken',
  'io.modelcontextprotocol/protocolVersion',
  'io.modelcontextprotocol/clientInfo',
  'io.modelcontextprotocol/clientCapabilities',
  'io.modelcontextprotocol/logLevel',
  'io.modelcontextprotocol/subscriptionId',
  'io.modelcontextprotocol/related-task',
  'io.modelcontextprotocol/serverInfo',
])

const RESULT = new Set(
  [
    'tools resources resourceTemplates prompts tasks nextCursor content structuredContent isError resultType',
    'inputRequests requestState capabilities instructions serverInfo protocolVersion supportedVersions ttlMs cacheScope',
    'contents messages description completion task taskId status result error roots action model role _meta',
  ]
    .join(' ')
    .split(' '),
)

const ERROR = new Set(['code', 'message', 'data'])

const ERROR_DATA = new Set(['elicitations'])

const ENTRY = new Set(['name', 'uri', 'uriTemplate', 'annotations', 'inputSchema', 'taskId', 'url', '_meta'])

/** The places where keys are compared with the protocol's members. */
export const MEMBERS = {
  envelope: ENVELOPE,
  params: PARAMS,
  meta: META,
  result: RESULT,
  error: ERROR,
  errorData: ERROR_DATA,
  entry: ENTRY,
} as const

const FOLDED: ReadonlyMap<ReadonlySet<string>, ReadonlyMap<string, string>> = new Map(
  Object.values(MEMBERS).map((names) => [names, foldedMap(names)]),
)

/** Returns the protocol member that a key of `object` imitates by its case, or null. */
export function imitatedMember(object: object, names: ReadonlySet<string>): string | null {
  for (const key of Object.keys(object)) {
    if (names.has(key)) continue
    const member = FOLDED.get(names)?.get(foldCase(key))
    if (member !== undefined) return member
  }
  return null
}

function foldedMap(names: ReadonlySet<string>): ReadonlyMap<string, string> {
  return new Map([...names].map((name) => [foldCase(name), name]))
}
