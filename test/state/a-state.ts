import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import type { Activation } from '../../src/activation.ts'
import { Activations, type RefusedActivation } from '../../src/state/activations.ts'
import { ClockMark } from '../../src/state/clock-mark.ts'
import { openSharedState, type SharedState } from '../../src/state/shared-state.ts'
import { sealKeyIn } from '../fixtures/state/seal-key.ts'

/** The directories of one user of one machine; `root` holds the device key, too. */
export interface Place {
  readonly root: string
  readonly state: string
  readonly run: string
}

/** Makes a temporary place with a device key. */
export function newPlace(): Place {
  const root = mkdtempSync(join(tmpdir(), 'hoopctl-state-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(join(root, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return { root, state: join(root, 'state'), run: join(root, 'run') }
}

/** Opens the state of a place, as another process would. */
export function open(place: Place): SharedState {
  const state = openSharedState(place.state, place.run)
  onTestFinished(() => state.close())
  return state
}

/** Opens the activations of a place, as a shim does. */
export function openActivations(place: Place, monotonic?: () => number) {
  const state = open(place)
  const clock = new ClockMark(state)
  const refused: RefusedActivation[] = []
  const key = sealKeyIn(place.root)
  const onRefused = (each: RefusedActivation) => void refused.push(each)
  const needs = { key, clock, onRefused, ...(monotonic === undefined ? {} : { monotonic }) }
  return { state, clock, refused, activations: new Activations(state, needs) }
}

/** A point in time, so many seconds after the tests' noon. */
export function at(seconds: number): Date {
  return new Date(Date.UTC(2026, 10, 5, 12) + seconds * 1000)
}

export const HOLDER = { policy: 'trust:00', issuer: 'https://id.example', sub: 'ana', device: 'ed25519:A' }

/** An activation of ten minutes from noon. */
export function anActivation(members: Partial<Activation> = {}): Activation {
  const own = { id: 'one', grant: 'orders-write', started: at(0), expires: at(600), uses: null }
  return { ...HOLDER, ...own, reason: 'ticket 7', proof: { kind: 'terminal' }, ...members }
}

/** Changes the database as a program of this user would, past all of our code. */
export function edit(place: Place, sql: string): void {
  const database = new DatabaseSync(join(place.state, 'state.db'))
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}

/** A process that runs a script of test/fixtures/state. */
export interface Started {
  readonly child: ChildProcess
  /** Its next line on stdout; `(ended)` where there will be none. */
  readonly line: () => Promise<string>
  readonly ended: Promise<{ readonly code: number | null; readonly lines: readonly string[] }>
}

/** Starts a script of test/fixtures/state on a place. */
export function startScript(script: string, place: Place, ...args: string[]): Started {
  const path = join(import.meta.dirname, '../fixtures/state', script)
  const child = spawn(process.execPath, [path, place.root, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  const waiting: ((line: string) => void)[] = []
  let told = 0
  let isOver = false
  reader.on('close', () => {
    isOver = true
    for (const resolve of waiting.splice(0)) resolve('(ended)')
  })
  reader.on('line', (line) => {
    lines.push(line)
    if (waiting.length > 0) told += 1
    waiting.shift()?.(line)
  })
  const line = () => {
    const known = lines[told]
    if (known === undefined && isOver) return Promise.resolve('(ended)')
    if (known === undefined) return new Promise<string>((resolve) => waiting.push(resolve))
    told += 1
    return Promise.resolve(known)
  }
  const ended = new Promise<{ code: number | null; lines: readonly string[] }>((resolve) => {
    child.on('close', (code) => resolve({ code, lines }))
  })
  return { child, line, ended }
}
