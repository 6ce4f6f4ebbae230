import { HoopctlError } from '../../errors.ts'
import { lateHandshake } from '../../shim/late-handshake.ts'
import { StandIn } from '../../shim/stand-in.ts'
import { visible } from '../../visible.ts'
import type { Started } from '../carry-session.ts'
import type { Context } from '../context.ts'
import { PolicyNews } from './policy-news.ts'

/** Why there is nothing to decide by, which a person may mend while the client runs. */
export interface NoneYet {
  readonly why: string
  readonly help: string
}

/** What stands in, and what for. */
interface Wanted {
  /** What stands for the server's name. */
  readonly label: string
  /** Why nothing was found at first. */
  readonly first: NoneYet
  /** When that was looked for: who signed in since then is looked after again. */
  readonly since: Date
  /** Looks for a policy, and starts the server under it. Throws HoopctlErrors. */
  readonly look: () => Promise<Started | NoneYet>
}

// Of a client for whom there is no policy that could say otherwise.
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024
// A source that is away, when nobody tells that it is back. Ten shims need not ask in the same moment.
const RETRY_MS = 30_000
const OUTLOOK = {
  handshake: 'Once there is a policy, work goes on here: the client need not be restarted',
  noHandshake: 'Once there is a policy, a person must restart the client',
}

/**
 * Answers the client, so that it hears the reason and not silence, until there is a policy: then what was started under it
 * takes over. null: the client has gone before. Nothing is started for a policy that is not there or has ended.
 */
export async function standInUntil(wanted: Wanted, context: Context): Promise<Started | null> {
  const { stdin, stdout } = context
  const why = textOf(wanted.first)
  tell(context, wanted.first.why)
  const standIn = new StandIn({
    client: { stdin, stdout },
    maxBytes: MAX_MESSAGE_BYTES,
    label: wanted.label,
    why,
    outlook: OUTLOOK,
  })
  const news = new PolicyNews(wanted.since, context)
  try {
    const started = await lookUntil(standIn, news, wanted, context)
    return started === null ? null : await handedOver(started, standIn, context)
  } finally {
    news.close()
  }
}

async function lookUntil(
  standIn: StandIn,
  news: PolicyNews,
  { look }: Wanted,
  context: Context,
): Promise<Started | null> {
  await news.noteKept()
  for (;;) {
    await Promise.race([news.next(RETRY_MS * (0.9 + 0.2 * Math.random())), standIn.ended])
    await standIn.free() // a server that is started is to be used, not to wait for the end of a line
    if (standIn.over) return null
    const found = await news.around(() => look().catch(noneBecauseOf))
    if (!('why' in found)) return found
    if (textOf(found) === standIn.why) continue
    standIn.why = textOf(found)
    tell(context, found.why)
  }
}

// The client may have gone while the server was started.
async function handedOver(started: Started, standIn: StandIn, context: Context): Promise<Started | null> {
  const said = await standIn.handOver()
  if (said === null) {
    started.child?.kill()
    started.close()
    return null
  }
  tell(context, 'there is a policy now, and the session begins')
  if (said.initialize === null) return started
  return { ...started, greet: (shim, done) => lateHandshake(said, shim, done) }
}

// At the start this ends `wrap`. Here the client runs, and a newer policy may mend it.
function noneBecauseOf(failure: unknown): NoneYet {
  if (!(failure instanceof HoopctlError)) throw failure
  return { why: failure.message, help: `What helps: ${failure.hint}` }
}

function textOf({ why, help }: NoneYet): string {
  return `${why}. ${help}`
}

function tell({ stderr }: Context, line: string): void {
  stderr.write(`hoopctl: ${visible(line)}\n`)
}
