import { parsed } from '../parsed.ts'
import type { Row } from './database.ts'
import type { SharedState } from './shared-state.ts'
import { startMark } from './start-mark.ts'
import { storedInstant } from './stored-instant.ts'

/** A grant that is active in a running shim, or was. */
export interface ShimGrant {
  readonly name: string
  readonly mode: 'session' | 'request'
  readonly started: Date
  /** null: with the session. */
  readonly expires: Date | null
  readonly reason: string | null
}

/** A run of `wrap`, as it tells of itself. */
export interface RunningShim {
  /** The session's id. */
  readonly session: string
  readonly pid: number
  /** The server, as people read it. */
  readonly server: string
  /** Which policy it runs under, as `Activation.policy` names it. */
  readonly policy: string
  readonly started: Date
  /** null: nobody is signed in. */
  readonly subject: { readonly issuer: string; readonly sub: string } | null
  readonly grants: readonly ShimGrant[]
}

/** The shims that run on this device. What they tell of themselves is for people; nothing is decided by it. */
export class Shims {
  readonly #state: SharedState
  readonly #startOf: (pid: number) => string | null

  /** @param startOf tells when a process started, in whatever words; null: there is no such process */
  constructor(state: SharedState, startOf: (pid: number) => string | null = startMark) {
    this.#state = state
    this.#startOf = startOf
  }

  /** Tells of a shim that started, in place of what its session told before. */
  register(shim: RunningShim): void {
    this.#insert('REPLACE', shim)
  }

  /** Tells of a shim that started, unless its session was told of; returns whether it was not. */
  registerNew(shim: RunningShim): boolean {
    return this.#insert('IGNORE', shim) > 0
  }

  #insert(
    orElse: 'REPLACE' | 'IGNORE',
    { session, pid, server, policy, started, subject, grants }: RunningShim,
  ): number {
    return this.#state.database.run(
      `INSERT OR ${orElse} INTO shims (session, pid, mark, server, policy, started, subject, grants)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      session,
      pid,
      this.#startOf(pid) ?? '',
      server,
      policy,
      started.toISOString(),
      JSON.stringify(subject),
      JSON.stringify(grants),
    )
  }

  /**
   * Tells what is active in a shim now, and for whom. Writes only what is new: a write wakes the other shims, and if those
   * then wrote what they had written before, none would ever sleep again.
   */
  update(session: string, { subject, grants }: Pick<RunningShim, 'subject' | 'grants'>): void {
    const [who, what] = [JSON.stringify(subject), JSON.stringify(grants)]
    const sql = 'UPDATE shims SET subject = ?, grants = ? WHERE session = ? AND (subject <> ? OR grants <> ?)'
    this.#state.database.run(sql, who, what, session, who, what)
  }

  /** Tells that a shim has ended. */
  unregister(session: string): void {
    this.#state.database.run('DELETE FROM shims WHERE session = ?', session)
  }

  /** Tells what became of a session's process: one that ended with a word is `unknown`, like one that never told of itself. */
  processOf(session: string): 'running' | 'gone' | 'unknown' {
    const [row] = this.#state.database.all('SELECT pid, mark FROM shims WHERE session = ?', session)
    if (row === undefined) return 'unknown'
    const { pid, mark } = row
    return typeof pid === 'number' && pid > 0 && this.#startOf(pid) === mark ? 'running' : 'gone'
  }

  /** Lists the shims that run, oldest first, and forgets those whose process has ended without a word. */
  running(): RunningShim[] {
    const rows = this.#state.database.all('SELECT * FROM shims ORDER BY started, session')
    return rows.flatMap((row) => {
      const shim = shimOf(row)
      // A number that another process has by now is none of ours any more.
      if (shim !== null && this.#startOf(shim.pid) === row['mark']) return [shim]
      this.unregister(String(row['session']))
      return []
    })
  }
}

// What somebody else wrote into a row is no shim of ours.
function shimOf(row: Row): RunningShim | null {
  const { session, pid, server, policy, started } = row
  const texts = [session, server, policy, started]
  if (!texts.every((text) => typeof text === 'string') || typeof pid !== 'number') return null
  const since = storedInstant(started)
  const grants = grantsOf(parsed(String(row['grants'])))
  if (since === null || grants === null || pid < 1) return null
  return {
    session: String(session),
    pid,
    server: String(server),
    policy: String(policy),
    started: since,
    subject: subjectOf(parsed(String(row['subject']))),
    grants,
  }
}

function grantsOf(value: unknown): ShimGrant[] | null {
  if (!Array.isArray(value)) return null
  return value.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return []
    const { name, mode, started, expires, reason } = entry as Readonly<Record<string, unknown>>
    if (typeof name !== 'string' || (mode !== 'session' && mode !== 'request')) return []
    const [begun, ends] = [storedInstant(started), storedInstant(expires)]
    if (begun === null || (ends === null && expires !== null)) return []
    return [{ name, mode, started: begun, expires: ends, reason: typeof reason === 'string' ? reason : null }]
  })
}

function subjectOf(value: unknown): RunningShim['subject'] {
  if (typeof value !== 'object' || value === null) return null
  const { issuer, sub } = value as Readonly<Record<string, unknown>>
  return typeof issuer === 'string' && typeof sub === 'string' ? { issuer, sub } : null
}
