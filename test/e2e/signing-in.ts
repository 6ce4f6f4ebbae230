import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { HOOPCTL, NODE } from './repo.ts'
import { Inbox, lineSplitter } from './inbox.ts'
import type { TestProvider, User } from '../identity/provider.ts'
import type { Workspace } from './workspace.ts'

/** The section `identity` of a policy whose people sign in at the provider for tests. */
export function identityAt({ issuer }: Pick<TestProvider, 'issuer'>): object {
  return {
    issuer,
    clientId: 'hoopctl',
    scopes: ['openid', 'email', 'groups', 'offline_access'],
    approvals: { clientId: 'hoopctl-approve' },
  }
}

/** How somebody signs in: the words behind `login`, and what the environment has beside the client's own. */
export interface HowToSignIn {
  readonly words?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly answer?: 'yes' | 'no'
}

/** Signs somebody in by `hoopctl login`: reads the code from what it shows, and types it as the person does. */
export async function signIn(
  user: User,
  provider: TestProvider,
  space: Workspace,
  { words = ['--store', 'file'], env = {}, answer = 'yes' }: HowToSignIn = {},
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(NODE, [HOOPCTL, 'login', ...words], { cwd: space.root, env: { ...space.env, ...env } })
  const lines = new Inbox<string>('what login shows')
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  child.stderr.on('data', lineSplitter(lines)).on('end', () => lines.close())
  const closed = once(child, 'close')
  const shown = await lines.find((line) => line.includes('│'))
  await provider.answerDevice(shown.replaceAll(/[│\s]/gu, ''), user, answer)
  const [exitCode] = await closed
  return {
    exitCode: Number(exitCode),
    stdout: Buffer.concat(out).toString(),
    stderr: Buffer.concat(err).toString(),
  }
}

/** Waits until a file is there. */
export async function appears(path: string): Promise<void> {
  for (;;) {
    const there = await access(path).then(
      () => true,
      () => false,
    )
    if (there) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
