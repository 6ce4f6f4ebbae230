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
  { program: 'git', debian: 'git', brew: 'git' },
]

/** Makes sure of the programs that the tests drive: installs them where that is possible, else throws with their names. */
export function installTestTools() {
  const missing = TOOLS.filter(({ program }) => !isOnPath(program))
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
