import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { TestProvider, User } from '../identity/provider.ts'
import { startHttpsServer } from '../remote/https-server.ts'
import { HOOPCTL, NODE } from './repo.ts'
import type { Ended, Workspace } from './workspace.ts'

const PASSPHRASE = { HOOPCTL_PASSPHRASE: 'correct horse battery' }

/** Those who sign the policy of a company and serve it over https. */
export interface Company extends AsyncDisposable {
  /** What a developer types: where the policy is, and whom it must be signed by. */
  readonly url: string
  readonly trust: string
  readonly caFile: string
  /** Signs and serves a policy; the sections are put behind its head. */
  publish(version: number, sections: object): Promise<void>
  /** Puts a version that was published before in the place of the newest, as a thief of the store would. */
  putBack(version: number): Promise<void>
}

/** Makes keys, a trust document and a server, by the commands that an administrator types. */
export async function company(root: string): Promise<Company> {
  const office = join(root, 'office')
  await mkdir(join(office, 'trust'), { recursive: true })
  const hoopctl = async (...words: string[]) => {
    const env = { PATH: '/usr/bin:/bin', HOME: office, HOOPCTL_HOME: join(office, 'hoopctl'), ...PASSPHRASE }
    return (await execa(NODE, [HOOPCTL, ...words], { cwd: office, env, extendEnv: false })).stdout.trim()
  }
  await hoopctl('policy', 'keygen', '--out', 'ann.key')
  const trust = await hoopctl('policy', 'trust', '--out', 'trust/1.jws', '--key', 'ann.key')
  const server = await startHttpsServer(({ url }, response) => {
    void readFile(join(office, url)).then(
      (bytes) => response.writeHead(200).end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  return {
    url: new URL('acme.jws', server.url).href,
    trust: /[0-9a-f]{64}/u.exec(trust)?.[0] ?? '',
    caFile: server.caFile,
    publish: async (version, sections) => {
      const expires = new Date(Date.now() + 7 * 86_400_000).toISOString()
      const head = { apiVersion: 'hoopctl/v1', kind: 'Policy', metadata: { name: 'acme', version, expires } }
      const file = `acme-${version}.yaml`
      await writeFile(join(office, file), JSON.stringify({ ...head, ...sections }), { mode: 0o644 })
      await hoopctl('policy', 'sign', file, '--key', 'ann.key', '--trust', 'trust/1.jws', '--out', 'acme.jws')
      await copyFile(join(office, 'acme.jws'), join(office, `acme-${version}.jws`))
    },
    putBack: (version) => copyFile(join(office, `acme-${version}.jws`), join(office, 'acme.jws')),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** Runs a command whose person opens the address that it shows, and signs in there. */
export async function inBrowser(
  user: User,
  provider: TestProvider,
  space: Workspace,
  words: readonly string[],
): Promise<Ended> {
  const child = spawn(NODE, [HOOPCTL, ...words], { cwd: space.root, env: { ...space.env } })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  const pages: Promise<unknown>[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => {
    err.push(chunk)
    const [url] = /http:\S+\/auth\?\S+(?=\n)/u.exec(Buffer.concat(err).toString()) ?? []
    if (url !== undefined && pages.length === 0) pages.push(provider.answerBrowser(url, user))
  })
  const [exitCode] = await once(child, 'close')
  await Promise.all(pages)
  return {
    stdout: Buffer.concat(out).toString(),
    stderr: Buffer.concat(err).toString(),
    exitCode: Number(exitCode),
  }
}
