import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ShimGrant } from '../../../src/state/shims.ts'
import { GRANTS, type GrantHolder, grantHolder, OS_USER } from '../grant-holder.ts'

let holder: GrantHolder
beforeEach(async () => {
  holder = await grantHolder(GRANTS)
})
afterEach(() => holder[Symbol.asyncDispose]())

const WRITE = [
  'may call the tools `insert`, `update`',
  'may, once a person agrees, call the tool `drop`',
  'for 20 calls at most, in all sessions together',
]

/** What `grants --json` says of each grant. */
async function rows() {
  const { stdout } = await holder.hoopctl(['grants', '--json'])
  return (JSON.parse(stdout) as { grants: { name: string; state: string; expires: string | null }[] }).grants
}

async function standing(name: string) {
  const { state, expires } = (await rows()).find((row) => row.name === name) ?? {}
  return { state, expires }
}

/** A session of `wrap` that runs, with what is active in it. */
function runs(grant: Partial<ShimGrant>, subject = { issuer: 'local', sub: OS_USER }) {
  const policy = `file:${holder.home}/config/policy.yaml`
  const own = {
    name: 'orders-read',
    mode: 'session',
    started: holder.clock,
    expires: null,
    reason: null,
  } as const
  const session = { session: 's1', pid: process.pid, server: 'orders', policy, started: holder.clock }
  return holder.shared(({ shims }) => shims.register({ ...session, subject, grants: [{ ...own, ...grant }] }))
}

describe('grants', () => {
  it('given nothing active, lists what one may have in words, and who else must agree, and not what is others’', async () => {
    expect(await holder.hoopctl(['grants'])).toEqual({
      exitCode: 0,
      stdout: `orders-write on orders: available
  ${WRITE.join('\n  ')}
  up to 1h: hoopctl request orders-write --reason "…"
orders-read on orders: starts by itself with \`hoopctl wrap\`
  may call the tool \`read_*\`
orders-list on orders: available
  may call the tool \`list\`
  up to 30m: hoopctl request orders-list
orders-four-eyes on orders: available
  may call the tool \`purge\`
  needs another person to agree
  up to 30m: hoopctl request orders-four-eyes
orders-touch on orders: available
  may call the tool \`purge\`
  up to 30m: hoopctl request orders-touch
`,
      stderr: '',
    })
  })

  it('given an active one, says how long, and why', async () => {
    await holder.activate('orders-write', { reason: 'INC-2211' })
    holder.clock = new Date('2026-11-21T09:00:30Z')
    const { stdout } = await holder.hoopctl(['grants'])
    expect(stdout).toContain(
      `orders-write on orders: active, 9m 30s left\n  ${WRITE.join('\n  ')}\n  reason: INC-2211\n`,
    )
    expect((await rows())[0]).toEqual({
      name: 'orders-write',
      server: 'orders',
      mode: 'request',
      state: 'active',
      expires: '2026-11-21T09:10:00.000Z',
      allows: WRITE,
    })
  })

  it('[ATK-TERMINAL] given a reason that would move the cursor, shows it as text', async () => {
    await holder.activate('orders-write', { reason: '\u001b[2J\u202e' })
    expect((await holder.hoopctl(['grants'])).stdout).toContain('reason: \\u{1b}[2J\\u{202e}\n')
  })

  it('given one that has expired, or was revoked, says when it ended', async () => {
    await holder.activate('orders-write', { reason: 'INC-1' })
    await holder.activate('orders-list')
    holder.clock = new Date('2026-11-21T09:01:00Z')
    await holder.hoopctl(['revoke', 'orders-list'])
    holder.clock = new Date('2026-11-21T09:10:00Z')
    expect(await standing('orders-write')).toEqual({ state: 'ended', expires: '2026-11-21T09:10:00.000Z' })
    expect(await standing('orders-list')).toEqual({ state: 'ended', expires: '2026-11-21T09:01:00.000Z' })
    expect((await holder.hoopctl(['grants'])).stdout).toContain(
      'orders-list on orders: ended at 2026-11-21 09:01:00Z\n',
    )
  })

  it.each([
    ['another person', { sub: 'somebody-else' }],
    ['another policy', { policy: 'file:/elsewhere.yaml' }],
    ['another device', { device: 'ed25519:B' }],
  ])('given an activation of %s, does not take it for one’s own', async (_title, members) => {
    await holder.activate('orders-list', members)
    expect(await standing('orders-list')).toEqual({ state: 'available', expires: null })
  })

  it('given the policy by another path to the same file, takes it for the same', async () => {
    await holder.activate('orders-list')
    await symlink(join(holder.home, 'config', 'policy.yaml'), join(holder.home, 'link.yaml'))
    const { stdout } = await holder.hoopctl(['grants', '--policy', 'link.yaml'])
    expect(stdout).toContain('orders-list on orders: active, 10m left\n')
  })

  it('given a session that runs, says what is active in it', async () => {
    await runs({})
    expect(await standing('orders-read')).toEqual({ state: 'active', expires: null })
    await runs({ expires: new Date('2026-11-21T09:30:00Z') })
    expect(await standing('orders-read')).toEqual({ state: 'active', expires: '2026-11-21T09:30:00.000Z' })
    await runs({}, { issuer: 'local', sub: 'somebody-else' })
    expect(await standing('orders-read')).toEqual({ state: 'available', expires: null })
  })

  it('given a policy file that is named, the commands to type carry it, as a shell reads it', async () => {
    await symlink(join(holder.home, 'config', 'policy.yaml'), join(holder.home, 'of ann.yaml'))
    const { stdout } = await holder.hoopctl(['grants', '--policy', 'of ann.yaml'])
    expect(stdout.split('\n').filter((line) => line.includes('hoopctl request'))).toEqual([
      `  up to 1h: hoopctl request orders-write --reason "…" --policy 'of ann.yaml'`,
      ...['list', 'four-eyes', 'touch'].map(
        (name) => `  up to 30m: hoopctl request orders-${name} --policy 'of ann.yaml'`,
      ),
    ])
  })

  it('given a policy that has no grant for this person, says so', async () => {
    await using other = await grantHolder('apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: bare }\n')
    expect(await other.hoopctl(['grants'])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'hoopctl: the policy bare has no grant for you\n',
    })
    expect((await other.hoopctl(['grants', '--json'])).stdout).toBe('{"grants":[]}\n')
  })
})
