import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { systemClock } from '../../src/audit/clock.ts'
import { type DeviceKey, loadDeviceKey } from '../../src/audit/device-key.ts'
import { RenewableLog } from '../../src/audit/renewable-log.ts'
import { openSessionLog, type SessionLog } from '../../src/audit/session-log.ts'
import { verifySession } from '../audit/verify-one.ts'
import { sha256 } from '../../src/digest.ts'
import { parsePolicy } from '../../src/policy/load.ts'
import type { Policy } from '../../src/policy/policy.ts'
import type { ApprovalDesk } from '../../src/shim/approval-desk.ts'
import { connect } from '../../src/shim/connect.ts'
import type { EvidenceCheck } from '../../src/shim/evidence-limit.ts'
import type { SessionOptions } from '../../src/shim/new-shim.ts'
import type { Shim } from '../../src/shim/shim.ts'
import type { Authority } from '../../src/shim/standing.ts'
import { PinStore, pinsOf } from '../../src/state/pins.ts'
import { fixedAuthority } from './fixed-authority.ts'
import { type LoggedRecord, recordsIn } from './log-records.ts'
import { linesOf, playedServer } from './played-server.ts'

/** What left hoopctl since the last look, as lines. */
export interface Left {
  readonly client: string[]
  readonly server: string[]
}

/** One shim between a client and a server that a test plays: exact lines go in, exact lines come out. */
export interface Bench {
  readonly shim: Shim
  readonly session: string
  /** Sends lines of the client in one chunk and returns what left. */
  client(...lines: string[]): Promise<Left>
  server(...lines: string[]): Promise<Left>
  /** Sends a chunk as it is. */
  chunk(from: 'client' | 'server', bytes: Uint8Array): Promise<Left>
  /** Ends the client's stream. */
  close(): Promise<Left>
  /** Lets go of the calls that wait for a person, as when the client or the server ends. */
  leave(why: string): Promise<Left>
  /** The records so far, of some kinds, without what the log adds to each. */
  records(...kinds: string[]): LoggedRecord[]
  /** The log file as text. */
  log(): string
  /** What hoopctl said on stderr. */
  readonly said: string[]
  readonly pins: PinStore
}

/** What a desk is opened with. */
export interface DeskMachine {
  /** The state directory. */
  readonly state: string
  readonly device: DeviceKey
  readonly say: (line: string) => void
}

export interface BenchOptions {
  readonly caseSensitiveArguments?: boolean
  /** Says who asks and what holds; absent: alice of this machine, all grants, for ever. */
  readonly authority?: (policy: Policy) => Authority
  /** What the time is; absent: always the same. */
  readonly now?: () => Date
  /** Opens where people are asked; absent: nowhere. */
  readonly desk?: (machine: DeskMachine) => ApprovalDesk
  /** Judges calls by what became of the log; absent: nothing does. */
  readonly evidence?: EvidenceCheck
  /** Stands in front of the real log, to fail where it would not. */
  readonly log?: (real: SessionLog) => SessionLog
  /** Makes up for a handshake that was answered before; absent: there was none. */
  readonly greet?: SessionOptions['greet']
}

async function policyOf(sections: string): Promise<Policy> {
  const text = `apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: bench }\n${sections}\n`
  const { policy, problems } = await parsePolicy(Buffer.from(text), '/policy.yaml')
  if (policy === null) throw new Error(problems.map(({ message }) => message).join('\n'))
  return policy
}

/** Sets one shim up under a policy; its log is verified when the test is over. */
export async function benchOfOne(sections: string, options: BenchOptions = {}): Promise<Bench> {
  const state = mkdtempSync(join(tmpdir(), 'hoopctl-shim-'))
  const policy = await policyOf(sections)
  const device = loadDeviceKey(state)
  const server = { name: null, command: ['/srv/mcp'], sha256: null }
  const header = { hoopctl: '0', host: 'host', osUser: 'alice', server }
  const directory = join(state, 'sessions')
  const openLog = () =>
    openSessionLog({ directory, device, header, audit: policy.audit, clock: systemClock() })
  const real = openLog()
  const pins = pinsOf(state, 'bench', 'bench')
  const store = new PinStore(state)
  const [stdin, stdout] = [new PassThrough(), new PassThrough()]
  const child = playedServer()
  const said: string[] = []
  const desk = options.desk?.({ state, device, say: (line) => said.push(line) }) ?? null
  const wires = connect(
    {
      authority: options.authority?.(policy) ?? fixedAuthority(policy),
      server: {
        name: null,
        label: 'bench',
        caseSensitiveArguments: options.caseSensitiveArguments ?? false,
        identity: { name: null, command: '/srv/mcp', sha256: null, args: sha256('[]'), cwd: '/' },
      },
      desk: () => desk,
      onAnswer: (call) => desk?.onChange(call) ?? (() => undefined),
      command: { file: '/srv/mcp', args: [], env: {}, cwd: '/', named: false, failure: null },
      child,
      evidence: options.evidence ?? null,
      log: new RenewableLog(options.log?.(real) ?? real, openLog),
      pins,
      client: { stdin, stdout },
      greet: options.greet ?? null,
      now: options.now ?? (() => new Date('2026-11-21T09:14:07Z')),
      onStanding: () => undefined,
      say: (line) => said.push(line),
      passStderr: (line) => said.push(`stderr: ${line}`),
      onSignal: () => undefined,
    },
    child,
  )
  wires.settle()
  wires.greet()
  const { shim } = wires
  onTestFinished(() => {
    const { exchanges, allowed, asked, denied } = shim.progress
    real.close({ end: 'client-closed', exitCode: 0, exchanges, allowed, asked, denied })
    pins.close()
    store.close()
    const { state: held, problem } = verifySession(real.path, { isKnown: (id) => id === device.id })
    rmSync(state, { recursive: true, force: true })
    expect({ held, problem }).toEqual({ held: 'complete', problem: null })
  })
  const [toClient, toServer] = [linesOf(stdout), linesOf(child.stdin)]
  // Streams hand on in ticks, and all ticks are over before what is immediate: nothing here waits for time.
  const left = async () => {
    await setImmediate()
    await setImmediate()
    return { client: toClient(), server: toServer() }
  }
  const write = (to: PassThrough, chunk: Uint8Array | string) => {
    to.write(chunk)
    return left()
  }
  return {
    shim,
    session: real.session,
    client: (...lines) => write(stdin, lines.map((line) => `${line}\n`).join('')),
    server: (...lines) => write(child.stdout, lines.map((line) => `${line}\n`).join('')),
    chunk: (from, bytes) => write(from === 'client' ? stdin : child.stdout, bytes),
    close: () => {
      stdin.end()
      return left()
    },
    leave: (why) => {
      wires.leave(why)
      return left()
    },
    records: (...kinds) => recordsIn(readFileSync(real.path, 'utf8'), kinds),
    log: () => readFileSync(real.path, 'utf8'),
    said,
    pins: store,
  }
}
