import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { SessionLog } from './session-logs.ts'
import type { Workspace } from './workspace.ts'

/** A challenge and the SSH signature over it, as a log has them. */
export interface SignedChallenge {
  readonly challenge: string
  readonly signature: string
}

/** An SSH key that ssh-keygen made, under a passphrase. */
export interface SshKey extends AsyncDisposable {
  readonly passphrase: string
  /** As in its `.pub` file. */
  readonly publicKey: string
  /** Puts both halves where a person has them. */
  putInto(space: Workspace): Promise<void>
  /** Says whether `ssh-keygen -Y verify` takes a signature for one of this key over the challenge. */
  accepts(signed: SignedChallenge): Promise<boolean>
}

/** Makes a key. */
export async function newSshKey(passphrase: string): Promise<SshKey> {
  const directory = await mkdtemp(join(tmpdir(), 'hoopctl-ssh-'))
  const path = join(directory, 'id_ed25519')
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'bob@laptop', '-f', path])
  const publicKey = (await readFile(`${path}.pub`, 'utf8')).trim()
  return {
    passphrase,
    publicKey,
    putInto: async ({ root }) => {
      await mkdir(join(root, '.ssh'), { mode: 0o700 })
      for (const end of ['', '.pub']) await copyFile(path + end, join(root, '.ssh', `id_ed25519${end}`))
    },
    accepts: async ({ challenge, signature }) => {
      const [signers, signed] = [join(directory, 'allowed'), join(directory, 'signed')]
      await writeFile(signers, `bob namespaces="hoopctl-approval" ${publicKey}\n`)
      await writeFile(signed, signature)
      const words = ['-Y', 'verify', '-f', signers, '-I', 'bob', '-n', 'hoopctl-approval', '-s', signed]
      return (await execa('ssh-keygen', words, { input: challenge, reject: false })).exitCode === 0
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}

/** Finds what was signed in a log with one approval by an SSH key. */
export function signedIn(log: SessionLog | undefined): SignedChallenge {
  const approvals = log?.records.filter(({ kind }) => kind === 'approval') ?? []
  const waiting = approvals.find(({ state }) => state === 'waiting')
  const approved = approvals.find(({ state }) => state === 'approved')
  const { proof } = (approved?.['receipt'] ?? {}) as { proof?: { signature?: string } }
  return { challenge: String(waiting?.['challenge']), signature: proof?.signature ?? '' }
}
