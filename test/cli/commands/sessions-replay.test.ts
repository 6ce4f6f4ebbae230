import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { replay } from '../../../src/cli/replay/replay.ts'
import { fakeContext } from '../fake-context.ts'
import { freshHome, type Home } from '../hoopctl.ts'

let home: Home
beforeEach(async () => {
  home = await freshHome()
})
afterEach(() => home[Symbol.asyncDispose]())

describe('sessions replay', () => {
  it('given no terminal, exits with 2 and names what prints a session', async () => {
    expect(await home.hoopctl(['sessions', 'replay', '17'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'hoopctl: a replay is a screen, and there is no terminal here\n  hint: without one, this prints the session: hoopctl sessions show 17\n',
    })
  })

  it('given a session that there is not, throws UNKNOWN_SESSION before anything is drawn', async () => {
    const { context, stdout } = fakeContext({ terminal: true, env: { HOOPCTL_HOME: home.folder } })
    await expect(replay('17', context)).rejects.toMatchObject({ code: 'UNKNOWN_SESSION' })
    expect(stdout()).toBe('')
  })
})
