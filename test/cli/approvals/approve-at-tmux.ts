import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import type { InboxEntry } from '../../../src/cli/approvals/inbox.ts'
import { NODE } from '../hoopctl.ts'
import { NOW, POLICY } from './an-asked-question.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** What lies in the inbox of the screen. */
export interface Lying {
  readonly entries?: readonly InboxEntry[]
  readonly remembered?: readonly object[]
  readonly ended?: Readonly<Record<string, object>>
  readonly result?: 'taken' | 'over' | 'unknown'
  readonly now?: Date
}

/** How the terminal is, and what is typed there. */
export interface Setting {
  readonly columns?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
  readonly id?: string
  readonly policy?: string
}

/** The screen in a real terminal, and the person in front of it. */
export interface AtTmux {
  /** The text on the screen, a line each. */
  screen(): string
  /** Waits until the screen has a text. */
  shows(text: string): Promise<void>
  /** Waits until a text is gone. */
  hides(text: string): Promise<void>
  /** Presses keys, one input event each, as tmux names them: `a`, `Enter`, `Escape`. */
  press(...keys: readonly string[]): Promise<void>
  /** Types a line, and waits for each letter to appear: two in one input event would not be typed. */
  type(text: string): Promise<void>
  /** Pastes a text: one input event, with the marks of a paste where the program asked for them. */
  paste(text: string, marked?: boolean): Promise<void>
  /** Waits until the keys of the call in focus count. */
  settled(): Promise<void>
  resize(columns: number, rows: number): void
  put(lying: Lying): void
  answers(): readonly unknown[]
  title(): string
  /** All that the program has written to the terminal since it was looked at first. */
  written(): string
  /** Waits until it has ended; gives what it printed behind the screen, and its exit code. */
  ended(): Promise<{ readonly exitCode: number; readonly printed: string }>
}

/** Bundles the screen once for a test file: Node.js itself does not read `.tsx`. */
export function withScreen(): (lying: Lying, setting?: Setting) => Promise<AtTmux> {
  const folder = mkdtempSync(join(tmpdir(), 'hoopctl-screen-'))
  const socket = `approve-${process.pid}`
  beforeAll(async () => {
    // @ts-expect-error a script without types
    const { bundle } = (await import('../../../scripts/bundle.mjs')) as {
      bundle: (options: object) => Promise<{ files: [string, Buffer][] }>
    }
    const entry = 'test/fixtures/approve/screen.ts'
    const { files } = await bundle({ root: ROOT, entry, name: 'screen', folder: 'chunks', phases: [] })
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    for (const [path, contents] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), contents)
    }
  })
  // One session that stays: with the last one, tmux itself would end, perhaps while the next is asked for.
  const tmux = (...args: string[]) => execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args])
  beforeAll(() => void tmux('new-session', '-d', '-s', 'stays', 'cat'))
  afterAll(() => {
    tmux('kill-session', '-t', 'stays')
    rmSync(folder, { recursive: true, force: true })
  })
  return (lying, setting = {}) => atTmux({ socket, script: join(folder, 'screen.js') }, lying, setting)
}

let sessions = 0

interface Place {
  readonly socket: string
  readonly script: string
}

async function atTmux({ socket, script }: Place, lying: Lying, setting: Setting): Promise<AtTmux> {
  const { columns = 80, rows = 24, env = {}, id, policy = POLICY } = setting
  const folder = mkdtempSync(join(tmpdir(), 'hoopctl-inbox-'))
  const session = `s${++sessions}`
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' })
  writeFileSync(join(folder, 'policy.yaml'), policy)
  const put = (what: Lying) => putInbox(folder, what)
  put(lying)
  const [exit, log] = [join(folder, 'exit'), join(folder, 'written')]
  const words = [NODE, script, folder, ...(id === undefined ? [] : [id])].join(' ')
  const variables = Object.entries({ LANG: 'C.UTF-8', HOME: folder, ...env }).map(
    ([name, value]) => `${name}='${value}'`,
  )
  // It starts once all that it writes is copied.
  const command = `while [ ! -e ${log} ]; do sleep 0.01; done; env -u NO_COLOR -u CI -u SSH_CONNECTION ${variables.join(' ')} ${words}; echo $? > ${exit}; exec cat`
  tmux('new-session', '-d', '-s', session, '-x', String(columns), '-y', String(rows), 'sh', '-c', command)
  tmux('pipe-pane', '-t', session, `cat > ${log}`)
  onTestFinished(() => {
    tmux('kill-session', '-t', session)
    rmSync(folder, { recursive: true, force: true })
  })
  const screen = () => tmux('capture-pane', '-p', '-t', session).replace(/\n+$/u, '')
  const answers = () => {
    const path = join(folder, 'answers.jsonl')
    if (!existsSync(path)) return []
    return readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
  }
  const until = (holds: () => boolean, what: string) => poll(holds, () => `${what}:\n${screen()}`)
  return {
    screen,
    put,
    answers,
    shows: (text) => until(() => screen().includes(text), `never showed \`${text}\``),
    hides: (text) => until(() => !screen().includes(text), `never hid \`${text}\``),
    press: async (...keys) => {
      for (const key of keys) {
        tmux('send-keys', '-t', session, key)
        await pause(30) // two keys at once would be one input event
      }
    },
    type: async (text) => {
      for (const [place, letter] of Array.from(text).entries()) {
        tmux('send-keys', '-t', session, letter)
        const shown = `> ${text.slice(0, place + 1)}_`
        await until(() => screen().includes(shown), `never showed \`${shown}\``)
      }
    },
    paste: async (text, marked = true) => {
      tmux('set-buffer', '-b', session, text)
      tmux('paste-buffer', '-r', ...(marked ? ['-p'] : []), '-b', session, '-t', session)
      await pause(30)
    },
    settled: () => until(() => screen().includes('d deny'), 'never took keys'),
    resize: (width, height) =>
      void tmux('resize-window', '-t', session, '-x', String(width), '-y', String(height)),
    title: () => tmux('display-message', '-p', '-t', session, '#{pane_title}').trim(),
    written: () => readFileSync(log, 'utf8'),
    ended: async () => {
      await until(() => existsSync(exit) && readFileSync(exit, 'utf8') !== '', 'did not end')
      return { exitCode: Number(readFileSync(exit, 'utf8')), printed: screen() }
    },
  }
}

function putInbox(
  folder: string,
  { entries = [], remembered = [], ended = {}, result = 'taken', now = NOW }: Lying,
): void {
  const path = join(folder, 'inbox.json')
  writeFileSync(`${path}.new`, JSON.stringify({ now, entries, remembered, ended, result }))
  renameSync(`${path}.new`, path)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function poll(holds: () => boolean, what: () => string): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    if (holds()) return
    await pause(50)
  }
  throw new Error(what())
}
