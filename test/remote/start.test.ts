import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { answerWith, type HttpsServer, startHttpsServer } from './https-server.ts'

// What a process of its own shows: its environment counts as a whole, and it ends when nothing is left to do.
const SCRIPT = `
  import { createRequire } from 'node:module'
  const { cache } = createRequire(import.meta.url)
  const loaded = () => Object.keys(cache).some((path) => path.includes('/undici/') || path.includes('/@aws-sdk/'))
  const { createHttpClient } = await import(process.env.SRC + '/http-client.ts')
  const { openSource } = await import(process.env.SRC + '/open-source.ts')
  const settings = { proxy: null, noProxy: null, caFile: null, systemCas: process.env.SYSTEM_CAS === 'yes' }
  const http = createHttpClient(settings)
  openSource(new URL('s3://bucket/'), { http, aws: { endpoint: null, region: null, credentials: null } })
  const before = loaded()
  const request = { method: 'GET', headers: {}, body: null, timeoutMs: 60000, maxBytes: 1024, retries: 1 }
  const outcome = await http(new URL(process.env.URL_TO_ASK), request).then(({ status }) => status, ({ code }) => code)
  console.log(JSON.stringify({ before, outcome, after: loaded() }))
`

async function askAlone(server: HttpsServer, env: Readonly<Record<string, string>>): Promise<unknown> {
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    cwd: import.meta.dirname,
    extendEnv: false,
    env: {
      SRC: new URL('../../src/remote', import.meta.url).href,
      URL_TO_ASK: server.url.href,
      NODE_NO_WARNINGS: '1',
      ...env,
    },
  })
  return JSON.parse(stdout)
}

describe('a process that asks once', () => {
  it('given the company CA among those of the system, trusts it; loads undici only then; ends by itself', async () => {
    await using server = await startHttpsServer(answerWith(204))
    const env = { SSL_CERT_FILE: server.caFile, SYSTEM_CAS: 'yes' }
    expect(await askAlone(server, env)).toEqual({ before: false, outcome: 204, after: true })
  })

  it('given the same and no wish for the CAs of the system, refuses', async () => {
    await using server = await startHttpsServer(answerWith(204))
    expect(await askAlone(server, { SSL_CERT_FILE: server.caFile })).toMatchObject({ outcome: 'UNREACHABLE' })
  })

  it('[ATK-IMPOSTOR-HOST] given NODE_TLS_REJECT_UNAUTHORIZED=0, checks certificates all the same', async () => {
    await using server = await startHttpsServer(answerWith(204))
    expect(await askAlone(server, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toMatchObject({
      outcome: 'UNREACHABLE',
    })
    expect(server.seen).toEqual([])
  })
})
