import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { updateConfig } from '../../src/cli/change-config.ts'
import { type Config, readConfig } from '../../src/cli/config-file.ts'
import { configOf, configText } from '../../src/cli/config-text.ts'
import { HoopctlError } from '../../src/errors.ts'
import { readConfigFile } from '../../src/policy/settings-file.ts'
import { fakeContext } from './fake-context.ts'
import { freshHome, type Home } from './hoopctl.ts'

const NOTHING: Config = { policy: null, network: null, tokens: null, signIn: null, workload: null }
const POLICY = {
  url: 'https://p.example/a.jws',
  trust: 'a'.repeat(64),
  region: null,
  role: null,
  endpoint: null,
}

let home: Home
let file: string
beforeEach(async () => {
  home = await freshHome()
  await mkdir(join(home.folder, 'config'), { mode: 0o700 })
  file = join(home.folder, 'config', 'config.yaml')
})
afterEach(() => home[Symbol.asyncDispose]())

const context = () =>
  fakeContext({ env: { HOOPCTL_HOME: home.folder }, workingDirectory: home.folder }).context
const write = (text: string, mode = 0o600) => writeFile(file, text, { mode })

async function failure(): Promise<{ code: string; message: string; hint: string }> {
  const thrown: unknown = await readConfig(context()).catch((error: unknown) => error)
  if (!(thrown instanceof HoopctlError)) throw new Error('nothing was refused')
  const { code, message, hint } = thrown
  return { code, message: message.replace(file, 'config.yaml'), hint }
}

describe('config.yaml', () => {
  it.each(['', '# nothing but a comment\n'])('given %j, says nothing', async (text) => {
    await write(text)
    expect(await readConfig(context())).toEqual(NOTHING)
  })

  it('given none, says nothing', async () => {
    expect(await readConfig(context())).toEqual(NOTHING)
  })

  it('given all that there is, reads it', async () => {
    await write(
      [
        `policy: { url: "https://p.example/a.jws", trust: "${'a'.repeat(64)}", region: eu-central-1 }`,
        'network:',
        '  proxy: http://ann:secret@proxy.example:3128',
        '  noProxy: .example',
        '  caFile: /etc/ca.pem',
        '  systemCas: false',
        'tokens: { store: file, key: { kind: machine } }',
        'signIn: { issuer: "https://login.example", clientId: hoopctl, earlier: [{ issuer: b, clientId: c }] }',
        '',
      ].join('\n'),
    )
    expect(await readConfig(context())).toEqual({
      policy: { ...POLICY, region: 'eu-central-1' },
      network: {
        proxy: 'http://ann:secret@proxy.example:3128',
        noProxy: '.example',
        caFile: '/etc/ca.pem',
        systemCas: false,
      },
      tokens: { store: 'file', key: { kind: 'machine' } },
      signIn: {
        issuer: 'https://login.example',
        clientId: 'hoopctl',
        earlier: [{ issuer: 'b', clientId: 'c' }],
      },
      workload: null,
    })
  })

  it.each([
    { text: 'netwrok: {}', says: 'config.yaml:1:1: unknown key `netwrok`, did you mean `network`?' },
    { text: 'network:\n  proxi: x', says: 'config.yaml:2:3: unknown key `proxi`, did you mean `proxy`?' },
    { text: 'network: http://ann:secret@proxy', says: 'config.yaml:1:10: this must be a mapping' },
    { text: 'network: { proxy: [http://ann:secret@p] }', says: 'config.yaml:1:19: this must be text' },
    { text: 'network: { systemCas: secret }', says: 'config.yaml:1:23: this must be `true` or `false`' },
    { text: 'network: { caFile: secret.pem }', says: 'config.yaml:1:20: this must be an absolute path' },
    { text: 'policy: { url: "https://x/a.jws" }', says: 'config.yaml:1:9: `trust` is missing here' },
    {
      text: 'policy: { url: "https://x/a.jws", trust: secret }',
      says: 'config.yaml:1:42: the digest of a trust document is 64 digits and letters from `a` to `f`',
    },
    {
      text: 'network: { proxy: "http://ann:secret@p }',
      says: 'config.yaml:1:41: this is not valid YAML: a `"` is never closed',
    },
    {
      text: 'network:\n  proxy: secret: secret',
      says: 'config.yaml:2:16: this is not valid YAML: this does not belong to the entry before it (indentation, or a missing quote)',
    },
    { text: 'tokens: secret', says: 'config.yaml:1:9: this must be a mapping' },
    { text: '- secret', says: 'config.yaml:1:1: this must be a mapping' },
    {
      text: 'signIn: { issuer: a, issuer: b, clientId: z }',
      says: 'config.yaml:1:22: the key `issuer` stands here twice',
    },
  ])('given $text, refuses it with its place, exit 3, and never the value', async ({ text, says }) => {
    await write(text)
    const { code, message, hint } = await failure()
    expect({ code, message }).toEqual({ code: 'INPUT_INVALID', message: says })
    expect(hint).not.toContain('secret')
    expect(message).not.toContain('secret')
  })

  it.each([0o640, 0o604, 0o660])('given mode %o, refuses it with the command that mends it', async (mode) => {
    await write('')
    await chmod(file, mode)
    expect(await failure()).toMatchObject({ code: 'FILE_MODE', hint: `run: chmod 600 ${file}` })
  })

  it('given a change, keeps the rest, and makes the directory where there is none', async () => {
    await updateConfig(context(), (config) => ({ ...config, tokens: { store: 'keychain' } }))
    await updateConfig(context(), (config) => ({ ...config, policy: POLICY }))
    expect(await readConfig(context())).toEqual({ ...NOTHING, policy: POLICY, tokens: { store: 'keychain' } })
  })

  it('given a file that cannot be read, changes nothing', async () => {
    await write('netwrok: {}\n')
    await expect(updateConfig(context(), (config) => config)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    expect(await readFile(file, 'utf8')).toBe('netwrok: {}\n')
  })

  it('given twenty changes at once, loses none', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `n${index}`)
    const add = (name: string) =>
      updateConfig(context(), (config) => ({ ...config, tokens: { ...config.tokens, [name]: true } }))
    await Promise.all(names.map(add))
    expect(Object.keys((await readConfig(context())).tokens ?? {}).toSorted()).toEqual(names.toSorted())
  })

  it('given a CA file named from where the person stood, keeps its whole path', async () => {
    const network = { proxy: null, noProxy: null, caFile: 'ca.pem', systemCas: true }
    await updateConfig(context(), (config) => ({ ...config, network }))
    expect((await readConfig(context())).network?.caFile).toBe(join(home.folder, 'ca.pem'))
  })
})

