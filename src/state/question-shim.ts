import type { MarkedTime } from './clock-mark.ts'
import { type FoundQuestion, isOpen } from './question-rows.ts'

/** Tells when a process started, in whatever words; null: there is no such process. */
export type StartOf = (pid: number) => string | null

/** May a person answer it now? A held one only while its shim runs: nobody else can send the call. */
export function isAnswerable(found: FoundQuestion, { now }: MarkedTime, startOf: StartOf): boolean {
  return isOpen(found.state) && now < found.row.answerBy && hasShim(found, startOf)
}

/** Is there who could send the call: for a queued one anybody's, else the shim that holds it? */
export function hasShim({ row: { pid, mark }, state }: FoundQuestion, startOf: StartOf): boolean {
  return state === 'queued' || (mark !== '' && startOf(pid) === mark)
}

/** Looks at each process once: a shim may hold many, and each look is a file. */
export function askedOnce(startOf: StartOf): StartOf {
  const known = new Map<number, string | null>()
  return (pid) => {
    const start = known.get(pid) ?? startOf(pid)
    known.set(pid, start)
    return start
  }
}
