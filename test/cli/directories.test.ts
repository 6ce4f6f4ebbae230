import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { directoriesFor, isThere } from '../../src/cli/directories.ts'
import { HoopctlError } from '../../src/errors.ts'

const surroundings = {
  env: {},
  platform: 'linux',
  homeDirectory: () => '/home/db',
  managed: () => null,
} as const

describe('directoriesFor', () => {
  it('given HOOPCTL_HOME, keeps everything in it', () => {
    const env = { HOOPCTL_HOME: '/tmp/x', XDG_CONFIG_HOME: '/ignored', HOME: '/home/alice' }
    expect(directoriesFor({ ...surroundings, env })).toEqual({
      config: '/tmp/x/config',
      state: '/tmp/x/state',
      cache: '/tmp/x/cache',
      run: '/tmp/x/run',
    })
  })

  it('given a relative HOOPCTL_HOME, refuses it', () => {
    const make = () => directoriesFor({ ...surroundings, env: { HOOPCTL_HOME: 'x' } })
    expect(make).toThrow('HOOPCTL_HOME is `x`, which is no absolute path')
  })

  it('given the XDG variables, keeps each kind of file where they say', () => {
    const env = {
      HOME: '/home/alice',
      XDG_CONFIG_HOME: '/c',
      XDG_STATE_HOME: '/s',
      XDG_CACHE_HOME: '/k',
      XDG_RUNTIME_DIR: '/run/user/1',
    }
    expect(directoriesFor({ ...surroundings, env })).toEqual({
      config: '/c/hoopctl',
      state: '/s/hoopctl',
      cache: '/k/hoopctl',
      run: '/run/user/1/hoopctl',
    })
  })

  it.each([
    { given: 'no variable but HOME', env: { HOME: '/home/alice', HOOPCTL_HOME: '' }, home: '/home/alice' },
    {
      given: 'relative XDG values',
      env: {
        HOME: '/home/alice',
        XDG_CONFIG_HOME: 'c',
        XDG_STATE_HOME: './s',
        XDG_CACHE_HOME: '',
        XDG_RUNTIME_DIR: 'r',
      },
      home: '/home/alice',
    },
    { given: 'a relative HOME', env: { HOME: 'alice' }, home: '/home/db' },
    { given: 'nothing', env: {}, home: '/home/db' },
  ])('given $given, falls back below $home', ({ env, home }) => {
    expect(directoriesFor({ ...surroundings, env })).toEqual({
      config: `${home}/.config/hoopctl`,
      state: `${home}/.local/state/hoopctl`,
      cache: `${home}/.cache/hoopctl`,
      run: `${home}/.local/state/hoopctl/run`,
    })
  })

  it('given macOS, uses the Library', () => {
    const env = { HOME: '/Users/alice', XDG_CONFIG_HOME: '/c' }
    expect(directoriesFor({ ...surroundings, platform: 'darwin', env })).toEqual({
      config: '/Users/alice/Library/Application Support/hoopctl',
      state: '/Users/alice/Library/Application Support/hoopctl',
      cache: '/Users/alice/Library/Caches/hoopctl',
      run: '/Users/alice/Library/Application Support/hoopctl/run',
    })
  })
})

describe('directoriesFor under a managed lock', () => {
  const env = { HOOPCTL_HOME: '/tmp/x', HOME: '/home/alice', XDG_STATE_HOME: '/s', XDG_RUNTIME_DIR: '/r' }
  const policy = { url: 'https://p/a.jws', trust: '', region: null, role: null, endpoint: null }
  const under = (home: string | null) =>
    directoriesFor({
      ...surroundings,
      env,
      managed: () => ({ path: '/l', policy, issuer: null, clientId: null, home }),
    })

  it('given no home in it, goes by the user database and by no variable', () => {
    expect(under(null)).toEqual({
      config: '/home/db/.config/hoopctl',
      state: '/home/db/.local/state/hoopctl',
      cache: '/home/db/.cache/hoopctl',
      run: '/home/db/.local/state/hoopctl/run',
    })
  })

  it.each([
    { home: '/var/hoopctl', folder: '/var/hoopctl' },
    { home: '~/hoop', folder: '/home/db/hoop' },
  ])('given the home $home, keeps everything in $folder', ({ home, folder }) => {
    const names = ['config', 'state', 'cache', 'run']
    expect(under(home)).toEqual(Object.fromEntries(names.map((name) => [name, `${folder}/${name}`])))
  })

  it('given a lock that cannot be trusted, names nothing', () => {
    const managed = () => {
      throw new HoopctlError('MANAGED_LOCK', 'others may write it', { hint: 'ask' })
    }
    expect(() => directoriesFor({ ...surroundings, env, managed })).toThrow('others may write it')
  })
})

describe('isThere', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hoopctl-directories-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('given nothing, says so and makes nothing', async () => {
    expect(isThere(join(folder, 'a'))).toBe(false)
    expect(isThere(join(folder, 'a'))).toBe(false)
  })

  it.each([
    { mode: 0o750, shown: '0750' },
    { mode: 0o701, shown: '0701' },
    { mode: 0o1777, shown: '0777' },
  ])('given mode $shown, refuses it with the command that mends it', async ({ mode, shown }) => {
    const path = join(folder, 'my dir')
    await mkdir(path)
    await chmod(path, mode)
    const message = `\`${path}\` has mode ${shown}: other users may touch it`
    expect(failureOf(path)).toEqual({ code: 'FILE_MODE', message, hint: `run: chmod 700 '${path}'` })
    await chmod(path, 0o700)
    expect(isThere(path)).toBe(true)
  })

  it('given a link to a directory that is open to others, refuses it', async () => {
    await mkdir(join(folder, 'open'))
    await chmod(join(folder, 'open'), 0o755)
    await symlink(join(folder, 'open'), join(folder, 'link'))
    expect(failureOf(join(folder, 'link'))).toMatchObject({ code: 'FILE_MODE' })
    await chmod(join(folder, 'open'), 0o700)
    expect(isThere(join(folder, 'link'))).toBe(true)
  })

  it('given a file above it, says what is wrong', async () => {
    await writeFile(join(folder, 'file'), '')
    expect(failureOf(join(folder, 'file', 'below'))).toMatchObject({ code: 'STATE_UNWRITABLE' })
  })
})

function failureOf(directory: string) {
  try {
    return isThere(directory)
  } catch (failure) {
    if (!(failure instanceof HoopctlError)) throw failure
    const { code, message, hint } = failure
    return { code, message, hint }
  }
}
