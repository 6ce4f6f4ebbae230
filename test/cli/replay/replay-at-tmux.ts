import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { LAUNCHER, NODE } from '../hoopctl.ts'

/** `hoopctl sessions replay 17` in a real terminal, and the person in front of it. */
export interface ReplayAtTmux {
  /** The text on the screen, a line each. */
  screen(): string
  /** Waits until the screen has a text. */
  shows(text: string): Promise<void>
  /** Waits until a text is gone. */
  hides(text: string): Promise<void>
  /** Presses a key, as tmux names it: `d`, `Enter`, `Escape`. */
  press(key: string): void
  /** Types a text to look for, each letter once the one before is there, and Return. */
  looksFor(text: string): Promise<void>
  resize(columns: number, rows: number): void
  /** All that was written to the terminal. */
  written(): string
  /** Waits until it has ended; gives its exit code and what it left behind the screen. */
  ended(): Promise<{ readonly exitCode: number; readonly printed: string }>
}

/** How the terminal is. */
export interface Terminal {
  readonly columns?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
}

/** Opens replays in a tmux server of their own, which ends with the test file. */
export function replayScreens(): (home: string, terminal?: Terminal) => ReplayAtTmux {
  const socket = `replay-${process.pid}`
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' })
  // One session that stays: with the last one, tmux itself would end, perhaps while the next is asked for.
  beforeAll(() => void tmux('new-session', '-d', '-s', 'stays', 'cat'))
  afterAll(() => void tmux('kill-session', '-t', 'stays'))
  let opened = 0
  return (home, terminal = {}) => open(tmux, `s${++opened}`, home, terminal)
}

type Tmux = (...args: string[]) => string

function open(tmux: Tmux, session: string, home: string, terminal: Terminal): ReplayAtTmux {
  const { columns = 80, rows = 24, env = {} } = terminal
  const folder = mkdtempSync(join(tmpdir(), 'hoopctl-terminal-'))
  const [exit, log] = [join(folder, 'exit'), join(folder, 'written')]
  const variables = Object.entries({
    TERM: 'screen',
    LANG: 'C.UTF-8',
    HOME: folder,
    HOOPCTL_HOME: home,
    ...env,
  })
  const quoted = variables.map(([name, value]) => `'${name}=${value}'`)
  const replay = ['env', '-i', ...quoted, NODE, LAUNCHER, 'sessions', 'replay', '17'].join(' ')
  // It starts once all that it writes is copied.
  const command = `while [ ! -e ${log} ]; do sleep 0.01; done; ${replay}; echo $? > ${exit}; exec cat`
  const size = ['-x', String(columns), '-y', String(rows)]
  tmux('new-session', '-d', '-s', session, ...size, 'sh', '-c', command)
  tmux('pipe-pane', '-t', `=${session}:`, `cat > ${log}`)
  onTestFinished(() => {
    tmux('kill-session', '-t', `=${session}`)
    rmSync(folder, { recursive: true, force: true })
  })
  const screen = () => tmux('capture-pane', '-p', '-t', `=${session}:`).replace(/\n+$/u, '')
  const until = (holds: () => boolean, what: string) => poll(holds, () => `${what}:\n${screen()}`)
  const shows = (text: string) => until(() => screen().includes(text), `never showed \`${text}\``)
  const press = (key: string) => void tmux('send-keys', '-t', `=${session}:`, key)
  return {
    screen,
    shows,
    hides: (text) => until(() => !screen().includes(text), `never hid \`${text}\``),
    press,
    looksFor: async (text) => {
      press('/')
      for (const [place, letter] of Array.from(text).entries()) {
        tmux('send-keys', '-t', `=${session}:`, '-l', letter)
        await shows(`/${text.slice(0, place + 1)}_`)
      }
      press('Enter')
    },
    resize: (width, height) =>
      void tmux('resize-window', '-t', `=${session}:`, '-x', String(width), '-y', String(height)),
    written: () => readFileSync(log, 'utf8'),
    ended: async () => {
      await until(() => existsSync(exit) && readFileSync(exit, 'utf8') !== '', 'did not end')
      return { exitCode: Number(readFileSync(exit, 'utf8')), printed: screen() }
    },
  }
}

async function poll(holds: () => boolean, what: () => string): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    if (holds()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(what())
}
