import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import type { HttpClient } from '../../src/http.ts'
import type { AccessToken } from '../../src/identity/access-token.ts'
import { SignIns } from '../../src/identity/sign-ins.ts'
import { Secret } from '../../src/secret.ts'
import type { NoSignIn } from '../../src/sign-in.ts'
import { aHome, partsIn } from './a-token-store.ts'
import { type HostileProvider, startHostileProvider } from './hostile-provider.ts'
import { loopbackHttp } from './http.ts'
import { EVIDENCE } from './provider.ts'
import { type Bench, bench } from './sign-ins-bench.ts'
import { runDeviceFlow, SETTINGS, signedIn } from './signed-in.ts'

const [AUDIENCE = '', OTHER = ''] = EVIDENCE
const WANTED = { audience: AUDIENCE, scope: null }

/** Somebody whose sign-in asked for two services. */
async function asked(): Promise<Bench> {
  const at = await bench()
  await at.signIns.keep(await signedIn(at.server, 'alice', EVIDENCE))
  return at
}

async function claimsOf(given: AccessToken | NoSignIn, { issuer }: Bench['server']) {
  if (!('token' in given)) throw new Error(given.why)
  const keys = (await (await fetch(`${issuer}/jwks`)).json()) as JSONWebKeySet
  const { payload, protectedHeader } = await jwtVerify(given.token.reveal(), createLocalJWKSet(keys))
  return { aud: payload.aud, sub: payload.sub, typ: protectedHeader.typ }
}

describe('an access token out of a sign-in', () => {
  it('given a sign-in that asked for two services, is for one of them, as an access token, and ends when the provider says', async () => {
    await using at = await asked()
    for (const audience of EVIDENCE) {
      const given = await at.signIns.accessToken(at.settings, { audience, scope: null })
      expect(await claimsOf(given, at.server)).toEqual({ aud: audience, sub: 'alice', typ: 'at+jwt' })
      const ends = 'expires' in given ? given.expires.getTime() - Date.now() : 0
      expect(ends).toBeGreaterThan(590_000)
      expect(ends).toBeLessThanOrEqual(600_000)
    }
  })

  it('[ATK-REFRESH-REUSE] given many at once, beside a renewal, each new refresh token is kept: all are given, none is used twice', async () => {
    await using at = await asked()
    at.pass(16 * 60_000)
    const many = Array.from({ length: 8 }, () => new SignIns(at.parts).accessToken(at.settings, WANTED))
    const [renewed, ...given] = await Promise.all([at.signIns.renewWhenDue(at.settings), ...many])
    expect(given.every((each) => 'token' in each)).toBe(true)
    expect(renewed).toMatchObject({ fault: null, signIn: { claims: { sub: 'alice' } } })
    expect(at.refreshes()).toBe(9)
    expect(at.server.grants.has('failed:refresh_token')).toBe(false)
    at.pass(16 * 60_000)
    expect(await at.signIns.renewWhenDue(at.settings)).toMatchObject({ fault: null })
  })

  it('[ATK-REFRESH-REUSE] given a sign-in from before the service was named, says so and asks nobody: it would void the sign-in', async () => {
    await using at = await bench()
    await expect(at.signIns.accessToken(at.settings, WANTED)).rejects.toMatchObject({
      code: 'NOT_SIGNED_IN',
      message: `no access token for \`${AUDIENCE}\`: the sign-in is from before the policy named it`,
      hint: 'run: hoopctl login',
    })
    at.pass(16 * 60_000)
    expect(await at.signIns.renewWhenDue(at.settings)).toMatchObject({ fault: null })
  })

  it('given a service that the provider does not know, nobody signs in for it, and it says which', async () => {
    await using at = await bench()
    const flow = await runDeviceFlow(at.server, async () => undefined, {
      resources: ['https://unknown.example'],
    })
    await expect(flow.tokens).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED',
      message: expect.stringContaining(
        'does not know the service that a token is to be for (`resource`)',
      ) as string,
      hint: 'compare `audience` in `audit.upload.to` with what the provider calls it',
    })
  })

  it('given a sign-in that the provider has ended, says what to type; the entry is left to the next renewal', async () => {
    await using at = await asked()
    const before = await at.parts.store.get(`${at.server.issuer} hoopctl`)
    await at.signIns.end(at.settings)
    if (before !== null) await at.parts.store.set(`${at.server.issuer} hoopctl`, before)
    await expect(at.signIns.accessToken(at.settings, WANTED)).rejects.toMatchObject({
      code: 'NOT_SIGNED_IN',
      message: expect.stringMatching(
        /^no access token for `.*`: `.*`: what was asked for is no longer valid/u,
      ) as string,
      hint: expect.stringContaining('run: hoopctl login') as string,
    })
    expect(await at.signIns.current(at.settings)).toMatchObject({ claims: { sub: 'alice' } })
  })

  it('given nobody, says so; given a provider that is away, that it is away, and the token is made later', async () => {
    await using at = await asked()
    expect(await at.signIns.accessToken({ ...at.settings, clientId: 'x' }, WANTED)).toMatchObject({
      kind: 'none',
    })
    at.server.fail(503)
    await expect(at.signIns.accessToken(at.settings, WANTED)).rejects.toMatchObject({ code: 'UNREACHABLE' })
    at.server.fail(null)
    expect(await at.signIns.accessToken(at.settings, WANTED)).toHaveProperty('token')
  })

  it('given a sign-in that is too old to count, is made all the same: the provider says whether it holds', async () => {
    await using at = await asked()
    at.pass(13 * 3600_000)
    expect(await at.signIns.current(at.settings)).toMatchObject({ kind: 'expired' })
    expect(await at.signIns.accessToken(at.settings, WANTED)).toHaveProperty('token')
  })
})

