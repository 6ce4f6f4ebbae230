import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { decide } from '../../src/policy/decide.ts'
import { rulesInForce } from '../../src/policy/rules-in-force.ts'
import { allowedWhen, circumstances, policyOf, problemsOf, tool } from './a-policy.ts'

async function holds(when: string, now: string): Promise<boolean> {
  return (await allowedWhen(when, '{}', { now: new Date(now) })) === 'allow'
}

describe('a time in a condition', () => {
  afterEach(() => void vi.unstubAllEnvs())

  it.each([
    { when: 'now.getHours("Europe/Berlin") == 8', now: '2026-11-21T07:30:00Z' },
    { when: 'now.getHours("Europe/Berlin") == 9', now: '2026-07-21T07:30:00Z' },
    {
      when: 'now.getHours("Asia/Kolkata") == 13 && now.getMinutes("Asia/Kolkata") == 0',
      now: '2026-07-21T07:30:00Z',
    },
    { when: 'now.getDayOfWeek("Asia/Tokyo") == 0', now: '2026-11-21T16:00:00Z' },
    {
      when: 'now.getDate("Asia/Tokyo") == 1 && now.getMonth("Asia/Tokyo") == 0',
      now: '2026-12-31T16:00:00Z',
    },
    { when: 'now.getFullYear("Asia/Tokyo") == 2027', now: '2026-12-31T16:00:00Z' },
    { when: 'now.getDayOfYear("Asia/Tokyo") == 0', now: '2026-12-31T16:00:00Z' },
    { when: 'now.getDayOfYear() == 364', now: '2026-12-31T16:00:00Z' },
    { when: 'now.getDayOfYear("UTC") == 365', now: '2028-12-31T16:00:00Z' },
    { when: 'now.getSeconds("UTC") == 5', now: '2026-11-21T00:00:05Z' },
  ])('given $when at $now, holds', async ({ when, now }) => {
    expect(await holds(when, now)).toBe(true)
    expect(await holds(`!(${when})`, now)).toBe(false)
  })

  // On that night Berlin has no hour between two and three: a clock that goes through it would say three.
  it.each(['UTC', 'Europe/Berlin', 'America/Los_Angeles'])(
    'given a machine in %s, says the same of any moment',
    async (machine) => {
      vi.stubEnv('TZ', machine)
      expect(await holds('now.getHours("UTC") == 2', '2026-03-29T02:30:00Z')).toBe(true)
      expect(await holds('now.getHours("America/New_York") == 22', '2026-03-29T02:30:00Z')).toBe(true)
      expect(await holds('now.getDayOfYear() == 188', '2026-07-08T00:30:00Z')).toBe(true)
    },
  )

  it('given any moment, agrees in UTC with what needs no zone', async () => {
    vi.stubEnv('TZ', 'Europe/Berlin')
    const methods = [
      'getFullYear',
      'getMonth',
      'getDate',
      'getDayOfMonth',
      'getDayOfWeek',
      'getHours',
      'getMinutes',
    ]
    const when = methods.map((name) => `now.${name}("UTC") == now.${name}()`).join(' && ')
    const rules = rulesInForce(await policyOf(`rules:\n  - allow: { tool: t }\n    when: ${when}\n`), null)
    const anyMoment = fc.date({
      min: new Date(0),
      max: new Date('2100-01-01T00:00:00Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(anyMoment, (now) => decide(tool('t'), rules, circumstances({ now })).effect === 'allow'),
      { numRuns: 500 },
    )
  })

  it('given a zone that is none, says so when it is loaded; one from arguments fails', async () => {
    expect(
      await problemsOf(`rules:\n  - allow: { tool: t }\n    when: now.getHours("Mars") > 1\n`),
    ).toContain('unknown time zone `Mars`')
    expect(await allowedWhen('now.getHours(args.zone) >= 0', '{"zone":"Mars"}')).toBe('deny')
    expect(await allowedWhen('now.getHours(args.zone) >= 0', '{"zone":"UTC"}')).toBe('allow')
  })

  it('given a zone of a wrong type, says so under the name that was written', async () => {
    expect(await problemsOf(`rules:\n  - allow: { tool: t }\n    when: now.getHours(1) > 1\n`)).toContain(
      '`getHours` does not take (int) on Timestamp',
    )
  })
})
