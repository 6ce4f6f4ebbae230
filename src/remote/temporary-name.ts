import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { sha256 } from '../digest.ts'
import { codeOf } from '../system-code.ts'

// No object's name begins with a dot.
const NAME = /^\.(?<machine>[0-9a-f]{16})-(?<pid>[1-9]\d{0,9})-[0-9a-f]{24}$/u

/** Names a file that this process writes, so that others can tell whether it still does. */
export function temporaryName(): string {
  return `.${machine()}-${process.pid}-${randomBytes(12).toString('hex')}`
}

/** Tells what is known of whoever writes a file of this name: that it has ended, or nothing. null: no such name. */
export function writerOf(name: string): 'ended' | 'unknown' | null {
  const found = NAME.exec(name)?.groups
  if (found === undefined) return null
  return found['machine'] === machine() && !isRunning(Number(found['pid'])) ? 'ended' : 'unknown'
}

function isRunning(pid: number): boolean {
  // proc(5): the third field is the state, behind the name in brackets. One that has ended stays until its parent asks how.
  const stat = ifLinux(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  if (/^[ZX]/u.test(stat.slice(stat.lastIndexOf(')') + 2))) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM' // it runs, as somebody else
  }
}

let known: string | null = null

// The id of a process means something on one machine since it was started, and in one container. Directories are shared.
function machine(): string {
  known ??= sha256(`${hostname()}\n${sinceStart()}\n${ofContainer()}`).slice(0, 16)
  return known
}

function sinceStart(): string {
  return ifLinux(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))
}

function ofContainer(): string {
  return ifLinux(() => readlinkSync('/proc/self/ns/pid'))
}

function ifLinux(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
