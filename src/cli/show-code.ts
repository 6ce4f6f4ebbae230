import { stripVTControlCharacters, styleText } from 'node:util'
import type { DevicePrompt } from '../identity/device-code.ts'
import { visible } from '../visible.ts'
import type { Context } from './context.ts'
import { openBrowser } from './open-browser.ts'

// Around the code, so that a camera finds it: less than the four of the standard, which cameras do without.
const QUIET_ZONE = 2
const GAP = '   '

/**
 * Shows a device code to the person: large, with the address, a QR code of it where the terminal has room for all of them at
 * once, and how long it counts. Returns what takes the countdown away.
 */
export async function showCode(prompt: DevicePrompt, context: Context): Promise<() => void> {
  const { stderr } = context
  const address = prompt.verificationUriComplete ?? prompt.verificationUri
  const below = [`  Type it at: ${visible(prompt.verificationUri)}`]
  if (openBrowser(new URL(address), context)) {
    below.push('  Your browser was asked to open it. Check that it shows the code above.')
  }
  const lines = await withQrCode(framed(prompt.userCode, context), address, below, context)
  stderr.write(`\n${[...lines, ...below].join('\n')}\n`)
  return countDown(prompt.expiresAt, context)
}

// Wide apart, so that it is read aloud and typed without a second look.
function framed(code: string, context: Context): string[] {
  const spaced = code.split('').join(' ')
  const bar = '─'.repeat(spaced.length + 6)
  const shown = isPlain(context) ? spaced : styleText('bold', spaced, { validateStream: false })
  return [`  ┌${bar}┐`, `  │   ${shown}   │`, `  └${bar}┘`]
}

// Below the code where there is room, else beside it: what is to be typed must not scroll away for it.
async function withQrCode(
  code: readonly string[],
  address: string,
  below: readonly string[],
  context: Context,
): Promise<readonly string[]> {
  const { isTTY, rows = 24, columns = 80 } = context.stderr
  if (isTTY !== true) return [...code, '']
  const qr = await qrCode(address, context)
  const wrapped = below.reduce((sum, line) => sum + Math.ceil(line.length / columns), 0)
  const fits = (lines: readonly string[]) =>
    lines.length + wrapped + 1 <= rows && Math.max(...lines.map(widthOf)) <= columns // 1: the countdown
  const choices = [[...code, '', ...qr.map((line) => `  ${line}`), ''], beside(code, qr), [...code, '']]
  return choices.find(fits) ?? code
}

function beside(code: readonly string[], qr: readonly string[]): string[] {
  const width = Math.max(...code.map(widthOf))
  const top = qr.length - code.length // so that the code is right above its address
  return qr.map((line, at) => {
    const left = code[at - top] ?? ''
    return `${left}${' '.repeat(width - widthOf(left))}${GAP}${line}`
  })
}

async function qrCode(text: string, context: Context): Promise<string[]> {
  const { renderUnicodeCompact } = await import('uqr')
  const lines = renderUnicodeCompact(text, { ecc: 'L', border: QUIET_ZONE }).split('\n')
  if (isPlain(context)) return lines
  // Bright on dark, whatever the terminal's own colours are: not all cameras read it the other way round.
  return lines.map((line) => styleText(['whiteBright', 'bgBlack'], line, { validateStream: false }))
}

function isPlain({ stderr, env }: Context): boolean {
  return stderr.isTTY !== true || (env['NO_COLOR'] ?? '') !== ''
}

function widthOf(line: string): number {
  return stripVTControlCharacters(line).length
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
