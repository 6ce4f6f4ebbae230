import type { Config, SignedInAt } from './config-file.ts'

/** Names every sign-in that `config.yaml` knows of, the last one first. */
export function everySignIn(signIn: Config['signIn']): SignedInAt[] {
  return signIn === null ? [] : [named(signIn), ...signIn.earlier.map(named)]
}

/** Names every sign-in but one. */
export function othersThan(one: SignedInAt, signIn: Config['signIn']): SignedInAt[] {
  return everySignIn(signIn).filter((other) => !isSame(one, other))
}

/** Tells whether two are kept as one. */
export function isSame(one: SignedInAt, other: SignedInAt): boolean {
  return one.issuer === other.issuer && one.clientId === other.clientId
}

function named({ issuer, clientId }: SignedInAt): SignedInAt {
  return { issuer, clientId }
}
