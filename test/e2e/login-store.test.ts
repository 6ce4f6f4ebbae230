import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { atTerminal, type AtTerminal } from '../cli/at-terminal.ts'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { identityAt, signIn } from './signing-in.ts'
import { type Workspace, workspace } from './workspace.ts'

let provider: TestProvider
beforeAll(async () => {
  provider = await startProvider()
}, 60_000)
afterAll(() => provider.close())

const signedInSpace = () => workspace({ policy: { identity: identityAt(provider) } })
const configOf = (space: Workspace) => readFile(join(space.home, 'config', 'config.yaml'), 'utf8')

// Where the machine that tests run on has a keychain of its own, nobody is asked.
describe.skipIf(existsSync(`/run/user/${userInfo().uid}/bus`))('at a terminal without a keychain', () => {
  const PASSPHRASE = 'correct horse battery'
  const NONE = 'No keychain keeps your sign-in here: there is no session bus of this user'

  const login = (space: Workspace, ...words: string[]) =>
    atTerminal(['login', ...words], { ...space.env, NO_COLOR: '1' })

  /** Types the code in a browser, and waits for the end. */
  async function finish(terminal: AtTerminal) {
    await terminal.shows('└')
    const code = /│ +(\S(?: \S)+) +│/u.exec(terminal.shown())?.[1]?.replaceAll(' ', '') ?? ''
    await provider.answerDevice(code, 'alice')
    return terminal.ended
  }

  it('asks for a passphrase, says before the sign-in what each choice keeps from whom, and keeps it so', async () => {
    await using space = await signedInSpace()
    const terminal = login(space)
    await terminal.shows('Return alone: the key of this machine instead')
    expect(terminal.shown()).toContain(NONE)
    expect(terminal.shown()).toContain('from nobody who can read your files')
    terminal.type(`${PASSPHRASE}\r`)
    await terminal.shows('The same once more')
    terminal.type(`${PASSPHRASE}\r`)
    await terminal.shows('┌')
    const [before = ''] = terminal.shown().split('┌')
    expect(before).toContain('will be kept in an encrypted file')
    expect(before).toContain('Only the passphrase opens it')
    const { exitCode, shown } = await finish(terminal)
    expect(exitCode).toBe(0)
    expect(shown).toContain('is kept in an encrypted file, which your passphrase opens')
    expect(shown).not.toContain(PASSPHRASE)
    expect(await configOf(space)).toMatch(/"?key"?: "?passphrase/)
    expect((await space.hoopctl('whoami')).exitCode).not.toBe(0)
    Object.assign(space.env, { HOOPCTL_PASSPHRASE: PASSPHRASE })
    expect(await space.hoopctl('whoami')).toMatchObject({ exitCode: 0 })
  })

  it('given Return alone, takes the key of this machine, and says before the sign-in what that is worth', async () => {
    await using space = await signedInSpace()
    const terminal = login(space)
    await terminal.shows('Return alone')
    terminal.type('\r')
    await terminal.shows('┌')
    expect(terminal.shown().split('┌')[0]).toContain('It does not keep it from programs that you run')
    const { exitCode, shown } = await finish(terminal)
    expect(exitCode).toBe(0)
    expect(shown).toContain('is kept in an encrypted file, which a key of this machine opens')
    expect(await configOf(space)).toMatch(/"?key"?: "?machine/)
    expect(await space.hoopctl('whoami')).toMatchObject({ exitCode: 0 })
  })

  it('given --json, asks nobody', async () => {
    await using space = await signedInSpace()
    const { exitCode, shown } = await finish(login(space, '--json'))
    expect(exitCode).toBe(0)
    expect(shown).not.toContain('passphrase of your sign-in')
    expect(await configOf(space)).toMatch(/"?key"?: "?machine/)
  })

  it('given a pipe, asks nobody, and says before the sign-in where it will be kept', async () => {
    await using space = await signedInSpace()
    const { exitCode, stderr } = await signIn('alice', provider, space, { words: [] })
    expect(exitCode).toBe(0)
    expect(stderr).not.toContain('New passphrase')
    const [before = '', after] = stderr.split('┌')
    expect(before).toContain('will be kept in an encrypted file, not in a keychain (there is no session bus')
    expect(after).toContain('is kept in an encrypted file, which a key of this machine opens')
  })
})
