import type { TestProvider, User } from '../identity/provider.ts'
import type { GrantHolder } from './grant-holder.ts'
import type { Outcome } from './hoopctl.ts'

interface Person {
  readonly user?: User
  readonly answer?: 'yes' | 'no'
  readonly env?: Readonly<Record<string, string>>
}

/** Opens the passphrase of the sign-in's file. */
export const ENV = { HOOPCTL_PASSPHRASE: 'correct horse battery' }

/** Runs a command; the person opens the address that it shows, and signs in there, or says no. */
export async function inBrowser(
  holder: GrantHolder,
  server: TestProvider,
  args: readonly string[],
  { user = 'alice', answer = 'yes', env = {} }: Person = {},
): Promise<Outcome> {
  let text = ''
  const pages: Promise<unknown>[] = []
  const onStderr = (chunk: string) => {
    text += chunk
    const [url] = /http:\S+\/auth\?\S+(?=\n)/.exec(text) ?? []
    if (url !== undefined && pages.length === 0) pages.push(server.answerBrowser(url, user, answer))
  }
  const outcome = await holder.hoopctl(args, { env: { ...ENV, ...env }, onStderr })
  await Promise.all(pages)
  return outcome
}