interface Lying extends AsyncDisposable {
  readonly server: HostileProvider
  readonly signIns: SignIns
  /** What the token endpoint was asked for. */
  readonly bodies: readonly string[]
  readonly settings: { readonly issuer: string; readonly clientId: string }
  readonly refreshToken: () => Promise<string | undefined>
}

/** Somebody who signed in at a provider that can lie. */
async function lying(scopes: readonly string[] = []): Promise<Lying> {
  const server = await startHostileProvider()
  const home = aHome()
  const bodies: string[] = []
  const http: HttpClient = (url, request) => {
    if (url.pathname === '/token') bodies.push(Buffer.from(request.body ?? []).toString())
    return loopbackHttp(url, request)
  }
  const parts = { ...partsIn(home.directory, () => new Date()), http }
  const signIns = new SignIns(parts)
  const settings = { ...SETTINGS, scopes, issuer: server.issuer }
  const run = await runDeviceFlow(server, async () => undefined, { settings, resources: [AUDIENCE] })
  await signIns.keep(await run.tokens)
  return {
    server,
    signIns,
    bodies,
    settings,
    refreshToken: async () =>
      /"refreshToken":"([^"]*)"/u.exec(
        (await parts.store.get(`${server.issuer} hoopctl`))?.reveal() ?? '',
      )?.[1],
    [Symbol.asyncDispose]: async () => {
      home[Symbol.dispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

type Json = Readonly<Record<string, unknown>>

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (claims: object): string => `${part({ alg: 'ES256' })}.${part(claims)}.c2ln`

describe('what a provider gives as access token', () => {
  it.each([
    ['that is for it', { access_token: jwt({ aud: AUDIENCE }) }],
    ['that is for it and another', { access_token: jwt({ aud: [OTHER, AUDIENCE] }) }],
    ['that only the provider can read', { access_token: 'mF_9.B5f-4.1JqM~/+==' }],
    ['of the type in other letters', { access_token: 'opaque', token_type: 'bearer' }],
  ])('given one %s, takes it', async (_given, change) => {
    await using at = await lying()
    at.server.lie = { answer: (honest) => ({ ...honest, ...change }) }
    const given = await at.signIns.accessToken(at.settings, WANTED)
    expect('token' in given && given.token.reveal()).toBe(change.access_token)
  })

  it.each([
    [
      'the ID token',
      (honest: Json) => ({ access_token: honest['id_token'] }),
      'gave a token that it gave for something else',
    ],
    ['the refresh token', () => ({ access_token: 'next' }), 'gave a token that it gave for something else'],
    [
      'a token for another service',
      () => ({ access_token: jwt({ aud: OTHER }) }),
      `is not for it: its \`aud\` is \`${OTHER}\``,
    ],
    ['a token for nobody', () => ({ access_token: jwt({}) }), 'is not for it: it names no `aud`'],
    [
      'a token of another type',
      () => ({ token_type: 'DPoP' }),
      'gave a token of `DPoP`, and only `Bearer` can be sent',
    ],
    ['a token of no type', () => ({ token_type: undefined }), 'gave a token of no type'],
    ['none', () => ({ access_token: undefined }), 'gave no access token that can be sent'],
    [
      'one that would add a header',
      () => ({ access_token: 'a\r\nx: y' }),
      'gave no access token that can be sent',
    ],
  ])(
    '[ATK-FORGED-TOKEN] given %s, refuses it, and keeps the new refresh token',
    async (_given, change, says) => {
      await using at = await lying()
      at.server.lie = { answer: (honest) => ({ ...honest, ...change(honest), refresh_token: 'next' }) }
      const error: unknown = await at.signIns
        .accessToken(at.settings, WANTED)
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'SIGN_IN_FAILED' })
      expect(String(error)).toContain(`no access token for \`${AUDIENCE}\`: `)
      expect(String(error)).toContain(says)
      expect(await at.refreshToken()).toBe('next')
    },
  )

  it('[ATK-FORGED-TOKEN] given the ID token of the sign-in, kept from before, refuses it', async () => {
    await using at = await lying()
    const kept = await at.signIns.idToken({ ...SETTINGS, ...at.settings })
    if (!(kept instanceof Secret)) throw new Error(kept.why)
    at.server.lie = { answer: (honest) => ({ ...honest, access_token: kept.reveal() }) }
    await expect(at.signIns.accessToken(at.settings, WANTED)).rejects.toThrow('for something else')
  })

  it('given no end, counts for a minute', async () => {
    await using at = await lying()
    const given = await at.signIns.accessToken(at.settings, WANTED)
    expect('expires' in given && given.expires.getTime() - Date.now()).toBeLessThanOrEqual(60_000)
  })
})

