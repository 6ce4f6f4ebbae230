import { execFileSync } from 'node:child_process'
import { NODE, HOOPCTL } from '../e2e/repo.ts'

const COLUMNS = 80
const ROWS = 24

/** A person at a terminal that is theirs alone: tmux draws it, so what is captured is what they would see. */
export interface Person extends AsyncDisposable {
  /** The text on the screen, a line each, without the empty ones at its end. */
  screen(): string
  /** Waits until the screen has a text. */
  shows(text: string): Promise<void>
  /** Presses keys one by one, as tmux names them (`a`, `Enter`), once they count for what is in focus. */
  press(...keys: readonly string[]): Promise<void>
  /** Types a line, letter by letter: what comes at once is taken for pasted. */
  type(text: string): Promise<void>
  /** Waits until the command has ended; what it left on the screen. */
  ended(): Promise<string>
}

let opened = 0

/** Starts `hoopctl` with these arguments in a terminal of 80×24; `env` is its whole environment. */
export function inTmux(args: readonly string[], env: Readonly<Record<string, string>>): Person {
  const socket = `docs-${process.pid}`
  const session = `person-${++opened}`
  const tmux = (...words: string[]) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...words], { encoding: 'utf8' })
  const variables = Object.entries({ ...env, TERM: 'screen', LANG: 'C.UTF-8' }).map(
    ([name, value]) => `${name}=${quoted(value)}`,
  )
  const command = ['env', '-i', ...variables, ...[NODE, HOOPCTL, ...args].map(quoted)].join(' ')
  const shell = `${command}; printf '%s' '${ENDED}'; exec cat`
  tmux('new-session', '-d', '-s', session, '-x', String(COLUMNS), '-y', String(ROWS), 'sh', '-c', shell)
  const screen = () => tmux('capture-pane', '-p', '-t', session).replace(/\n+$/u, '')
  const shows = (text: string) =>
    until(
      () => screen().includes(text),
      () => `no \`${text}\` in\n${screen()}`,
    )
  return {
    screen,
    shows,
    press: async (...keys) => {
      for (const key of keys) {
        if (ANSWERS.includes(key)) await shows('d deny') // before that, they answer nothing
        tmux('send-keys', '-t', session, key)
      }
    },
    type: async (text) => {
      for (const [place, letter] of Array.from(text).entries()) {
        tmux('send-keys', '-t', session, '-l', letter)
        await shows(`> ${text.slice(0, place + 1)}_`)
      }
    },
    ended: async () => {
      await shows(ENDED)
      return screen().replace(ENDED, '').trimEnd()
    },
    [Symbol.asyncDispose]: async () => void tmux('kill-session', '-t', session),
  }
}

const ANSWERS = ['a', 'd', 'e', 'r']
const ENDED = '[it has ended]'
const POLL_MS = 50
const POLLS = 2400

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** Waits until something holds. */
export async function until(holds: () => boolean, what: () => string): Promise<void> {
  for (let turn = 0; turn < POLLS; turn++) {
    if (holds()) return
    await pause(POLL_MS)
  }
  throw new Error(what())
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
