import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Outcome, freshHome, type Home } from './hoopctl.ts'
import { CALLS, recordSession } from './recorded-session.ts'

/** The policy that its sessions were recorded under. */
export const POLICY = { name: 'acme', version: null, digest: '0'.repeat(64), signed: false }

/** A laptop whose policy `policy.yaml` sends its logs to a directory. */
export interface SendingHome extends Home {
  readonly stateDirectory: string
  /** Where the logs go, and its URL. */
  readonly evidence: string
  readonly to: string
  /** Writes a session's log. */
  record(policy?: typeof POLICY): ReturnType<typeof recordSession>
  upload(): Promise<void>
  verify(...args: string[]): Promise<Outcome>
  /** Lists the paths of what was sent, in order. */
  objects(): Promise<string[]>
}

/** Makes a SendingHome. */
export async function sendingHome(): Promise<SendingHome> {
  const home = await freshHome()
  const stateDirectory = join(home.folder, 'home', 'state')
  const evidence = join(home.folder, 'evidence')
  const to = `file://${evidence}/`
  await home.write('policy.yaml', policyTo(to))
  return {
    ...home,
    stateDirectory,
    evidence,
    to,
    record: (policy = POLICY) => recordSession({ stateDirectory, calls: CALLS, policy }),
    upload: async () => {
      const { exitCode } = await home.hoopctl(['sessions', 'upload', '--policy', 'policy.yaml'])
      expect(exitCode).toBe(0)
    },
    verify: (...args) => home.hoopctl(['sessions', 'verify', '--policy', 'policy.yaml', ...args]),
    objects: async () => {
      const found = await readdir(evidence, { recursive: true, withFileTypes: true })
      return found
        .filter((each) => each.isFile())
        .map(({ parentPath, name }) => join(parentPath, name))
        .toSorted()
    },
  }
}

/** Gives a policy that sends logs to one place. */
export function policyTo(url: string): string {
  return `apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: acme }\nrules: []\naudit: { upload: { to: [{ url: "${url}" }] } }\n`
}
