import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import type { TestProvider, User } from '../identity/provider.ts'
import { HOOPCTL, NODE } from './repo.ts'
import type { Workspace } from './workspace.ts'

/** `hoopctl approve` in a real terminal, and the person in front of it. */
export interface ApproveScreen {
  /** The text on the screen; lines that the terminal has wrapped are whole. */
  screen(): string
  /** Waits until the screen has a text, so many times. */
  shows(text: string, times?: number): Promise<void>
  /** Waits until a text is gone. */
  hides(text: string): Promise<void>
  /** Presses a key, as tmux names it: `a`, `Enter`. */
  press(key: string): void
  /** Types a line where nothing echoes it, and Return. */
  types(line: string): void
  /** Types a line into the screen, each letter once the one before is there (else it is a paste), and Return. */
  writes(line: string): Promise<void>
  /** Presses a key once keys of the call in focus count. */
  answers(key: 'a' | 'd'): Promise<void>
  /** Opens the address that is shown in a browser, and signs in there. */
  signsIn(provider: TestProvider, user: User, answer?: 'yes' | 'no'): Promise<void>
  /** Waits until it has ended; gives its exit code and what it printed behind the screen. */
  ended(): Promise<{ readonly exitCode: number; readonly printed: string }>
}

/** How the terminal is. */
export interface ScreenOptions {
  readonly words?: readonly string[]
  readonly columns?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
}

// Stands below each call once its keys count (ATK-HASTE): before that, a key answers nothing.
const KEYS_COUNT = 'd deny'

/** Opens screens in a tmux server of their own, which ends with the test file. */
export function approveScreens(): (space: Workspace, options?: ScreenOptions) => ApproveScreen {
  const socket = `people-${process.pid}`
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' })
  // One session that stays: with the last one, tmux itself would end, perhaps while the next is asked for.
  beforeAll(() => void tmux('new-session', '-d', '-s', 'stays', 'cat'))
  afterAll(() => void tmux('kill-session', '-t', 'stays'))
  let opened = 0
  return (space, options = {}) => open(tmux, `s${++opened}`, space, options)
}

type Tmux = (...args: string[]) => string

function open(tmux: Tmux, session: string, space: Workspace, options: ScreenOptions): ApproveScreen {
  const { words = [], columns = 80, rows = 24, env = {} } = options
  const folder = mkdtempSync(join(tmpdir(), 'hoopctl-terminal-'))
  const exit = join(folder, 'exit')
  const variables = Object.entries({ TERM: 'screen', LANG: 'C.UTF-8', ...space.env, ...env })
  const quoted = variables.map(([name, value]) => `'${name}=${value}'`)
  const command = ['env', '-i', ...quoted, NODE, HOOPCTL, 'approve', ...words].join(' ')
  const size = ['-x', String(columns), '-y', String(rows)]
  tmux('new-session', '-d', '-s', session, ...size, 'sh', '-c', `${command}; echo $? > ${exit}; exec cat`)
  onTestFinished(() => {
    tmux('kill-session', '-t', session)
    rmSync(folder, { recursive: true, force: true })
  })
  const screen = () => tmux('capture-pane', '-p', '-J', '-t', session).trimEnd()
  const until = (holds: () => boolean, what: string) => poll(holds, () => `${what}:\n${screen()}`)
  const opened = new Set<string>()
  const press = (key: string) => void tmux('send-keys', '-t', session, key)
  return {
    screen,
    press,
    shows: (text, times = 1) =>
      until(() => screen().split(text).length > times, `never showed \`${text}\` ${times} times`),
    hides: (text) => until(() => !screen().includes(text), `never hid \`${text}\``),
    types: (line) => void tmux('send-keys', '-t', session, '-l', `${line}\r`),
    writes: async (line) => {
      for (const [place, letter] of Array.from(line).entries()) {
        tmux('send-keys', '-t', session, '-l', letter)
        const shown = `> ${line.slice(0, place + 1)}_`
        await until(() => screen().includes(shown), `never showed \`${shown}\``)
      }
      press('Enter')
    },
    answers: async (key) => {
      await until(() => screen().includes(KEYS_COUNT), 'never took keys')
      press(key)
    },
    signsIn: async (provider, user, answer = 'yes') => {
      // What was shown for the call before still stands above.
      const fresh = () => addressesIn(screen()).findLast((address) => !opened.has(address)) ?? null
      await until(() => fresh() !== null, 'never showed an address')
      const address = fresh() ?? ''
      opened.add(address)
      await provider.answerBrowser(address, user, answer)
    },
    ended: async () => {
      await until(() => existsSync(exit) && readFileSync(exit, 'utf8') !== '', 'did not end')
      return { exitCode: Number(readFileSync(exit, 'utf8')), printed: screen() }
    },
  }
}

// One that is still being written has no blank line behind it.
function addressesIn(shown: string): readonly string[] {
  return [...`${shown}\n\n`.matchAll(/http:\S+\/auth\?\S+response_type=code(?=\s*\n)/gu)].map(
    ([address]) => address,
  )
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function poll(holds: () => boolean, what: () => string): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    if (holds()) return
    await pause(50)
  }
  throw new Error(what())
}
