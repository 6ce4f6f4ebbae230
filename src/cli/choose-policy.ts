import { HoopctlError } from '../errors.ts'
import { chooseSource } from './choose-source.ts'
import type { Context } from './context.ts'

/**
 * Chooses a policy that is a file, for what does not know signed ones yet. Throws what `chooseSource` throws, and USAGE
 * where the policy is a signed one.
 */
export async function choosePolicy(named: string | undefined, context: Context): Promise<string> {
  const chosen = await chooseSource(named, context)
  if (chosen.kind === 'file') return chosen.path
  const message = 'the policy here is a signed one, and this command reads files only'
  throw new HoopctlError('USAGE', message, { hint: 'name a file with --policy FILE' })
}