describe('what is written', () => {
  const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  const maybe = fc.option(text)
  const at = { issuer: text, clientId: text }
  const json = fc.oneof(
    fc.boolean(),
    fc.integer({ min: -1000, max: 1000 }),
    text,
    fc.array(text, { maxLength: 3 }),
  )
  const config: fc.Arbitrary<Config> = fc.record({
    policy: fc.option(
      fc.record({
        url: text,
        trust: fc.constant('0'.repeat(64)),
        region: maybe,
        role: maybe,
        endpoint: maybe,
      }),
    ),
    network: fc.option(
      fc.record({
        proxy: maybe,
        noProxy: maybe,
        caFile: fc.option(text.map((name) => `/${name}`)),
        systemCas: fc.boolean(),
      }),
    ),
    tokens: fc.option(
      fc.dictionary(fc.stringMatching(/^(?:on|yes|null|[A-Z]{1,8})$/u), json, { minKeys: 1, maxKeys: 4 }),
    ),
    signIn: fc.option(fc.record({ ...at, earlier: fc.array(fc.record(at), { maxLength: 3 }) })),
    workload: fc.option(fc.record({ issuer: text, clientId: text, keyFile: fc.constant('/key.pem') })),
  })

  it('given any settings, reads as the same', () => {
    fc.assert(
      fc.property(config, (written) => {
        const { settings, problems } = readConfigFile(Buffer.from(configText(written)), 'c.yaml')
        expect(problems).toEqual([])
        expect(settings === null ? null : configOf(settings)).toEqual(written)
      }),
    )
  })
})
