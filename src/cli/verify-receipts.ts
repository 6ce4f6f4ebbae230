import { isRecord, readApprovals, recordOf, textOf } from '../audit/log-record.ts'
import { HoopctlError } from '../errors.ts'
import type { Provider } from '../identity/provider.ts'
import { visible } from '../visible.ts'
import { readConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { httpClient } from './open-sign-ins.ts'

/** What confirms that the key beside a receipt's token is its issuer's: a signed policy, that it publishes it now, or nothing. */
export interface Confirmation {
  readonly approval: string
  readonly issuer: string
  readonly confirmedBy: 'policy' | 'issuer' | null
  /** In words for people. */
  readonly note: string
}

interface StoredProof {
  readonly approval: string
  readonly idToken: string
  readonly jwk: Readonly<Record<string, unknown>>
}

/** Keys of an issuer that somebody vouches for. */
export interface VouchedKeys {
  readonly issuer: string
  readonly keys: readonly Readonly<Record<string, unknown>>[]
  /** The signed policy that does, as people call it. */
  readonly by: string
}

/**
 * Compares the keys beside the tokens in verified logs with those that the signed policy vouches for, else with those that
 * their issuers publish now: a key that was stored proves nothing by itself. Asks each issuer once.
 */
export class ReceiptKeys {
  readonly #context: Context
  readonly #providers = new Map<string, Promise<Provider>>()

  readonly #vouched: VouchedKeys | null

  constructor(context: Context, vouched: VouchedKeys | null) {
    this.#context = context
    this.#vouched = vouched
  }

  /** Looks at all sign-ins in a log that was verified. An issuer that cannot be asked confirms nothing, and is no failure. */
  async confirm(path: string): Promise<readonly Confirmation[]> {
    const confirmations: Confirmation[] = []
    for (const proof of proofsIn(path)) confirmations.push(await this.#confirmOne(proof))
    return confirmations
  }

  async #confirmOne({ approval, idToken, jwk }: StoredProof): Promise<Confirmation> {
    const { readJwt } = await import('../identity/read-jwt.ts')
    const { isSameKey, verifyingKey } = await import('../identity/verifying-key.ts')
    const read = readJwt(idToken)
    const issuer = read.ok ? String(read.jwt.claims['iss']) : ''
    const shown = visible(issuer)
    const unconfirmed = (why: string): Confirmation => {
      return { approval, issuer, confirmedBy: null, note: `approval ${approval}: not confirmed: ${why}` }
    }
    const vouched = this.#vouched
    if (vouched?.issuer === issuer && vouched.keys.some((key) => isSameKey(jwk, key))) {
      const note = `approval ${approval}: confirmed by ${visible(vouched.by)}, which vouches for the key of its token`
      return { approval, issuer, confirmedBy: 'policy', note }
    }
    try {
      const provider = await this.#provider(issuer)
      const published = await verifyingKey(idToken, provider, this.#context.now())
      if (!isSameKey(jwk, published))
        return unconfirmed(`${shown} publishes another key under the name of the one beside its token`)
      const note = `approval ${approval}: confirmed by ${shown}, which publishes the key of its token now`
      return { approval, issuer, confirmedBy: 'issuer', note }
    } catch (failure) {
      if (!(failure instanceof HoopctlError)) throw failure
      if (failure.code === 'UNREACHABLE') return unconfirmed(visible(failure.message))
      return unconfirmed(
        `${shown} does not publish the key of its token now (${visible(failure.message)}); keys are replaced in time, so this alone is no fault`,
      )
    }
  }

  #provider(issuer: string): Promise<Provider> {
    const known = this.#providers.get(issuer) ?? discover(issuer, this.#context)
    this.#providers.set(issuer, known)
    return known
  }
}

/** Finds the keys that the signed policy in force vouches for; null where there is no such policy, or it names none. */
export async function vouchedKeys(context: Context): Promise<VouchedKeys | null> {
  try {
    const { policyInForce } = await import('./asker.ts')
    const { policy } = await policyInForce(undefined, context)
    const keys = policy.identity?.approvals?.keys
    if (!policy.signed || policy.identity === null || keys === undefined) return null
    const version = policy.version === null ? '' : ` version ${policy.version}`
    return { issuer: policy.identity.issuer, keys, by: `the signed policy ${policy.name}${version}` }
  } catch (failure) {
    if (!(failure instanceof HoopctlError)) throw failure
    return null // an auditor needs no policy
  }
}

async function discover(issuer: string, context: Context): Promise<Provider> {
  const { discoverProvider } = await import('../identity/provider.ts')
  return discoverProvider(issuer, httpClient(await readConfig(context), context))
}

function* proofsIn(path: string): Generator<StoredProof, void, undefined> {
  for (const record of readApprovals(path)) {
    if (textOf(record, 'state') !== 'approved') continue
    const proof = recordOf(recordOf(record, 'receipt'), 'proof')
    const [approval, idToken, jwk] = [textOf(record, 'approval'), textOf(proof, 'idToken'), proof['jwk']]
    if (approval !== null && idToken !== null && isRecord(jwk)) yield { approval, idToken, jwk }
  }
}
