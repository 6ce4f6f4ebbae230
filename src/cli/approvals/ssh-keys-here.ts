import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { readSshKey } from '../../ssh-key.ts'
import type { Context } from '../context.ts'
import { readSmallFile } from '../small-file.ts'

/** An SSH key that can sign on this machine. */
export interface SshKeyHere {
  /** Its type and base64. */
  readonly key: string
  /** Its `.pub` file; null where only the agent has it. */
  readonly path: string | null
}

const MAX_PUB_BYTES = 16 * 1024

/** Finds which of some keys can sign here: those with a private half in `~/.ssh`, and those that the SSH agent holds. */
export async function sshKeysHere(wanted: readonly string[], context: Context): Promise<SshKeyHere[]> {
  const inAgent = await keysOfAgent(context)
  const files = keyFiles(join(context.env['HOME'] ?? homedir(), '.ssh'))
  return wanted.map(textOf).flatMap((key) => {
    const held = inAgent.has(key)
    // A public half alone may have been copied here: it signs where the agent holds the other.
    const path = files.find((file) => file.key === key && (held || file.hasPrivate))?.path ?? null
    return key !== '' && (path !== null || held) ? [{ key, path }] : []
  })
}

/** Names a key as `ssh-keygen -l` does: its type, the digest of its bytes, and its comment. */
export function keyInWords(line: string): string {
  const [type = '', base64 = '', ...comment] = line.trim().split(/[ \t]+/u)
  const digest = createHash('sha256').update(base64, 'base64').digest('base64').replaceAll('=', '')
  return [type, `SHA256:${digest}`, ...comment].join(' ')
}

function textOf(line: string): string {
  const read = readSshKey(line)
  return read.ok ? read.key.text : ''
}

function keyFiles(directory: string) {
  return namesIn(directory).map((name) => {
    const path = join(directory, name)
    return { path, key: textOf(firstLine(path)), hasPrivate: existsSync(path.slice(0, -'.pub'.length)) }
  })
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => name.endsWith('.pub'))
  } catch {
    return [] // whoever has no `.ssh` has no keys in it
  }
}

function firstLine(path: string): string {
  try {
    const { bytes } = readSmallFile(path, path, MAX_PUB_BYTES)
    return Buffer.from(bytes).toString('utf8').split('\n', 1)[0] ?? ''
  } catch {
    return '' // one that cannot be read cannot sign either
  }
}

async function keysOfAgent({ env }: Context): Promise<ReadonlySet<string>> {
  if ((env['SSH_AUTH_SOCK'] ?? '') === '') return new Set()
  const { execa } = await import('execa')
  const options = {
    env: { ...env },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    stderr: 'ignore',
  } as const
  const { stdout } = await execa('ssh-add', ['-L'], options)
  return new Set((stdout ?? '').split('\n').map(textOf))
}
