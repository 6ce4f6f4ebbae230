import { execFileSync } from 'node:child_process'
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lockPath } from '../../src/cli/managed-lock.ts'
import { makeKeys, pinOf, policyText, signed, trustFile } from './central/publisher.ts'
import { NODE } from './hoopctl.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')
const NOBODY = 65534
const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })

// The lock is in a place that only root can write, and no variable moves it. So each command runs in a mount namespace of
// its own, in which a folder of the test is /etc. The real one is never touched.
function whyNot(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux'
  try {
    execFileSync('unshare', ['-m', '--propagation', 'private', 'true'], { stdio: 'pipe' })
    return null
  } catch {
    return 'no mount namespaces can be made here'
  }
}

const missing = whyNot()
let folder: string
let etc: string
let lockFile: string

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'hoopctl-lock-')))
  await chmod(folder, 0o755)
  await mkdir(join(folder, 'site', 'trust'), { recursive: true })
  await writeFile(join(folder, 'site', 'trust', '1.jws'), trust)
  await writeFile(join(folder, 'site', 'acme.jws'), signed(policyText({ expires: farAway() }), keys))
  await writeFile(join(folder, 'mine.yaml'), policyText())
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  etc = join(folder, 'etc')
  lockFile = join(etc, 'hoopctl', 'managed.yaml')
  await rm(etc, { recursive: true, force: true })
  await mkdir(join(etc, 'hoopctl'), { recursive: true, mode: 0o755 })
  for (const name of ['passwd', 'group', 'nsswitch.conf'])
    await cp(join('/etc', name), join(etc, name)).catch(() => null)
})

function farAway(): string {
  return new Date(Date.now() + 20 * 86_400_000).toISOString().replace(/\.\d+Z$/u, 'Z')
}

function lockText(more = ''): string {
  const home = join(folder, 'managed-home')
  return `policy: { url: "file://${folder}/site/acme.jws", trust: "${pinOf(trust)}" }\nhome: ${home}\n${more}`
}

async function hoopctl(
  args: readonly string[],
): Promise<{ code: number | undefined; out: string; err: string }> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, HOOPCTL_HOME: join(folder, 'own-home') }
  const inside = `mount --bind ${etc} /etc && exec "$@"`
  const command = ['-m', '--propagation', 'private', 'sh', '-c', inside, 'sh', NODE, MAIN, ...args]
  const { exitCode, stdout, stderr } = await execa('unshare', command, {
    cwd: folder,
    env,
    extendEnv: false,
    reject: false,
  })
  return { code: exitCode, out: stdout, err: stderr }
}

// Administrators have put it there, by what distributes files to a company's machines.
it.each([
  { platform: 'darwin', path: '/Library/Application Support/hoopctl/managed.yaml' },
  { platform: 'linux', path: '/etc/hoopctl/managed.yaml' },
] as const)('given $platform, the lock is looked for at $path', ({ platform, path }) => {
  expect(lockPath(platform)).toBe(path)
})

