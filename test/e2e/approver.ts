import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { vi } from 'vitest'
import { HOOPCTL, NODE } from './repo.ts'
import type { Workspace } from './workspace.ts'

/** A person in front of a real `hoopctl approve`: a terminal of its own, and keys. */
export interface Approver extends AsyncDisposable {
  /** The process of hoopctl. */
  readonly pid: number
  /** The text on the screen. */
  screen(): Promise<string>
  /** Waits until the screen has a text. */
  shows(text: string): Promise<void>
  /** Waits until the keys of the call in focus count. */
  keysCount(): Promise<void>
  /** Presses one key, as tmux names it: `a`, `Enter`, `Escape`. Wait for what it does before the next. */
  press(key: string): Promise<void>
  /** Presses `key` once the keys of this call count, and waits for what it shows. */
  answer(approval: string, key: string, shown: string): Promise<void>
  /** Types letter by letter into a line, and waits for each to appear. */
  type(text: string): Promise<void>
  /** Waits until it has ended; gives what it printed behind the screen, and its exit code. */
  ended(): Promise<{ readonly exitCode: number; readonly printed: string }>
}

export interface ApproverOptions {
  /** The words behind `hoopctl approve`. */
  readonly words?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly columns?: number
}

const WAIT = { timeout: 30_000, interval: 25 }
// Stands below each call once its keys count (ATK-HASTE): before that, a key answers nothing.
const KEYS_COUNT = 'd deny'
let terminals = 0

/** Opens a terminal of its own, with `hoopctl approve` in it. */
export async function approver(space: Workspace, options: ApproverOptions = {}): Promise<Approver> {
  const { words = [], env = {}, columns = 110 } = options
  const place = join(space.root, `terminal-${++terminals}`)
  const [pidFile, exitFile] = [`${place}.pid`, `${place}.exit`]
  // A server of its own each: it ends with its only session, and takes nobody else with it.
  const tmux = async (...args: readonly string[]) =>
    (await promisify(execFile)('tmux', ['-S', `${place}.sock`, '-f', '/dev/null', ...args], { env: own }))
      .stdout
  const own = { ...space.env, LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env }
  const inner = `echo $$ > ${pidFile}; exec ${[NODE, HOOPCTL, 'approve', ...words].join(' ')}`
  const outer = `sh -c '${inner}'; echo $? > ${exitFile}; exec cat`
  await tmux('new-session', '-d', '-s', 'one', '-x', String(columns), '-y', '45', '-c', space.root, outer)
  const screen = async () => (await tmux('capture-pane', '-p', '-t', 'one')).replace(/\n+$/u, '')
  const until = async (holds: () => Promise<boolean>, what: string) => {
    await vi.waitUntil(holds, WAIT).catch(async () => {
      throw new Error(`it never ${what}:\n${await screen()}`)
    })
  }
  const shows = (text: string) => until(async () => (await screen()).includes(text), `showed \`${text}\``)
  const press = async (key: string) => void (await tmux('send-keys', '-t', 'one', key))
  await until(async () => (await numberIn(pidFile)) !== null, 'started')
  return {
    pid: (await numberIn(pidFile)) ?? Number.NaN,
    screen,
    shows,
    press,
    keysCount: () => shows(KEYS_COUNT),
    answer: async (approval, key, shown) => {
      await shows(approval)
      await shows(KEYS_COUNT)
      await press(key)
      await shows(shown)
    },
    type: async (text) => {
      for (const [index, letter] of Array.from(text).entries()) {
        await tmux('send-keys', '-t', 'one', '-l', letter)
        await shows(`> ${text.slice(0, index + 1)}_`)
      }
    },
    ended: async () => {
      await until(async () => (await numberIn(exitFile)) !== null, 'ended')
      return { exitCode: (await numberIn(exitFile)) ?? Number.NaN, printed: await screen() }
    },
    [Symbol.asyncDispose]: async () => void (await tmux('kill-session', '-t', 'one')),
  }
}

/** Opens the screen of one call, and waits until its keys count. */
export async function ready(space: Workspace, approval: string): Promise<Approver> {
  const person = await approver(space, { words: [approval] })
  await person.shows('left to answer')
  await person.keysCount()
  return person
}

/** Runs `hoopctl approve ID` for one call, presses a key, and returns its exit code. */
export async function approve(space: Workspace, approval: string, key = 'a'): Promise<number> {
  await using person = await ready(space, approval)
  await person.press(key)
  return (await person.ended()).exitCode
}

async function numberIn(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.endsWith('\n') ? Number(text) : null
}
