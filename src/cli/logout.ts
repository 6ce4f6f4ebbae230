import { HoopctlError } from '../errors.ts'
import type { SignIns } from '../identity/sign-ins.ts'
import { policyInForce } from './asker.ts'
import { updateConfig } from './change-config.ts'
import { readConfig, type SignedInAt } from './config-file.ts'
import { counted } from './counted.ts'
import type { Context } from './context.ts'
import { everySignIn, isSame } from './kept-sign-ins.ts'
import { openSignIns } from './open-sign-ins.ts'
import { Passphrases } from './passphrase.ts'
import { removeTokenFolder } from './remove-token-folder.ts'
import { tellShims } from './tell-shims.ts'

/**
 * Ends all activations on this device, and the sign-in at the provider and here. What cannot be revoked is removed all the same, and told.
 * Throws KEYCHAIN where the tokens cannot be removed.
 */
export async function logout(context: Context): Promise<void> {
  const passphrases = new Passphrases(context)
  try {
    // First: less access is always to be had. Neither what processes share nor the keychain holds the other up.
    const [grants] = await Promise.allSettled([endGrants(context)])
    const named = await whereSignedIn(context)
    const prompt = context.stdin.isTTY === true ? () => passphrases.opening('your sign-in') : null
    const signIns = await openSignIns(context, prompt)
    const ended = signIns === null ? 0 : await endAll(signIns, named, context)
    const { workload } = await readConfig(context)
    await updateConfig(context, (before) => ({ ...before, signIn: null, tokens: null, workload: null }))
    removeTokenFolder(context)
    if (grants.status === 'rejected') throw grants.reason
    await tellShims('sign-out', {}, context)
    const also = grants.value === 0 ? '' : ` Ended ${counted(grants.value, 'grant')}.`
    const nobody = ended === 0 && workload === null
    context.stdout.write(`${nobody ? 'Nobody was signed in.' : 'Signed out.'}${also}\n`)
  } finally {
    passphrases.close()
  }
}

// Every sign-in that was made here, and the one that the policy asks for.
async function whereSignedIn(context: Context): Promise<SignedInAt[]> {
  const { signIn } = await readConfig(context)
  const identity = await policyInForce(undefined, context).then(
    ({ policy }) => policy.identity,
    (failure: unknown) => {
      if (failure instanceof HoopctlError) return null // without a policy there is still something to end
      throw failure
    },
  )
  const made = everySignIn(signIn)
  return identity === null || made.some((one) => isSame(one, identity)) ? made : [...made, identity]
}

async function endAll(signIns: SignIns, named: readonly SignedInAt[], { stderr }: Context): Promise<number> {
  let ended = 0
  for (const one of named) {
    const outcome = await signIns.end(one)
    if (outcome === 'none') continue
    ended += 1
    if (outcome.fault === null) continue
    stderr.write(`hoopctl: ${one.issuer} did not take the tokens back: ${outcome.fault.message}\n`)
    stderr.write('  They are removed here, and end there by themselves.\n')
  }
  return ended
}

// Whoever gave them: also what was proven at a terminal, under a policy that asks nobody to sign in.
async function endGrants(context: Context): Promise<number> {
  const { withDeviceState } = await import('./device-state.ts')
  return withDeviceState(context, ({ activations, events, shared }) => {
    const ended = activations.end({}, context.now())
    for (const { grant } of ended) events.append({ kind: 'revoke', at: context.now(), fields: { grant } })
    activations.forget()
    shared.database.compact()
    shared.ring()
    return ended.length
  })
}
