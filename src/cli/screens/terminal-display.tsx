import type { ReadStream } from 'node:tty'
import { type Instance, render } from 'ink'
import type { Context } from '../context.ts'
import { ApprovalsScreen } from './approvals-screen.tsx'
import { type Key, KeyReader, PASTE_OFF, PASTE_ON } from './keys.ts'
import type { Line } from './line.ts'

/** What comes from the terminal. */
export interface FromTerminal {
  readonly onKeys: (keys: readonly Key[]) => void
  readonly onResize: () => void
  /** The terminal is gone. */
  readonly onGone: () => void
}

/** A screen on which lines are drawn, and which can step back for what needs the terminal itself. */
export interface Display {
  readonly size: () => { readonly columns: number; readonly rows: number }
  /** Is it read aloud? Then nothing is drawn that changed only with time. */
  readonly isReader: boolean
  /** Resolves when they are on the screen. */
  draw(lines: readonly Line[]): Promise<void>
  /** Sets the title of the window, and rings where something new came. */
  tell(title: string, ring: boolean): void
  /** Gives the terminal back as it was, until the next `draw`. */
  leave(): Promise<void>
}

// A character that is wider than we think must not push the rest of its line to where our own words begin.
const ENTER = `\u001b[22;0t\u001b[?7l${PASTE_ON}`
const LEAVE = `${PASTE_OFF}\u001b[?7h\u001b]0;\u0007\u001b[23;0t`

/** Makes the display of a real terminal. Nothing is drawn or read before the first `draw`. */
export function terminalDisplay({ stdin, stdout, env }: Context, from: FromTerminal): Display {
  const isReader = env['INK_SCREEN_READER'] === 'true'
  const colour = (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  const input = stdin as ReadStream // a terminal: who opens the screen has looked
  const options = { stdout, interactive: true, exitOnCtrlC: false, patchConsole: false, maxFps: 60 }
  let app: Instance | null = null
  let reader = new KeyReader()
  const onData = (chunk: Uint8Array) => from.onKeys(reader.read(chunk))
  const enter = () => {
    reader = new KeyReader()
    input.setRawMode(true)
    input.on('data', onData).on('end', from.onGone).resume()
    stdout.on('resize', from.onResize)
    stdout.write(ENTER)
  }
  return {
    size: () => ({ columns: known(stdout.columns, 80), rows: known(stdout.rows, 24) }),
    isReader,
    draw(lines) {
      const node = <ApprovalsScreen lines={lines} colour={colour} />
      if (app === null) {
        enter()
        app = render(node, { ...options, alternateScreen: !isReader, isScreenReaderEnabled: isReader })
      } else app.rerender(node)
      return app.waitUntilRenderFlush()
    },
    tell(title, ring) {
      if (app !== null) stdout.write(`\u001b]0;${title}\u0007${ring ? '\u0007' : ''}`)
    },
    async leave() {
      if (app === null) return
      const ended = app.waitUntilExit()
      app.unmount()
      await ended
      app.cleanup()
      app = null
      input.off('data', onData).off('end', from.onGone).pause()
      input.setRawMode(false)
      stdout.off('resize', from.onResize)
      stdout.write(LEAVE)
    },
  }
}

// A terminal that nobody told its size says that it has none.
function known(size: number | undefined, otherwise: number): number {
  return size === undefined || size === 0 ? otherwise : size
}
