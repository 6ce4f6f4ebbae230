import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { approveScreens } from './approve-screen.ts'
import { inBrowser } from './company.ts'
import { connect } from './connect.ts'
import { asks } from './held-by.ts'
import { fixture, NODE } from './repo.ts'
import { sessionLogs } from './session-logs.ts'
import { appears, identityAt } from './signing-in.ts'
import { newSshKey, signedIn } from './ssh-key.ts'
import { type Workspace, workspace } from './workspace.ts'

const open = approveScreens()
let provider: TestProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(() => provider.close())

function notes(approval: object, policy: object): Promise<Workspace> {
  return workspace({
    rules: [{ name: 'writes', ask: { tool: 'write_note' }, approval: { wait: '5m', ...approval } }],
    servers: (directory) => ({
      notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), directory] } },
    }),
    policy: { ...policy },
  })
}

const wrote = (name: string) => ({ content: [{ type: 'text', text: `wrote ${name}` }] })

describe('a person who answers on the machine that asks', () => {
  it('given an SSH key of theirs, signs by ssh-keygen at the same terminal, which accepts it out of the log', async () => {
    await using key = await newSshKey('open sesame')
    const me = { issuer: 'local', sub: userInfo().username, groups: ['dba'], keys: [key.publicKey] }
    const approval = { proof: 'key', by: { groups: ['dba'] }, notSelf: false }
    await using space = await notes(approval, { people: [me] })
    await using client = await connect('notes', space)
    const { called, id } = await asks(client, 'a.txt', null)
    const screen = open(space, { words: [id] })
    await screen.shows('a.txt')
    await screen.answers('a')
    await screen.shows('this machine has none of the SSH keys')
    await key.putInto(space)
    await screen.answers('a')
    await screen.shows('Enter passphrase')
    expect(screen.screen()).toContain('ssh-keygen signs with `~/.ssh/id_ed25519`')
    screen.types('wrong')
    await screen.shows('not answered: ssh-keygen signed nothing')
    expect(await space.has('a.txt')).toBe(false)
    await screen.answers('a')
    await screen.shows('Enter passphrase', 2)
    screen.types(key.passphrase)
    expect(await screen.ended()).toMatchObject({ exitCode: 0 })
    expect(await called).toEqual(wrote('a.txt'))
    await client.client.close()
    const [log] = await sessionLogs(space)
    const signed = signedIn(log)
    const other = { ...signed, challenge: signed.challenge.replaceAll('a', 'b') }
    expect([await key.accepts(signed), await key.accepts(other)]).toEqual([true, false])
    expect(await space.hoopctl('sessions', 'verify', log?.path ?? '')).toMatchObject({ exitCode: 0 })
  })

  it('given a sign-in anew, has the browser of this machine opened; a no there leaves the call waiting', async () => {
    await using space = await notes({ proof: 'oidc' }, { identity: identityAt(provider) })
    const bin = join(space.root, 'bin')
    const [opener, opened] = [join(bin, 'xdg-open'), join(space.root, 'opened')]
    await mkdir(bin)
    await writeFile(
      opener,
      `#!/bin/sh\necho "$1" > ${opened}.new; mv ${opened}.new ${opened}$(ls ${space.root} | grep -c opened)\n`,
    )
    await chmod(opener, 0o755)
    expect(
      await inBrowser('alice', provider, space, ['login', '--browser', '--store', 'file']),
    ).toMatchObject({ exitCode: 0 })
    await using client = await connect('notes', space)
    const { called, id } = await asks(client, 'b.txt', null)
    const screen = open(space, { words: [id], env: { DISPLAY: ':0', PATH: `${bin}:${space.env['PATH']}` } })
    await screen.shows('b.txt')
    for (const [turn, answer] of (['no', 'yes'] as const).entries()) {
      await screen.answers('a')
      const address = `${opened}${turn + 1}`
      await appears(address)
      await provider.answerBrowser((await readFile(address, 'utf8')).trim(), 'alice', answer)
      if (answer === 'yes') break
      await screen.shows('not answered: ')
      expect(await space.has('b.txt')).toBe(false)
    }
    const { exitCode, printed } = await screen.ended()
    expect([exitCode, printed]).toEqual([0, expect.stringContaining('Your browser was asked to open')])
    expect(await called).toEqual(wrote('b.txt'))
    await client.client.close()
    const [log] = await sessionLogs(space)
    const verified = await space.hoopctl('sessions', 'verify', log?.path ?? '')
    expect(verified).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`${id}: confirmed by ${provider.issuer}`),
    })
  })
})
