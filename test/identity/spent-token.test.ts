import { describe, expect, it } from 'vitest'
import { HoopctlError } from '../../src/errors.ts'
import type { HttpClient } from '../../src/http.ts'
import { SignIns } from '../../src/identity/sign-ins.ts'
import { accountOf, openTokens, sealTokens } from '../../src/identity/tokens.ts'
import { EVIDENCE } from './provider.ts'
import { type Bench, bench } from './sign-ins-bench.ts'
import { signedIn } from './signed-in.ts'

const [AUDIENCE = ''] = EVIDENCE

/** Somebody whose sign-in is due, and asked for a service. */
async function due(): Promise<Bench> {
  const at = await bench()
  await at.signIns.keep(await signedIn(at.server, 'alice', EVIDENCE))
  at.pass(16 * 60_000)
  return at
}

async function kept(at: Bench) {
  const entry = await at.entry()
  const opened = entry === null ? null : openTokens(entry, at.settings)
  if (opened?.kind !== 'tokens') throw new Error('nothing is kept')
  return opened
}

/** Writes what a process leaves that is killed between its request and the new token. */
async function leaveMark(at: Bench): Promise<void> {
  const { tokens } = await kept(at)
  await at.parts.store.set(accountOf(tokens), sealTokens(tokens, { spending: true }))
}

/** Does something before a request for tokens goes on its way. */
function beforeTokens(at: Bench, work: () => Promise<void>): SignIns {
  const http: HttpClient = async (url, request) => {
    if (url.pathname === '/token') await work()
    return at.parts.http(url, request)
  }
  return new SignIns({ ...at.parts, http })
}

const away = new HoopctlError('UNREACHABLE', 'it is away', { hint: 'try again' })

const renew = async (signIns: SignIns, at: Bench) => (await signIns.renewWhenDue(at.settings)).fault
const access = (signIns: SignIns, at: Bench) =>
  signIns.accessToken(at.settings, { audience: AUDIENCE, scope: null }).then(
    () => null,
    (fault: unknown) => fault,
  )

describe.each([
  ['a renewal', renew],
  ['an access token for another service', access],
])('[ATK-REFRESH-REUSE] %s', (_name, refresh) => {
  it('says in the entry that its token is being spent before it sends it, and takes that back once it is answered', async () => {
    await using at = await due()
    const seen: boolean[] = []
    const signIns = beforeTokens(at, async () => void seen.push((await kept(at)).spending))
    expect(await refresh(signIns, at)).toBeNull()
    expect([seen, (await kept(at)).spending]).toEqual([[true], false])
  })

  it('that failed while its process lived takes it back too, and is made a minute later', async () => {
    await using at = await due()
    const signIns = beforeTokens(at, () => Promise.reject(away))
    expect(await refresh(signIns, at)).toMatchObject({ code: 'UNREACHABLE' })
    expect((await kept(at)).spending).toBe(false)
    expect(await refresh(at.signIns, at)).toBeNull()
  })

  it('whose answer was lost leaves the mark, and the old one is not sent again', async () => {
    await using at = await due()
    const http: HttpClient = async (url, request) => {
      const answer = await at.parts.http(url, request)
      if (url.pathname === '/token') throw away
      return answer
    }
    expect(await refresh(new SignIns({ ...at.parts, http }), at)).toMatchObject({ code: 'UNREACHABLE' })
    expect((await kept(at)).spending).toBe(true)
    at.pass(61_000)
    expect(await refresh(at.signIns, at)).toMatchObject({ code: 'NOT_SIGNED_IN' })
    expect([at.refreshes(), at.server.grants.has('failed:refresh_token')]).toEqual([1, false])
  })

  it('that no provider is there for takes it back, and is made a minute later', async () => {
    await using at = await due()
    const nobody = new URL('http://127.0.0.1:1/token')
    const http: HttpClient = (url, request) =>
      at.parts.http(url.pathname === '/token' ? nobody : url, request)
    expect(await refresh(new SignIns({ ...at.parts, http }), at)).toMatchObject({ code: 'UNREACHABLE' })
    expect((await kept(at)).spending).toBe(false)
    expect(await refresh(at.signIns, at)).toBeNull()
  })

  it('whose new token could not be kept leaves the mark, and the old one is not sent again', async () => {
    await using at = await due()
    let writes = 0
    const locked = new HoopctlError('KEYCHAIN', 'the keychain is locked', { hint: 'unlock it' })
    const set: Bench['parts']['store']['set'] = async (account, entry) => {
      if (++writes > 1) throw locked
      await at.parts.store.set(account, entry)
    }
    const signIns = new SignIns({ ...at.parts, store: { ...at.parts.store, set } })
    expect(await refresh(signIns, at)).toMatchObject({ code: 'KEYCHAIN' })
    expect(await refresh(at.signIns, at)).toMatchObject({ code: 'NOT_SIGNED_IN' })
    expect([at.refreshes(), at.server.grants.has('failed:refresh_token')]).toEqual([1, false])
  })

  it('given the mark of a process that died, sends nothing, says why, and leaves what is kept as it is', async () => {
    await using at = await due()
    await leaveMark(at)
    const before = await at.entry()
    const fault = await refresh(at.signIns, at)
    expect(fault).toMatchObject({
      code: 'NOT_SIGNED_IN',
      message: expect.stringContaining('a renewal of the sign-in was broken off') as string,
      hint: 'go on until the sign-in no longer counts, or run: hoopctl login',
    })
    expect((await at.entry())?.reveal()).toBe(before?.reveal())
    expect(await at.signIns.current(at.settings)).toMatchObject({ claims: { sub: 'alice' } })
    expect(at.refreshes()).toBe(0)
  })
})

it('[ATK-REFRESH-REUSE] given the mark, a last attempt that is not answered leaves it; once it is answered, all goes on', async () => {
  await using at = await due()
  await leaveMark(at)
  at.pass(12 * 3600_000) // the claims have ended
  expect(await access(at.signIns, at)).toMatchObject({ code: 'NOT_SIGNED_IN' })
  expect(
    await renew(
      beforeTokens(at, () => Promise.reject(away)),
      at,
    ),
  ).toMatchObject({ code: 'UNREACHABLE' })
  expect((await kept(at)).spending).toBe(true)
  expect(await renew(at.signIns, at)).toBeNull()
  expect(await access(at.signIns, at)).toBeNull()
})

it('[ATK-REFRESH-REUSE] given the mark, and a role that wants the ID token, is tried again once there is nothing to lose', async () => {
  await using at = await due()
  await leaveMark(at)
  expect(await at.signIns.idToken(at.settings)).toHaveProperty('reveal') // as long as it counts for itself
  expect(at.refreshes()).toBe(0)
  at.pass(13 * 3600_000)
  expect(await at.signIns.idToken(at.settings)).toHaveProperty('reveal')
  expect(at.refreshes()).toBe(1)
})
