import { type ChildProcess, type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chmodSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'

/** A D-Bus session bus of a test's own, and the gnome-keyring on it. */
export interface Keyring {
  /** What `DBUS_SESSION_BUS_ADDRESS` is in this session. */
  readonly bus: string
  /** A folder as `XDG_RUNTIME_DIR` is one: the bus is `bus` in it. */
  readonly runtime: string
  /** Locks the keyring, as a screen lock may: who wants an entry then is asked for its password. */
  readonly lock: () => Promise<void>
  /** Ends what was started and removes what it wrote. */
  readonly stop: () => Promise<void>
}

/** Says whether a keyring can be started here; where not, tests of it are skipped (`describe.skipIf(!hasKeyring())`). */
export function hasKeyring(): boolean {
  return ['dbus-daemon', 'dbus-send', 'gnome-keyring-daemon'].every((program) =>
    (process.env['PATH'] ?? '').split(delimiter).some((directory) => isExecutable(join(directory, program))),
  )
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** How a keyring is to be. */
export interface KeyringSettings {
  /** `none`: a bus where nobody keeps secrets. */
  readonly secrets?: 'unlocked' | 'none'
  /** Who asks the person for a password: nobody can be asked, or one who is asked and never answers. */
  readonly prompter?: 'none' | 'silent'
}

/** Starts a bus that nothing else is on, with an unlocked, empty keyring unless told otherwise. */
export async function startKeyring(settings: KeyringSettings = {}): Promise<Keyring> {
  const { secrets = 'unlocked', prompter = 'none' } = settings
  // Below the temporary directory: a socket's path has at most about 100 bytes.
  const home = mkdtempSync(join(tmpdir(), 'keyring-'))
  const runtime = join(home, 'runtime')
  const bus = `unix:path=${join(runtime, 'bus')}`
  const env = { PATH: process.env['PATH'], HOME: home, DBUS_SESSION_BUS_ADDRESS: bus }
  writeBusConfiguration(home, bus, prompter)
  const started: ChildProcess[] = []
  const stop = async (): Promise<void> => {
    for (const child of started.toReversed()) await end(child)
    rmSync(home, { recursive: true, force: true })
  }
  try {
    const start = async (input: string, program: string, ...args: string[]): Promise<void> => {
      const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'ignore'] })
      started.push(child)
      child.stdin.on('error', () => undefined) // a program that reads none closes it
      child.stdin.end(input)
      await firstOutput(child)
    }
    await start('', 'dbus-daemon', `--config-file=${join(home, 'bus.conf')}`, '--print-address')
    if (secrets === 'unlocked') {
      // Its password, of a keyring that is made here: an empty line.
      await start('\n', 'gnome-keyring-daemon', '--foreground', '--unlock', '--components=secrets')
      await taken('org.freedesktop.secrets', env)
    }
  } catch (failure) {
    await stop()
    throw failure
  }
  return { bus, runtime, lock: () => lock(env), stop }
}

// It prints before it takes its name on the bus. The bus would start nothing here, so asking changes nothing.
async function taken(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const question = ['/org/freedesktop/DBus', 'org.freedesktop.DBus.NameHasOwner', `string:${name}`]
  while (!(await send(env, 'org.freedesktop.DBus', question)).includes('boolean true')) continue
}

async function lock(env: NodeJS.ProcessEnv): Promise<void> {
  const collection = 'array:objpath:/org/freedesktop/secrets/collection/login'
  const message = ['/org/freedesktop/secrets', 'org.freedesktop.Secret.Service.Lock', collection]
  await send(env, 'org.freedesktop.secrets', message)
}

async function send(env: NodeJS.ProcessEnv, service: string, message: readonly string[]): Promise<string> {
  const command = ['--session', '--print-reply', `--dest=${service}`, ...message]
  return (await promisify(execFile)('dbus-send', command, { env })).stdout
}

// Both daemons print a line when others may come: the bus its address, the keyring where it is.
async function firstOutput(child: ChildProcessByStdio<Writable, Readable, null>): Promise<void> {
  const ended = once(child, 'close').then(() => {
    throw new Error(`${child.spawnfile} ended before it was ready`)
  })
  ended.catch(() => undefined) // when it is stopped, later
  await Promise.race([once(child.stdout, 'data'), ended])
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

// No services but ours: a bus of the system's configuration would start the machine's own keyring when asked for one.
function writeBusConfiguration(home: string, bus: string, prompter: 'none' | 'silent'): void {
  mkdirSync(join(home, 'runtime'), { mode: 0o700 })
  mkdirSync(join(home, 'services'))
  const policy = '<allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>'
  writeFileSync(
    join(home, 'bus.conf'),
    `<busconfig><type>session</type><listen>${bus}</listen><auth>EXTERNAL</auth>` +
      `<servicedir>${join(home, 'services')}</servicedir><policy context="default">${policy}</policy></busconfig>\n`,
  )
  if (prompter === 'none') return
  const program = join(home, 'prompter.sh')
  // It never takes the name that it was started for, and ends with the bus.
  writeFileSync(program, '#!/bin/sh\nexec tail --pid="$PPID" -f /dev/null\n')
  chmodSync(program, 0o755)
  writeFileSync(
    join(home, 'services', 'org.gnome.keyring.SystemPrompter.service'),
    `[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\nExec=${program}\n`,
  )
}
