import { describeGrant, whoAgrees } from '../policy/describe-grant.ts'
import type { GrantState } from '../policy/grants.ts'
import type { Grant } from '../policy/policy.ts'
import { quoted } from '../quoted.ts'
import { visible } from '../visible.ts'
import { durationInWords } from './duration.ts'
import type { Paint } from './paint.ts'

/** What people and programs are told of a grant. */
export interface GrantRow {
  readonly name: string
  readonly server: string
  readonly mode: Grant['activate']['mode']
  readonly state: 'active' | 'available' | 'ended'
  /** RFC 3339; null: not by time. */
  readonly expires: string | null
  readonly allows: readonly string[]
}

/** Makes the row of a grant, as `--json` prints it. */
export function grantRow(grant: Grant, state: GrantRow['state'], expires: Date | null): GrantRow {
  const { name, server, activate } = grant
  return {
    name,
    server,
    mode: activate.mode,
    state,
    expires: expires?.toISOString() ?? null,
    allows: describeGrant(grant),
  }
}

/** How a grant is shown. */
interface Showing {
  readonly now: Date
  readonly paint: Paint
  /** The policy file that the person named; undefined: none. */
  readonly policy: string | undefined
}

/** Shows a grant to a person: its state in one line, what it allows below, and what to type where that helps. */
export function grantLines(state: GrantState, { now, paint, policy }: Showing): string[] {
  const { grant } = state
  const head = `${paint('title', visible(grant.name))} on ${visible(grant.server)}: ${standing(state, now, paint)}`
  const agrees = whoAgrees(grant)
  const needs = agrees === null ? [] : [`  needs ${visible(agrees)} to agree`]
  const allows = describeGrant(grant).map((line) => `  ${visible(line)}`)
  const reason =
    state.state === 'active' && state.reason !== null ? [`  reason: ${visible(state.reason)}`] : []
  const ask = requestOf(state, policy)
  return [head, ...allows, ...needs, ...reason, ...(ask === null ? [] : [paint('quiet', `  ${ask}`)])]
}

function standing({ state, expires, grant }: GrantState, now: Date, paint: Paint): string {
  if (state === 'active') {
    const left =
      expires === null
        ? 'until its session ends'
        : `${durationInWords(expires.getTime() - now.getTime())} left`
    return `${paint('good', 'active')}, ${left}`
  }
  if (state === 'ended') return expires === null ? 'ended' : `ended at ${clockTime(expires)}`
  return grant.activate.mode === 'session' ? 'starts by itself with `hoopctl wrap`' : 'available'
}

function requestOf({ state, grant }: GrantState, policy: string | undefined): string | null {
  const { activate, duration, name } = grant
  if (state === 'active' || activate.mode === 'session') return null
  const reason = activate.reason === 'required' ? ' --reason "…"' : ''
  const named = policy === undefined ? '' : ` --policy ${visible(quoted(policy))}`
  return `up to ${durationInWords(duration.maxMs)}: hoopctl request ${name}${reason}${named}`
}

/** Writes an instant as people read it, in UTC to the second. */
export function clockTime(instant: Date): string {
  return instant
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
}
