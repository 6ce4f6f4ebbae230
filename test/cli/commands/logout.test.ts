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
})
