// Runs on Node 18 and newer: it is what brings the newer Node.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Installs what a folder's package-lock.json says, unless that is what its node_modules holds already. */
export function installFolder(folder) {
  if (isInstalled(folder)) return
  console.error(`installing the packages of ${folder}`)
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) throw new Error(`npm ci failed in ${folder}`)
}

// npm writes node_modules/.package-lock.json last, so after an install that was cut short it is missing or old.
function isInstalled(folder) {
  const wanted = packagesOf(join(folder, 'package-lock.json'))
  const present = packagesOf(join(folder, 'node_modules', '.package-lock.json'))
  if (wanted === null || present === null) return false
  const missing = Object.keys(wanted).filter((path) => path !== '' && present[path] === undefined)
  return (
    missing.every((path) => wanted[path].optional === true) && // those of other platforms
    Object.entries(present).every(([path, { version }]) => wanted[path]?.version === version)
  )
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages
  } catch (error) {
    if (error.code === 'ENOENT') return null
    throw error
  }
}
