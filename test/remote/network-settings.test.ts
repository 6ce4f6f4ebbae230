import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { networkSettings } from '../../src/remote/network-settings.ts'
import { isExempt } from '../../src/remote/no-proxy.ts'
import { makeAuthority } from './authority.ts'
import { answerWith, startHttpsServer } from './https-server.ts'
import { BARE, get } from './requests.ts'

const SAVED = { proxy: 'http://saved:1', noProxy: 'saved.example', caFile: '/saved.pem', systemCas: false }

describe('networkSettings', () => {
  it('given an empty environment, as MCP clients pass it on, takes what was saved', () => {
    expect(networkSettings({}, SAVED)).toEqual(SAVED)
  })

  it('given an environment, takes it over what was saved', () => {
    const env = { HTTPS_PROXY: 'http://env:2', NO_PROXY: 'env.example', NODE_EXTRA_CA_CERTS: '/env.pem' }
    expect(networkSettings(env, SAVED)).toEqual({
      proxy: 'http://env:2',
      noProxy: 'env.example',
      caFile: '/env.pem',
      systemCas: false,
    })
  })

  it('given names in lower case, takes them too', () => {
    const env = { https_proxy: 'http://env:2', no_proxy: 'env.example' }
    expect(networkSettings(env, null)).toMatchObject({ proxy: 'http://env:2', noProxy: 'env.example' })
  })

  it('given another proxy, forgets the exceptions of the saved one', () => {
    expect(networkSettings({ HTTPS_PROXY: 'http://env:2' }, SAVED)).toMatchObject({ noProxy: null })
  })

  it('given an empty HTTPS_PROXY, uses no proxy', () => {
    expect(networkSettings({ HTTPS_PROXY: '' }, SAVED)).toMatchObject({ proxy: null })
  })

  it('given nothing at all, trusts Node.js and the operating system', () => {
    expect(networkSettings({}, null)).toEqual({ ...BARE, systemCas: true })
  })

  it('given NODE_TLS_REJECT_UNAUTHORIZED=0, refuses; given 1, does not', () => {
    expect(() => networkSettings({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, null)).toThrow(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        message: 'NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody on the network pass for any host',
        hint: 'unset it, and name the CA that is missing: NODE_EXTRA_CA_CERTS=FILE',
      }),
    )
    expect(networkSettings({ NODE_TLS_REJECT_UNAUTHORIZED: '1' }, null)).toEqual({ ...BARE, systemCas: true })
  })
})

describe('NO_PROXY', () => {
  it.each([
    ['*', 'policy.example', 443],
    ['policy.example', 'policy.example', 443],
    ['POLICY.example', 'policy.EXAMPLE', 443],
    ['example', 'policy.example', 443],
    ['.example', 'policy.example', 443],
    ['*.example', 'policy.example', 443],
    ['a.test, policy.example', 'policy.example', 443],
    ['a.test policy.example', 'policy.example', 443],
    ['policy.example:8443', 'policy.example', 8443],
    ['10.1.2.3', '10.1.2.3', 443],
    ['10.0.0.0/8', '10.1.2.3', 443],
    ['fd00::/8', 'fd00::1', 443],
    ['fd00::1', 'fd00::1', 443],
    ['[fd00::1]', 'fd00::1', 443],
    ['[fd00::1]:443', 'fd00::1', 443],
    ['fd00::1', '[fd00::1]', 443],
  ])('given %j, goes straight to %s:%d', (noProxy, host, port) => {
    expect(isExempt(noProxy, host, port)).toBe(true)
  })

  it.each([
    [null, 'policy.example', 443],
    ['', 'policy.example', 443],
    [',, ,', 'policy.example', 443],
    ['.', 'policy.example', 443],
    ['olicy.example', 'policy.example', 443],
    ['policy.example.test', 'policy.example', 443],
    ['policy.example:8443', 'policy.example', 443],
    ['10.0.0.0/8', '11.1.2.3', 443],
    ['10.0.0.0/33', '10.1.2.3', 443],
    ['10.0.0.0/', '10.1.2.3', 443],
    ['0.0.0.0/0', 'policy.example', 443],
    ['2.3', '10.1.2.3', 443],
    ['fd00::/8', '10.1.2.3', 443],
  ])('given %j, asks the proxy for %s:%d', (noProxy, host, port) => {
    expect(isExempt(noProxy, host, port)).toBe(false)
  })
})

describe('the CA file', () => {
  it('given several certificates with words between them, trusts each', async () => {
    await using server = await startHttpsServer(answerWith(204))
    await using other = await makeAuthority()
    await writeFile(other.caFile, await bundle(other.caFile, server.caFile))
    expect((await createHttpClient({ ...BARE, caFile: other.caFile })(server.url, get())).status).toBe(204)
  })

  it.each([
    { given: 'a file that is not there', text: null, message: /cannot be read$/u },
    { given: 'a file without a certificate', text: 'hello', message: /holds no certificate$/u },
    { given: 'an empty file', text: '', message: /holds no certificate$/u },
    {
      given: 'a certificate that is none',
      text: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      message: /cannot be read$/u,
    },
  ])(
    'given $given, refuses to go on without it, and reads it again when it is mended',
    async ({ text, message }) => {
      const directory = await mkdtemp(join(tmpdir(), 'hoopctl-ca-'))
      const caFile = join(directory, 'ca.pem')
      if (text !== null) await writeFile(caFile, text)
      await using server = await startHttpsServer(answerWith(204))
      const send = createHttpClient({ ...BARE, caFile })
      await expect(send(server.url, get())).rejects.toMatchObject({
        code: 'INPUT_INVALID',
        message: expect.stringMatching(message),
        hint: 'set NODE_EXTRA_CA_CERTS to a PEM file with the certificates of your CA',
      })
      await rm(caFile, { force: true })
      await appendFile(caFile, await bundle(server.caFile))
      expect((await send(server.url, get())).status).toBe(204)
      await rm(directory, { recursive: true })
    },
  )
})

async function bundle(...files: readonly string[]): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  return texts.map((text) => `# a CA of ours\n${text}`).join('\n')
}
