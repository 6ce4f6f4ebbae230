import { readFileSync } from 'node:fs'

/** What is told of a process where the system does not say when it started. */
export const ALIVE = 'alive'

/** Tells when a process started: on Linux in ticks since the machine did; elsewhere only that there is one. null: there is none. */
export function startMark(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // proc(5): fields 3 and 22; the second, the name, is in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state] = fields
    // One that has ended stays in the table until its parent asks how.
    return state === 'Z' || state === 'X' ? null : (fields[19] ?? null)
  } catch {
    return isAlive(pid) ? ALIVE : null
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (failure) {
    return failure instanceof Error && 'code' in failure && failure.code === 'EPERM'
  }
}
