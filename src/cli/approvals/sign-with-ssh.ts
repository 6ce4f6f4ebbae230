import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReceiptProof } from '../../approval.ts'
import { HoopctlError } from '../../errors.ts'
import { APPROVAL_NAMESPACE, type SshNamespace, verifySshSignature } from '../../ssh-signature.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { keyInWords, type SshKeyHere, sshKeysHere } from './ssh-keys-here.ts'

// Of whoever is not signed in here all keys of the policy are looked for.
const MOST_NAMED = 4

type KeyProof = Extract<ReceiptProof, { readonly kind: 'key' }>

/**
 * Has the person sign a challenge with the first of their SSH keys that this machine has, by their own ssh-keygen: it asks
 * at the terminal for the passphrase, the PIN or the touch. Throws UNREACHABLE where there is no such key or no ssh-keygen,
 * CANCELLED where nothing was signed.
 * @param keys as authorized_keys files have them: those that the policy ties to the person
 */
export async function signWithSsh(
  challenge: string,
  keys: readonly string[],
  context: Context,
  namespace: SshNamespace = APPROVAL_NAMESPACE,
): Promise<KeyProof> {
  const [chosen] = await sshKeysHere(keys, context)
  if (chosen === undefined) throw noKey(keys, context)
  context.stderr.write(`ssh-keygen signs with ${inWords(chosen, context)}.\n`)
  const signature = await withPublicFile(chosen, (path) => sign({ challenge, namespace }, path, context))
  const verified = verifySshSignature(signature, challenge, namespace)
  if (!verified.ok || verified.key !== chosen.key) {
    const why = verified.ok ? 'it is by another key' : verified.why
    throw notSigned(`what ssh-keygen signed is refused: ${why}`)
  }
  return { kind: 'key', key: chosen.key, signature }
}

// It asks for a passphrase or a touch without a word about which key it is for.
function inWords({ path }: SshKeyHere, { env }: Context): string {
  if (path === null) return 'a key of the SSH agent'
  const file = path.replace(/\.pub$/u, '')
  const home = `${env['HOME'] ?? homedir()}/`
  return `\`${visible(file.startsWith(home) ? `~/${file.slice(home.length)}` : file)}\``
}

async function withPublicFile<T>({ key, path }: SshKeyHere, work: (path: string) => Promise<T>): Promise<T> {
  if (path !== null) return work(path)
  // ssh-keygen names a key of the agent by a file with its public half.
  const directory = mkdtempSync(join(tmpdir(), 'hoopctl-key-'))
  try {
    const file = join(directory, 'key.pub')
    writeFileSync(file, `${key}\n`, { mode: 0o600 })
    return await work(file)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

async function sign(
  { challenge, namespace }: { readonly challenge: string; readonly namespace: SshNamespace },
  path: string,
  { env }: Context,
): Promise<string> {
  const { execa } = await import('execa')
  const args = ['-Y', 'sign', '-n', namespace, '-f', path]
  const streams = { input: challenge, stdout: 'pipe', stderr: 'inherit', stripFinalNewline: false } as const
  const ended = await execa('ssh-keygen', args, {
    ...streams,
    env: { ...env },
    extendEnv: false,
    reject: false,
  })
  if (ended.code === 'ENOENT') {
    throw new HoopctlError('UNREACHABLE', 'there is no `ssh-keygen` on this machine', {
      hint: 'install OpenSSH 8.2 or newer, or answer with another proof',
    })
  }
  if (ended.exitCode === 0) return ended.stdout
  throw notSigned(`ssh-keygen signed nothing with \`${visible(path)}\``)
}

function notSigned(message: string): HoopctlError {
  const hint = 'answer again, and give the passphrase, the PIN or the touch that it asks for'
  return new HoopctlError('CANCELLED', message, { hint })
}

function noKey(keys: readonly string[], { env }: Context): HoopctlError {
  if (keys.length === 0) {
    const hint = 'ask whoever keeps the policy to name your key under `people`'
    return new HoopctlError('UNREACHABLE', 'the policy names no SSH key of yours', { hint })
  }
  const hasAgent = (env['SSH_AUTH_SOCK'] ?? '') !== ''
  const agent = hasAgent ? 'the SSH agent' : 'an SSH agent (SSH_AUTH_SOCK is not set)'
  const named = keys.slice(0, MOST_NAMED).map((key) => visible(keyInWords(key)))
  const more = keys.length > MOST_NAMED ? [`${keys.length - MOST_NAMED} more`] : []
  const message = `this machine has none of the SSH keys that the policy knows you by, neither in \`~/.ssh\` nor in ${agent}: ${[...named, ...more].join(', ')}`
  const hint = 'put its files into ~/.ssh (of a security key: ssh-keygen -K), or into the agent: ssh-add'
  return new HoopctlError('UNREACHABLE', message, { hint })
}
