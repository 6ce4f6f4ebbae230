import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { NODE } from '../hoopctl.ts'

const TERMINAL = join(import.meta.dirname, '../../fixtures/cli/terminal.py')

/** Runs a script at a terminal; types one line as soon as it has shown a text. Gives all that it showed. */
export async function scriptAtTerminal(
  [script, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  { after, line }: { readonly after: string; readonly line: string },
): Promise<string> {
  const child = spawn('python3', [TERMINAL, NODE, script, ...args], {
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  let typed = false
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk
    if (typed || !shown.includes(after)) return
    typed = true
    child.stdin.write(`${line}\r`)
  })
  await new Promise((resolve) => child.once('close', resolve))
  return shown
}
