import type { Context } from '../context.ts'
import type { PolicySource } from '../policy-source.ts'
import { type Central, type CentralOptions, openCentral } from './open-central.ts'
import type { KeptPolicy } from './policy-keeper.ts'
import { Refusal } from './refusal.ts'

/**
 * Does work with the policy that is kept of a source; where none is kept that holds, the source is asked. It may be
 * blocked: `blockedAt` tells. Throws what kept it away: UNREACHABLE, or a Refusal.
 */
export async function withCentral<T>(
  source: PolicySource,
  context: Context,
  work: (kept: KeptPolicy, central: Central) => Promise<T> | T,
  options: CentralOptions = {},
): Promise<T> {
  const central = openCentral(source, context, options)
  try {
    return await work(await keptOrFetched(central), central)
  } finally {
    central.close()
  }
}

async function keptOrFetched({ keeper }: Central): Promise<KeptPolicy> {
  let problem: Refusal | null = null
  try {
    await keeper.load()
  } catch (failure) {
    if (!(failure instanceof Refusal)) throw failure
    problem = failure
  }
  if (keeper.kept === null) {
    await keeper.refresh().catch((failure: unknown) => {
      throw problem !== null && !(failure instanceof Refusal) ? problem : failure
    })
  }
  const { kept } = keeper
  if (kept === null) throw new Error('a policy was fetched, and there is none')
  return kept
}
