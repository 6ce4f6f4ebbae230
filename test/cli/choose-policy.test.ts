import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { POLICY } from './a-policy.ts'
import { freshHome, type Home } from './hoopctl.ts'

let home: Home
beforeEach(async () => {
  home = await freshHome()
})
afterEach(() => home[Symbol.asyncDispose]())

describe('which policy', () => {
  const call = ['policy', 'explain', '--call', '{"name":"read_file"}']

  it('given none, exits with 3 and both commands that help; one in the working directory does not count', async () => {
    await home.write('policy.yaml', POLICY)
    const path = join(home.folder, 'home', 'config', 'policy.yaml')
    expect(await home.hoopctl(call)).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: [
        `hoopctl: there is no policy: \`${path}\` does not exist\n`,
        '  hint: run: hoopctl policy init -- COMMAND, or: hoopctl policy add URL --trust DIGEST; ',
        'or name a file with --policy FILE\n',
      ].join(''),
    })
  })

  it('given one in the configuration directory, uses it; --policy goes before', async () => {
    const config = join(home.folder, 'home', 'config')
    await mkdir(config, { recursive: true, mode: 0o700 })
    await writeFile(join(config, 'policy.yaml'), POLICY)
    await home.write(
      'none.yaml',
      'apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: none }\nrules: []\n',
    )
    const configured = await home.hoopctl(call)
    const stdout = `allow: all allow\n  rules   rules[0] (${join(config, 'policy.yaml')}:20)\n`
    expect(configured).toEqual({ exitCode: 0, stdout, stderr: '' })
    expect(await home.hoopctl([...call, '--policy', 'none.yaml'])).toEqual({
      exitCode: 0,
      stdout: 'deny: no rule in force covers the tool `read_file`\n',
      stderr: '',
    })
  })

  it('given a configuration directory that others may enter, refuses it', async () => {
    const config = join(home.folder, 'home', 'config')
    await mkdir(config, { recursive: true })
    await chmod(config, 0o755)
    await writeFile(join(config, 'policy.yaml'), POLICY)
    const { exitCode, stderr } = await home.hoopctl(call)
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: `hoopctl: \`${config}\` has mode 0755: other users may touch it\n  hint: run: chmod 700 ${config}\n`,
    })
  })
})