describe('what a provider is asked for', () => {
  it('given an audience alone, `resource`; given `scope`, that and no `resource`, as Entra wants it', async () => {
    await using at = await lying(['openid', 'api://evidence/.default'])
    await at.signIns.accessToken(at.settings, WANTED)
    await at.signIns.accessToken(at.settings, { audience: 'e3b0', scope: 'api://evidence/.default' })
    const sent = at.bodies.slice(-2).map((body) => Object.fromEntries(new URLSearchParams(body)))
    const grant = { grant_type: 'refresh_token', refresh_token: 'r', client_id: 'hoopctl' }
    expect(sent).toEqual([
      { ...grant, resource: AUDIENCE },
      { ...grant, scope: 'api://evidence/.default' },
    ])
  })

  it('given a scope that the sign-in did not ask for, asks nobody', async () => {
    await using at = await lying()
    const before = at.bodies.length
    const wanted = { audience: AUDIENCE, scope: 'openid evidence' }
    await expect(at.signIns.accessToken(at.settings, wanted)).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' })
    expect(at.bodies).toHaveLength(before)
  })

  it('given no refresh token, says what the client needs', async () => {
    await using at = await lying()
    at.server.lie = { answer: ({ refresh_token: _none, ...honest }) => honest }
    const run = await runDeviceFlow(at.server, async () => undefined, { resources: [AUDIENCE] })
    await at.signIns.keep(await run.tokens)
    await expect(at.signIns.accessToken(at.settings, WANTED)).rejects.toMatchObject({
      code: 'NOT_SIGNED_IN',
      hint: 'allow `offline_access` to the client, name it in `identity.scopes`, and run: hoopctl login',
    })
  })
})
