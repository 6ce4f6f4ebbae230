import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sha256 } from '../../src/digest.ts'
import type { Run } from '../../src/policy/policy.ts'
import { checkDigest, givenCommand, namedCommand } from '../../src/shim/command.ts'
import { commandDigest, digestOf } from '../../src/shim/command-digest.ts'

/** A directory with an executable `x` and a file `plain` that is none. */
function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'hoopctl-command-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  writeFileSync(join(path, 'x'), '#!/bin/sh\n')
  chmodSync(join(path, 'x'), 0o755)
  writeFileSync(join(path, 'plain'), '')
  mkdirSync(join(path, 'directory'))
  return path
}

const RUN: Run = { command: 'x', args: ['-v'], env: {}, passEnv: [], cwd: null, path: null, sha256: null }
const CLIENT = {
  HOME: '/home/alice',
  LOGNAME: 'alice',
  PATH: '/evil',
  SHELL: '/bin/sh',
  TERM: 'xterm',
  USER: 'alice',
  AWS_SECRET_ACCESS_KEY: 'hunter2',
  HOOPCTL_HOME: '/x',
  LD_PRELOAD: '/evil.so',
  TZ: 'UTC',
  FUNCTION: '() { :; }',
}

describe('a server that the policy names', () => {
  it('gets the short list of variables, `passEnv` and `env`, and nothing else of the client’s [INV-5]', () => {
    const { env } = namedCommand(
      { ...RUN, passEnv: ['TZ', 'ABSENT', 'FUNCTION'], env: { TERM: 'dumb', A: 'b' } },
      CLIENT,
      '/',
    )
    expect(env).toEqual({
      HOME: '/home/alice',
      LOGNAME: 'alice',
      PATH: '/evil',
      SHELL: '/bin/sh',
      TERM: 'dumb',
      USER: 'alice',
      TZ: 'UTC',
      A: 'b',
    })
  })

  it('is looked for in `run.path`, which is its PATH then, and never in the client’s', () => {
    const path = directory()
    const found = namedCommand({ ...RUN, path: ['/nowhere', path] }, CLIENT, '/')
    expect(found).toMatchObject({
      file: join(path, 'x'),
      args: ['-v'],
      cwd: '/',
      named: true,
      failure: null,
      env: { PATH: `/nowhere:${path}` },
    })
    const missed = namedCommand(RUN, { PATH: path }, '/')
    expect(missed).toMatchObject({
      file: null,
      failure: expect.stringContaining('there is no executable `x` in /usr/local/bin, /usr/bin, /bin'),
    })
  })

  it.each(['plain', 'directory', 'absent'])(
    'given %s as an absolute path, says that it is no executable',
    (name) => {
      const command = join(directory(), name)
      expect(namedCommand({ ...RUN, command }, {}, '/')).toMatchObject({
        file: null,
        failure: `there is no executable \`${command}\``,
      })
    },
  )

  it.each(['absent', 'plain'])('given %s as its working directory, says so', (name) => {
    const path = directory()
    const cwd = join(path, name)
    const failure = `there is no directory \`${cwd}\` (run.cwd)`
    expect(namedCommand({ ...RUN, command: join(path, 'x'), cwd }, {}, '/')).toMatchObject({
      file: null,
      failure,
    })
    expect(namedCommand({ ...RUN, command: join(path, 'x'), cwd: path }, {}, '/')).toMatchObject({
      file: join(path, 'x'),
      cwd: path,
    })
  })

  it('given a digest that its file has not, throws; given the right one or none, does not', () => {
    const digest = sha256('#!/bin/sh\n')
    expect(() => checkDigest({ ...RUN, sha256: '0'.repeat(64) }, '/x', digest)).toThrow(
      expect.objectContaining({
        code: 'DIGEST_MISMATCH',
        message: `\`/x\` has the digest ${digest}, not the one in the policy`,
      }),
    )
    expect(() =>
      [digest, null].forEach((pinned) => checkDigest({ ...RUN, sha256: pinned }, '/x', digest)),
    ).not.toThrow()
  })
})

describe('a command behind `--`', () => {
  it('gets what hoopctl got, without hoopctl’s own variables', () => {
    const { env } = givenCommand(['x'], CLIENT, '/')
    const { HOOPCTL_HOME: _home, FUNCTION: _function, ...rest } = CLIENT
    expect(env).toEqual(rest)
  })

  it('is looked for in the client’s PATH, or from the working directory where it has a slash', () => {
    const path = directory()
    const found = (words: string[], env: object, from = '/') => givenCommand(words, { ...env }, from).file
    expect(found(['x'], { PATH: `/nowhere::${path}` })).toBe(join(path, 'x'))
    expect(found(['./x', '-v'], {}, path)).toBe(join(path, 'x'))
    expect(found([join(path, 'x')], {})).toBe(join(path, 'x'))
    expect(found(['x'], { PATH: '.' }, path)).toBe(join(path, 'x'))
    expect(givenCommand(['x', '-v'], {}, path)).toMatchObject({
      file: null,
      args: ['-v'],
      named: false,
      failure: 'there is no executable `x` in PATH',
    })
  })
})

describe('the digest of a command', () => {
  it('is that of the file, also behind a link, and null where there is none', () => {
    const path = directory()
    symlinkSync(join(path, 'x'), join(path, 'link'))
    const cache = join(path, 'cache')
    const digest = sha256('#!/bin/sh\n')
    expect(['x', 'link', 'absent'].map((name) => commandDigest(join(path, name), cache))).toEqual([
      digest,
      digest,
      null,
    ])
    expect(['x', 'directory', 'absent'].map((name) => digestOf(join(path, name)))).toEqual([
      digest,
      null,
      null,
    ])
  })

  it('given another content of the same size and time, is another', () => {
    const path = directory()
    const cache = join(path, 'cache')
    const file = join(path, 'x')
    utimesSync(file, 1, 1)
    commandDigest(file, cache)
    writeFileSync(file, '#!/bin/zz\n')
    utimesSync(file, 1, 1)
    expect(commandDigest(file, cache)).toBe(sha256('#!/bin/zz\n'))
  })

  it('given a cache that cannot be written, is computed', () => {
    const path = directory()
    expect(commandDigest(join(path, 'x'), join(path, 'plain', 'cache'))).toBe(sha256('#!/bin/sh\n'))
  })
})
