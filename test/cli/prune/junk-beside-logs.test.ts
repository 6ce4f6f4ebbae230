import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fileNameOf } from '../../../src/audit/session-number.ts'
import { policyTo, sendingHome } from '../sending-home.ts'

it.each([3, 9])(
  '[ATK-UNHELD-PRUNE] given a file with the number %i that says nothing, keeps the newest that does, and then what it stands behind',
  async (number) => {
    await using home = await sendingHome()
    await home.write('policy.yaml', policyTo(home.to).replace('audit: {', 'audit: { retain: 1h,'))
    const log = (of: number) => join(home.stateDirectory, 'sessions', fileNameOf(of))
    const kept = async () => {
      const { stdout } = await home.hoopctl(['sessions', 'prune', '--policy', 'policy.yaml', '--json'])
      const said: { kept: { number: number; why: string }[] } = JSON.parse(stdout)
      return said.kept.map((each) => [each.number, each.why])
    }
    home.record()
    home.record()
    await home.upload()
    writeFileSync(log(number), 'no log\n')
    expect(await kept()).toEqual([[2, 'it is the newest session, from which numbering goes on']])
    home.record()
    await home.upload()
    const why = 'session 3 does not follow on it: it was altered or replaced'
    expect((await kept())[0]).toEqual(number === 3 ? [2, why] : [10, expect.stringContaining('newest')])
    expect(existsSync(log(1))).toBe(false)
  },
)