describe.skipIf(missing !== null)(
  `the managed lock${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    it('given one, fixes the policy and the directories, whatever HOOPCTL_HOME says', async () => {
      await writeFile(lockFile, lockText('identity: { issuer: "https://login.acme.example" }\n'), {
        mode: 0o644,
      })
      const { code, out } = await hoopctl(['policy', 'show', '--json'])
      expect(code).toBe(0)
      expect(JSON.parse(out)).toMatchObject({ name: 'acme', managed: '/etc/hoopctl/managed.yaml' })
      expect(await readdir(join(folder, 'managed-home'))).toContain('state')
      await expect(lstat(join(folder, 'own-home'))).rejects.toThrow()
    })

    it.each([
      ['wrap', '--policy', 'mine.yaml', '--', 'true'],
      ['policy', 'add', 'site/acme.jws', '--trust', pinOf(trust), '--yes'],
      ['policy', 'explain', '--policy', 'mine.yaml', '--call', '{"name":"x"}'],
    ])('[ATK-LOCK] given one, refuses `%s %s …` and names the file', async (...args) => {
      await writeFile(lockFile, lockText(), { mode: 0o644 })
      const { code, err } = await hoopctl(args)
      expect(code).toBe(3)
      expect(err).toContain('cannot be used here: `/etc/hoopctl/managed.yaml` fixes the policy')
    })

    it('given one whose policy cannot be had, `login` goes where it says', async () => {
      const gone = lockText().replace('acme.jws', 'gone.jws')
      const nobody = 'http://127.0.0.1:9' // discard: nobody listens there
      await writeFile(lockFile, `${gone}identity: { issuer: "${nobody}", clientId: hoopctl }\n`, {
        mode: 0o644,
      })
      const { code, err } = await hoopctl(['login', '--store', 'file'])
      expect(code).toBe(8)
      expect(err).toContain('127.0.0.1:9')
    })

    it('given none, nothing is fixed', async () => {
      const { code, out } = await hoopctl([
        'policy',
        'explain',
        '--policy',
        'mine.yaml',
        '--call',
        '{"name":"read_file"}',
      ])
      expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^allow/) })
    })

    const put = (text = lockText()) => writeFile(lockFile, text, { mode: 0o644 })
    const DISTRUSTED: { given: string; make: () => Promise<unknown>; says: RegExp }[] = [
      {
        given: 'a file that others may write',
        make: () => put().then(() => chmod(lockFile, 0o664)),
        says: /others than root may write `\/etc\/hoopctl\/managed.yaml`/,
      },
      {
        given: 'a file of another user',
        make: () => put().then(() => chown(lockFile, NOBODY, 0)),
        says: /does not belong to root/,
      },
      {
        given: 'a folder that others may write',
        make: () => put().then(() => chmod(join(etc, 'hoopctl'), 0o777)),
        says: /may write `\/etc\/hoopctl`/,
      },
      {
        given: 'a folder of another user',
        make: () => put().then(() => chown(join(etc, 'hoopctl'), NOBODY, 0)),
        says: /`\/etc\/hoopctl` does not belong to root/,
      },
      {
        given: 'a folder above that others may write',
        make: () => put().then(() => chmod(etc, 0o777)),
        says: /may write `\/etc`/,
      },
      {
        given: 'a link to a file',
        make: async () => {
          await put()
          await rename(lockFile, `${lockFile}.real`)
          await symlink('managed.yaml.real', lockFile)
        },
        says: /is a link/,
      },
      { given: 'a link that leads nowhere', make: () => symlink('/nowhere', lockFile), says: /is a link/ },
      { given: 'a folder in its place', make: () => mkdir(lockFile), says: /is not a regular file/ },
      {
        given: 'a pipe in its place',
        make: async () => void execFileSync('mkfifo', [lockFile]),
        says: /is not a regular file/,
      },
      {
        given: 'a file in the place of its folder',
        make: () =>
          rm(join(etc, 'hoopctl'), { recursive: true }).then(() => writeFile(join(etc, 'hoopctl'), '')),
        says: /cannot be looked at|cannot be read/,
      },
      {
        given: 'a link that leads nowhere in the place of its folder',
        make: async () => {
          await rm(join(etc, 'hoopctl'), { recursive: true })
          await symlink('/nowhere', join(etc, 'hoopctl'))
        },
        says: /cannot be looked at/,
      },
      { given: 'nothing in it', make: () => put(''), says: /managed.yaml:1:1: the file is empty/ },
      { given: 'what is no YAML', make: () => put('policy: {'), says: /managed.yaml:1:\d+/ },
      {
        given: 'a key that this version does not know',
        make: () => put(lockText('upload: { url: "s3://x" }\n')),
        says: /managed.yaml:3:1: .*`upload`/,
      },
      { given: 'no policy', make: () => put('home: /x\n'), says: /`policy` is missing/ },
      {
        given: 'no URL',
        make: () => put(lockText().replace('file://', 'nowhere://')),
        says: /`policy.url`.*no place that policies come from/,
      },
      {
        given: 'a home that is relative',
        make: () => put(lockText().replace(/home: .*/u, 'home: here')),
        says: /must be an absolute path/,
      },
    ]

    it.each(DISTRUSTED)('[ATK-LOCK] given $given, denies everything, exit 3', async ({ make, says }) => {
      await make()
      const runs = await Promise.all([
        hoopctl(['wrap', '--policy', 'mine.yaml', '--', 'true']),
        hoopctl(['policy', 'show']),
      ])
      for (const { code, err } of runs) {
        expect({ code, err }).toEqual({ code: 3, err: expect.stringMatching(says) })
      }
    })

    it('given one that cannot be read by this user, denies everything, exit 3', async () => {
      await put()
      await chmod(join(etc, 'hoopctl'), 0o700)
      const inside = `mount --bind ${etc} /etc && exec setpriv --reuid ${NOBODY} --clear-groups "$@"`
      const command = [
        '-m',
        '--propagation',
        'private',
        'sh',
        '-c',
        inside,
        'sh',
        NODE,
        MAIN,
        'policy',
        'show',
      ]
      const { exitCode, stderr } = await execa('unshare', command, { cwd: '/', reject: false })
      expect({ exitCode, stderr }).toEqual({
        exitCode: 3,
        stderr: expect.stringMatching(/cannot be looked at \(EACCES\)/),
      })
    })
  },
)
