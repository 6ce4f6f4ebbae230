import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type GrantHolder, grantHolder, GRANTS } from '../grant-holder.ts'

const ISSUER = 'https://login.acme.example'
const POLICY = GRANTS.replace(
  '\nservers:',
  `\nidentity: { issuer: "${ISSUER}", clientId: hoopctl }\nservers:`,
)

let holder: GrantHolder
beforeEach(async () => {
  holder = await grantHolder(POLICY)
})
afterEach(() => holder[Symbol.asyncDispose]())

const live = () => holder.shared(({ activations }) => activations.live({}, holder.clock))

describe('logout', () => {
  it.each([{ words: ['logout'] }, { words: ['logout', '--all'] }])(
    'given activations of several issuers, also of none, `$words` ends them all and tells the shims',
    async ({ words }) => {
      await holder.activate('orders-write')
      await holder.activate('orders-read', { issuer: ISSUER, sub: 'alice' })
      await holder.activate('orders-list', { issuer: 'https://other.example', sub: 'ben' })
      expect(await holder.hoopctl(words)).toEqual({
        exitCode: 0,
        stdout: 'Nobody was signed in. Ended 3 grants.\n',
        stderr: '',
      })
      expect(await live()).toEqual([])
      const told = await holder.shared(({ events }) => events.since(0))
      const revoked = told.flatMap(({ kind, fields }) => (kind === 'revoke' ? [fields['grant']] : []))
      expect(new Set(revoked)).toEqual(new Set(['orders-list', 'orders-read', 'orders-write']))
    },
  )

  it('leaves nothing of who asked, why, and how they proved it', async () => {
    const proof = {
      kind: 'oidc',
      idToken: `eyJ.${'the-token'.repeat(900)}.sig`,
      request: 'what was asked for',
    } as const
    const who = { issuer: ISSUER, sub: 'alice-at-acme', reason: 'INC-2211: the runbook', proof }
    await holder.activate('orders-read', who)
    await holder.activate('orders-write', who)
    await holder.hoopctl(['logout'])
    const state = join(holder.home, 'state')
    const files = readdirSync(state).filter((name) => name.startsWith('state.db'))
    const kept = files.map((name) => readFileSync(join(state, name), 'latin1'))
    expect(kept.join().length).toBeGreaterThan(4096)
    for (const word of ['the-token', 'what was asked', 'alice-at-acme', 'the runbook'])
      expect(kept.filter((text) => text.includes(word))).toEqual([])
  })

  it('given a keychain that is away, says so, and has ended the grants all the same', async () => {
    await holder.activate('orders-write', { issuer: ISSUER, sub: 'alice' })
    const signIn = `signIn: { issuer: "${ISSUER}", clientId: hoopctl, earlier: [] }`
    const config = `tokens: { store: keychain, bus: "unix:path=/nowhere/bus" }\n${signIn}\n`
    writeFileSync(join(holder.home, 'config', 'config.yaml'), config, { mode: 0o600 })
    const { exitCode, stderr } = await holder.hoopctl(['logout'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 8, stderr: expect.stringContaining('keychain') })
    expect(await live()).toEqual([])
  })
})
