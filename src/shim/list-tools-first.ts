import { isMembers, type Members, type RequestMessage, type ResponseMessage } from './message.ts'
import { isListed } from '../policy/listing.ts'
import { filterList } from './lists.ts'
import type { Matter } from './read-request.ts'
import { circumstances, nextExchange, type Shim } from './shim.ts'

const MAX_PAGES = 1000

/** Must the server show this tool's definition before a call of it can be decided? Not where no rule could allow it. */
export function needsDefinition(matter: Matter, shim: Shim): boolean {
  if (matter.kind !== 'call' || matter.call.kind !== 'tool') return false
  const { name } = matter.call
  return (
    !shim.definitions.knows(name) &&
    isListed({ kind: 'tool', name, annotations: null }, shim.standing.listed, circumstances(shim))
  )
}

/**
 * Lists the server's tools on hoopctl's own account, page by page, then runs `then`. Calls that come meanwhile wait for
 * the same listing. A server that cannot list has no definitions: conditions that read them fail.
 */
export function listToolsFirst(held: RequestMessage, shim: Shim, then: () => void): void {
  const { waiting } = shim.listing
  waiting.push(then)
  if (waiting.length === 1)
    requestPage({ held, page: 1, generation: shim.definitions.generation }, null, shim)
}

interface Listing {
  readonly held: RequestMessage
  readonly page: number
  /** Of the definitions, when it began. */
  readonly generation: number
}

function requestPage(listing: Listing, cursor: string | null, shim: Shim): void {
  const id = shim.listing.nextId()
  const meta = ownMeta(listing.held.params['_meta'])
  const params = { ...(cursor === null ? {} : { cursor }), ...(meta === null ? {} : { _meta: meta }) }
  const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list', params }))
  const number = nextExchange(shim)
  const receive = (answer: ResponseMessage | null) => onPage(answer, listing, shim)
  shim.fromClient.begin({
    number,
    id,
    method: 'tools/list',
    startedMs: shim.clock.ms(),
    call: null,
    client: shim.progress.client,
    modern: meta !== null,
    progressToken: null,
    task: null,
    asksTask: false,
    filter: null,
    firstPage: cursor === null,
    sent: true,
    approved: null,
    receive,
  })
  const decision = { effect: 'allow', rules: [], why: 'a call needs to know the tool' } as const
  const body = { kind: 'request', from: 'hoopctl', exchange: number, method: 'tools/list', decision } as const
  shim.outbox.stage(
    body,
    { bytes, payload: 'requests' },
    {
      kind: 'message',
      deliver: () => shim.child.send(bytes),
      withhold: () => {
        shim.fromClient.end(id)
        onPage(null, listing, shim)
      },
    },
  )
}

function onPage(answer: ResponseMessage | null, listing: Listing, shim: Shim): void {
  const cursor = answer?.result?.['nextCursor']
  const filtered = answer?.result == null ? null : filterList('tools/list', answer, shim)
  if (filtered?.ok === true && typeof cursor === 'string' && listing.page < MAX_PAGES) {
    return requestPage({ ...listing, page: listing.page + 1 }, cursor, shim)
  }
  if (filtered !== null && !filtered.ok)
    shim.say(`the tools of \`${shim.server.label}\` cannot be read: ${filtered.why}`)
  shim.definitions.complete(listing.generation)
  const waiting = shim.listing.waiting.splice(0)
  for (const run of waiting) run()
}

// From 2026-07-28 on each request says what it speaks and who asks; the held call's own words are used for it.
function ownMeta(meta: unknown): Members | null {
  if (!isMembers(meta) || typeof meta['io.modelcontextprotocol/protocolVersion'] !== 'string') return null
  const kept = Object.entries(meta).filter(([key]) => key.startsWith('io.modelcontextprotocol/'))
  return Object.fromEntries(kept)
}
