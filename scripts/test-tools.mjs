import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

// Programs that the tests drive, and the packages that bring them.
const TOOLS = [
  { program: 'bash', debian: 'bash', brew: 'bash' },
  { program: 'zsh', debian: 'zsh', brew: 'zsh' },
  { program: 'fish', debian: 'fish', brew: 'fish' },
  { program: 'tmux', debian: 'tmux', brew: 'tmux' },
  { program: 'openssl', debian: 'openssl', brew: 'openssl@3' },
  { program: 'python3', debian: 'python3', brew: 'python' },
  { program: 'ps', debian: 'procps', brew: 'part of macOS' },
  { program: 'ssh-keygen', debian: 'openssh-client', brew: 'part of macOS' },
  { program: 'git', debian: 'git', brew: 'git' },
]

// A keychain that needs no screen, and the bus that it is on. Where they are missing the tests that need them are skipped.
const KEYRING = [
  { program: 'dbus-daemon', debian: 'dbus' },
  { program: 'gnome-keyring-daemon', debian: 'gnome-keyring' },
]

// A real S3 and STS server. It is in Debian and not on macOS: there the tests that need it are skipped, and say so.
const STORE = [
  { program: 'radosgw', debian: 'radosgw' },
  { program: 'ceph-mon', debian: 'ceph-mon' },
  { program: 'ceph-osd', debian: 'ceph-osd' },
  { program: 'ceph', debian: 'ceph-common' },
]

// A browser, in which the page of a session full of hostile texts is opened. Where it is missing those tests are skipped.
const BROWSER = [{ program: 'chromium', debian: 'chromium' }]

/** Makes sure of the programs that the tests drive: installs them where that is possible, else throws with their names. */
export function installTestTools() {
  const wanted = isOnPath('apt-get') ? [...TOOLS, ...KEYRING, ...STORE, ...BROWSER] : TOOLS
  const missing = wanted.filter(({ program }) => !isOnPath(program))
  if (missing.length === 0) return
  if (!isOnPath('apt-get')) {
    const names = missing.map(({ brew }) => brew).join(' ')
    throw new Error(`the tests need some programs; on macOS: brew install ${names}`)
  }
  const packages = missing.map(({ debian }) => debian)
  console.error(`installing ${packages.join(' ')}`)
  if (apt('update') && apt('install', '--no-install-recommends', ...packages)) return
  throw new Error(`the tests need some programs; run: sudo apt-get install ${packages.join(' ')}`)
}

function apt(...args) {
  const asRoot = process.getuid() === 0 ? [] : ['sudo', '-n']
  const [command, ...rest] = [
    ...asRoot,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'RUNLEVEL=1', // what is installed is not started as a service of the machine
    'apt-get',
    '-qq',
    '-y',
    ...args,
  ]
  return spawnSync(command, rest, { stdio: ['ignore', 2, 2] }).status === 0
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
