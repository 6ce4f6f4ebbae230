import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { LAUNCHER, NODE } from './hoopctl.ts'

const TERMINAL = join(import.meta.dirname, '../fixtures/cli/terminal.py')

/** A hoopctl process at a real terminal, and the person in front of it. */
export interface AtTerminal {
  /** Waits until the terminal has shown a text. */
  shows(text: string): Promise<void>
  /** All that it has shown so far. */
  readonly shown: () => string
  /** Types; Return is `\r`. */
  type(text: string): void
  /** What it ended with, and all that it showed. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly shown: string }>
}

/** Runs hoopctl at a terminal. */
export function atTerminal(args: readonly string[], env: Readonly<Record<string, string>>): AtTerminal {
  const path = process.env['PATH'] ?? ''
  const child = spawn('python3', [TERMINAL, NODE, LAUNCHER, ...args], {
    env: { PATH: path, TERM: 'xterm', HOME: '/nonexistent', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let shown = ''
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk
    for (const look of waiting) look()
  })
  child.stdin.on('error', () => undefined) // it may have ended before all was typed
  const ended = new Promise<{ exitCode: number | null; shown: string }>((resolve) =>
    child.once('close', (exitCode) => resolve({ exitCode, shown })),
  )
  const shows = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!shown.includes(text)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      void ended.then(() => reject(new Error(`it ended without showing \`${text}\`:\n${shown}`)))
      look()
    })
  return { shows, shown: () => shown, type: (text) => void child.stdin.write(text), ended }
}
