import { styleText } from 'node:util'
import type { DevicePrompt } from '../identity/device-code.ts'
import { visible } from '../visible.ts'
import type { Context } from './context.ts'
import { openBrowser } from './open-browser.ts'

/**
 * Shows a device code to the person: large, with the address, a QR code where the terminal has room for one, and how long it
 * counts. Returns what takes the countdown away.
 */
export async function showCode(prompt: DevicePrompt, context: Context): Promise<() => void> {
  const { stderr } = context
  const lines = [
    '',
    ...framed(prompt.userCode, context),
    '',
    `  Type it at: ${visible(prompt.verificationUri)}`,
  ]
  const whole = prompt.verificationUriComplete
  if (whole !== null) lines.push(...(await qrCode(whole, context)))
  stderr.write(`${lines.join('\n')}\n`)
  if (openBrowser(new URL(whole ?? prompt.verificationUri), context)) {
    stderr.write('  Your browser was asked to open it. Check that it shows the code above.\n')
  }
  return countDown(prompt.expiresAt, context)
}

// Wide apart, so that it is read aloud and typed without a second look.
function framed(code: string, { stderr, env }: Context): string[] {
  const spaced = code.split('').join(' ')
  const bar = '─'.repeat(spaced.length + 6)
  const plain = stderr.isTTY !== true || (env['NO_COLOR'] ?? '') !== ''
  const shown = plain ? spaced : styleText('bold', spaced, { validateStream: false })
  return [`  ┌${bar}┐`, `  │   ${shown}   │`, `  └${bar}┘`]
}

async function qrCode(text: string, { stderr }: Context): Promise<string[]> {
  if (stderr.isTTY !== true) return []
  const { renderUnicodeCompact } = await import('uqr')
  const lines = renderUnicodeCompact(text, { border: 2 }).split('\n')
  const width = Math.max(...lines.map((line) => line.length)) + 2
  const room = lines.length + 12 <= (stderr.rows ?? 24)
  return width > (stderr.columns ?? 80) || !room ? [] : ['', ...lines.map((line) => `  ${line}`)]
}

function countDown(end: Date, { stderr, now }: Context): () => void {
  if (stderr.isTTY !== true) {
    stderr.write(`  It counts until ${end.toISOString()}.\n`)
    return () => undefined
  }
  const tell = () => stderr.write(`\r  Waiting for you: ${left(end, now())} left \u001B[K`)
  tell()
  const timer = setInterval(tell, 1000)
  return () => {
    clearInterval(timer)
    stderr.write('\r\u001B[K')
  }
}

function left(end: Date, now: Date): string {
  const seconds = Math.max(0, Math.ceil((end.getTime() - now.getTime()) / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
