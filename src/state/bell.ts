import { utimesSync, watch } from 'node:fs'
import { join } from 'node:path'
import { makePrivateFile } from './private-files.ts'

const BELL = 'bell'
const POLL_MS = 800

/** Rings for all processes: touches the bell in the run directory. A bell that cannot be rung is no failure: they poll. */
export function ring(runDirectory: string): void {
  const path = join(runDirectory, BELL)
  try {
    makePrivateFile(path)
    const now = new Date()
    utimesSync(path, now, now)
  } catch {
    // Sleepers wake a little later.
  }
}

/**
 * Calls when the bell rings or `version` tells another number or begins or ceases to throw, within a second; may call
 * for nothing. Watches the directory, because a watch of the file ends when the file is replaced, and looks at `version`
 * as well, because a watch can be lost. Keeps no process alive. Returns what ends it.
 */
export function listen(runDirectory: string, version: () => number, call: () => void): () => void {
  let last = look(version)
  let woken: NodeJS.Immediate | null = null
  const wake = () => {
    woken ??= setImmediate(() => {
      woken = null
      call()
    })
  }
  const stopWatching = watchBell(runDirectory, wake)
  const timer = setInterval(() => {
    const now = look(version)
    if (now === last) return
    last = now
    wake()
  }, POLL_MS).unref()
  return () => {
    stopWatching()
    clearInterval(timer)
    if (woken !== null) clearImmediate(woken)
  }
}

function look(version: () => number): number | 'unreadable' {
  try {
    return version()
  } catch {
    return 'unreadable' // whoever is called looks, and is told why
  }
}

function watchBell(runDirectory: string, wake: () => void): () => void {
  try {
    const watcher = watch(runDirectory, { persistent: false }, (_event, name) => {
      if (name === null || name === BELL) wake()
    })
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    return () => undefined // no watches left (ENOSPC, EMFILE): the poll does it alone
  }
}
