import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { proofChecker } from '../../../src/cli/proof-checker.ts'
import { loadPolicy } from '../../../src/policy/load.ts'
import { fakeContext } from '../fake-context.ts'
import { type GrantHolder, grantHolder, OS_USER } from '../grant-holder.ts'

/** A person whose `.ssh` has these keys, under a policy that knows the first as theirs and the second as bob's. */
async function holderOf(
  ...names: readonly string[]
): Promise<{ holder: GrantHolder; env: Readonly<Record<string, string>> }> {
  const holder = await grantHolder('', { going: true })
  onTestFinished(() => holder[Symbol.asyncDispose]())
  const folder = join(holder.home, '.ssh')
  mkdirSync(folder)
  for (const name of ['id_mine', 'id_bob'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)])
  const keys = ['id_mine', 'id_bob'].map((name) => readFileSync(join(folder, `${name}.pub`), 'utf8').trim())
  for (const name of ['id_mine', 'id_bob'])
    if (!names.includes(name)) execFileSync('rm', [join(folder, name), join(folder, `${name}.pub`)])
  execFileSync('tee', [join(holder.home, 'config', 'policy.yaml')], { input: policy(keys) })
  return { holder, env: { HOME: holder.home, PATH: process.env['PATH'] ?? '' } }
}

function policy([mine = '', bobs = '']: readonly string[]): string {
  return `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: try }
servers: { orders: {} }
people:
  - { issuer: local, sub: "${OS_USER}", keys: ["${mine}"] }
  - { issuer: local, sub: bob, keys: ["${bobs}"] }
grants:
  - { name: write, server: orders, who: everyone, activate: { proof: key }, rules: [{ allow: { tool: write } }] }
  - { name: list, server: orders, who: everyone, rules: [{ allow: { tool: list } }] }
`
}

const live = (holder: GrantHolder) => holder.shared(({ activations }) => activations.live({}, new Date()))

async function proven(holder: GrantHolder) {
  const check = proofChecker(fakeContext({ now: () => new Date() }).context)
  const inForce = { policy: await loadPolicy(join(holder.home, 'config', 'policy.yaml'), new Date()) }
  return Promise.all((await live(holder)).map((one) => check(one, inForce)))
}

it('given the person’s own key, signs what is asked for, for all grants at once, with a proof that a shim takes', async () => {
  const { holder, env } = await holderOf('id_mine')
  const { exitCode, stdout, stderr } = await holder.hoopctl(['request', 'write', 'list'], { env })
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  expect(stdout).toMatch(/^write is active for 30m, .*\nlist is active for 30m, /)
  expect(stderr).toContain('You ask for:\n  write on orders, for 30m\n')
  expect((await live(holder)).map(({ grant, proof }) => `${grant} ${proof.kind}`).toSorted()).toEqual([
    'list key',
    'write key',
  ])
  expect(await proven(holder)).toEqual([null, null])
})

it('[ATK-FORGED-REQUEST] given only another person’s key on this machine, activates nothing, and says what helps', async () => {
  const { holder, env } = await holderOf('id_bob')
  const { exitCode, stderr } = await holder.hoopctl(['request', 'write'], { env })
  expect(exitCode).toBe(8)
  expect(stderr).toContain('this machine has none of the SSH keys that the policy knows you by')
  expect(await live(holder)).toEqual([])
})

it('given an activation that was proven at a terminal, a shim does not count it', async () => {
  const { holder } = await holderOf('id_mine')
  await holder.activate('write')
  expect(await proven(holder)).toEqual(['the policy now requires the proof `key`'])
})
