import { spawn } from 'node:child_process'
import type { Context } from './context.ts'

/** Opens an address in the person's browser, where this looks like a machine with one. Returns whether it was tried. */
export function openBrowser(url: URL, { env }: Context): boolean {
  const command = browserCommand(env)
  if (command === null) return false
  try {
    const child = spawn(command, [url.href], { detached: true, stdio: 'ignore' })
    child.on('error', () => undefined) // the address is shown as well
    child.unref()
    return true
  } catch {
    return false
  }
}

/** Names what opens an address on this machine; null where it has no browser. Over SSH one would open in front of nobody. */
export function browserCommand(env: Context['env']): string | null {
  if ((env['SSH_CONNECTION'] ?? '') !== '') return null
  if (process.platform === 'darwin') return 'open'
  const screen = (env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== ''
  return screen ? 'xdg-open' : null
}
