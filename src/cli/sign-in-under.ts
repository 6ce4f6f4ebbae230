import { HoopctlError } from '../errors.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import type { SignIns } from '../identity/sign-ins.ts'
import type { NoSignIn, SignIn } from '../sign-in.ts'
import type { Context } from './context.ts'
import { NOT_SIGNED } from './kept-sign-in-check.ts'
import { NOBODY, openSignIns } from './open-sign-ins.ts'
import { Passphrases } from './passphrase.ts'
import { openWorkload } from './workload.ts'

/**
 * Reads the sign-in that a policy asks for: where the provider answers, renewed if that is due, and verified. Throws
 * NOT_SIGNED_IN, with what helps, where there is none.
 */
export async function signInUnder(settings: IdentitySettings, context: Context): Promise<SignIn> {
  const passphrases = new Passphrases(context)
  try {
    const prompt = context.stdin.isTTY === true ? () => passphrases.opening('your sign-in') : null
    const signIns = await openSignIns(context, prompt)
    const person = signIns === null ? NOBODY : await verified(signIns, settings)
    const signIn = person.kind === 'none' ? await workloadOr(person, settings, context) : person
    if (!('claims' in signIn)) throw notSignedIn(signIn)
    return signIn
  } finally {
    passphrases.close()
  }
}

async function verified(signIns: SignIns, settings: IdentitySettings): Promise<SignIn | NoSignIn> {
  const { signIn } = await signIns.renewWhenDue(settings)
  if (!('claims' in signIn)) return signIn
  return (await signIns.verify(signIn)) === 'refused' ? NOT_SIGNED : signIn
}

async function workloadOr(
  nobody: NoSignIn,
  settings: IdentitySettings,
  context: Context,
): Promise<SignIn | NoSignIn> {
  const workload = settings.workloads.length === 0 ? null : await openWorkload(context)
  return workload === null ? nobody : workload.current(settings)
}

/** Tells that nobody whom the policy could mean is signed in, and what helps. */
export function notSignedIn({ why, hint }: Pick<NoSignIn, 'why' | 'hint'>): HoopctlError {
  return new HoopctlError('NOT_SIGNED_IN', why, { hint })
}
