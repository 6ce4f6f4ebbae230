import { HoopctlError } from '../../errors.ts'
import type { Policy } from '../../policy/policy.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { openDestination } from './open-destination.ts'

/** What came of trying a destination. */
export interface CheckedDestination {
  /** Its URL. */
  readonly destination: string
  /** The name of an object that lies there now, where the destination does not do as it should; null: nothing was left. */
  readonly left: string | null
  /** Why nothing could be sent there now; null: it could. */
  readonly problem: HoopctlError | null
}

/** Tries each destination of a policy, as what signs in now may use it. No session is sent, and nothing is kept there. */
export async function checkDestinations(
  { uploads, identity }: Policy,
  context: Context,
): Promise<readonly CheckedDestination[]> {
  const checked: CheckedDestination[] = []
  for (const to of uploads) {
    const { url: destination } = to
    try {
      const left = await (await openDestination(to, identity, context)).probe()
      checked.push({ destination, left, problem: null })
    } catch (problem) {
      if (!(problem instanceof HoopctlError)) throw problem
      checked.push({ destination, left: null, problem })
    }
  }
  return checked
}

/** Gives what programs read. */
export function checkJson({ destination, left, problem }: CheckedDestination): object {
  const why = problem && { code: problem.code, message: problem.message, hint: problem.hint }
  return { destination, ok: problem === null, left, problem: why }
}

/** Says it to people. */
export function checkLines({ destination, left, problem }: CheckedDestination): string {
  const where = visible(destination)
  if (problem !== null) return `${where}: ${visible(problem.message)}\n  hint: ${visible(problem.hint)}\n`
  const nothing = `${where}: can be read and written; nothing was left there\n`
  if (left === null) return nothing
  return `${where}: can be read and written. It took what no store should take, so \`${left}\` lies there now\n`
}
