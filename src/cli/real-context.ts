import { constants, userInfo } from 'node:os'
import { VERSION } from '../version.ts'
import { visible } from '../visible.ts'
import { type Context, createContext } from './context.ts'
import { findLock } from './managed-lock.ts'

/** Builds the Context of the real process: the one place that knows it. A command gets what it may touch from here. */
export async function realContext(argv: readonly string[]): Promise<Context> {
  const managed = await findLock(process.platform)
  const context = createContext({
    get stdin() {
      return process.stdin
    },
    // Made when they are first used: that takes longer than all else here.
    get stdout() {
      return watched(process.stdout)
    },
    get stderr() {
      return watched(process.stderr)
    },
    env: process.env,
    now: () => new Date(),
    launcher: [process.execPath, process.argv[1] ?? 'hoopctl'],
    version: VERSION,
    get workingDirectory() {
      return process.cwd() // throws where that directory is gone, so only those who need it ask
    },
    platform: process.platform,
    homeDirectory: () => userInfo().homedir,
    managed,
    onSignal: (ask) => {
      const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
      for (const signal of signals) process.on(signal, ask)
      return () => signals.forEach((signal) => process.off(signal, ask))
    },
    endBy: (signal) => process.exit(128 + constants.signals[signal]),
    setExitCode: (code) => {
      process.exitCode = code
    },
  })
  watchProcess(argv, context)
  return context
}

const WATCHED = new WeakSet<NodeJS.WriteStream>()

function watched(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  if (WATCHED.has(stream)) return stream
  WATCHED.add(stream)
  // A reader that has seen enough (`hoopctl sessions list | head -1`) is no failure.
  stream.on('error', (failure: NodeJS.ErrnoException) => {
    if (failure.code !== 'EPIPE') process.exit(8)
  })
  return stream
}

function watchProcess(argv: readonly string[], context: Context): void {
  process.on('uncaughtException', (failure) => {
    void import('./report-failure.ts').then(
      ({ reportFailure }) => {
        reportFailure(failure, argv, context)
        process.exit()
      },
      () => {
        // Another version was installed meanwhile, and took its files' place.
        context.stderr.write(
          `hoopctl: this is a bug in hoopctl ${context.version}: ${visible(String(failure))}\n`,
        )
        process.exit(1)
      },
    )
  })
}
