import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GRANTS, type GrantHolder, grantHolder, OS_USER } from '../grant-holder.ts'

const QUESTION = 'Is this what you want? [y/N]'
const ASK = ['request', 'orders-write', '--reason', 'INC-2211']

let holder: GrantHolder
beforeEach(async () => {
  holder = await grantHolder(GRANTS)
})
afterEach(() => holder[Symbol.asyncDispose]())

/** What is active, and what happened, as other processes see it. */
function seen() {
  return holder.shared(({ activations, events }) => ({
    active: activations.live({}, new Date()),
    events: events.since(0).map(({ kind, fields }) => ({ kind, fields })),
  }))
}

describe('a person at a terminal', () => {
  it('given a y after the question, activates the grant, for its default time', async () => {
    const terminal = holder.atTerminal(ASK)
    await terminal.shows(QUESTION)
    terminal.type('y\r')
    const { exitCode, shown } = await terminal.ended
    expect(exitCode).toBe(0)
    for (const line of [
      'orders-write on orders, for 10m',
      'may call the tools `insert`, `update`',
      'may, once a person agrees, call the tool `drop`',
      'reason: INC-2211',
      'orders-write is active for 10m, until ',
      'hoopctl revoke orders-write',
    ]) {
      expect(shown).toContain(line)
    }
    const { active, events } = await seen()
    const [one] = active
    expect(active).toMatchObject([
      { grant: 'orders-write', issuer: 'local', sub: OS_USER, reason: 'INC-2211', uses: 20 },
    ])
    expect(one?.policy).toBe(`file:${holder.home}/config/policy.yaml`)
    expect(Number(one?.expires) - Number(one?.started)).toBe(600_000)
    const fields = {
      grant: 'orders-write',
      by: OS_USER,
      reason: 'INC-2211',
      expires: one?.expires.toISOString(),
    }
    expect(events).toEqual([{ kind: 'request', fields }])
  })

  it('given --for and --json, activates it for so long, and prints the grant', async () => {
    const terminal = holder.atTerminal([...ASK, '--for', '1h', '--json'])
    await terminal.shows(QUESTION)
    terminal.type('y\r')
    const { exitCode, shown } = await terminal.ended
    const [one] = (await seen()).active
    expect(exitCode).toBe(0)
    expect(JSON.parse(shown.trim().split('\n').at(-1) ?? '')).toEqual({
      name: 'orders-write',
      server: 'orders',
      mode: 'request',
      state: 'active',
      expires: one?.expires.toISOString(),
      allows: [
        'may call the tools `insert`, `update`',
        'may, once a person agrees, call the tool `drop`',
        'for 20 calls at most, in all sessions together',
      ],
    })
    expect(Number(one?.expires) - Number(one?.started)).toBe(3600_000)
  })

  it('given a grant that is active, starts it anew; given two at once, asks once', async () => {
    const before = await holder.activate('orders-write', {
      started: new Date(),
      expires: new Date(Date.now() + 9e6),
    })
    const terminal = holder.atTerminal([...ASK, 'orders-list'])
    await terminal.shows(QUESTION)
    terminal.type('yes\r')
    expect((await terminal.ended).exitCode).toBe(0)
    const { active } = await seen()
    expect(active.map(({ grant }) => grant).sort()).toEqual(['orders-list', 'orders-write'])
    expect(active.map(({ id }) => id)).not.toContain(before.id)
  })

  it.each([
    ['n', 'n\r'],
    ['Return alone', '\r'],
    ['Control-C', '\u0003'],
    ['the end of input', '\u0004'],
  ])('given %s, activates nothing', async (_title, typed) => {
    const terminal = holder.atTerminal(ASK)
    await terminal.shows(QUESTION)
    terminal.type(typed)
    const { exitCode, shown } = await terminal.ended
    expect({ exitCode, ...(await seen()) }).toEqual({ exitCode: 2, active: [], events: [] })
    expect(shown).toContain('hint: to ask again: hoopctl request orders-write --reason INC-2211')
  })

  it('[ATK-TYPED-AHEAD] given a y that was typed before the question, does not take it', async () => {
    const terminal = holder.atTerminal(ASK)
    terminal.type('y\ry')
    await terminal.shows(QUESTION)
    terminal.type('\r')
    expect((await terminal.ended).exitCode).toBe(2)
    expect((await seen()).active).toEqual([])
  })

  it('[ATK-TYPED-AHEAD] given input without end, asks nobody', async () => {
    const terminal = holder.atTerminal(ASK)
    const typing = setInterval(() => terminal.type('y\r'), 50)
    const { exitCode, shown } = await terminal.ended
    clearInterval(typing)
    expect(exitCode).toBe(5)
    expect(shown).toContain('input came without end')
    expect((await seen()).active).toEqual([])
  })

  it('given no reason where one is required, asks for it', async () => {
    const terminal = holder.atTerminal(['request', 'orders-write'])
    await terminal.shows('Why do you need orders-write?')
    terminal.type('the ticket\r')
    await terminal.shows(QUESTION)
    terminal.type('y\r')
    expect((await terminal.ended).exitCode).toBe(0)
    expect((await seen()).active).toMatchObject([{ reason: 'the ticket' }])
  })
})

describe('what is refused', () => {
  it.each([
    {
      args: ASK,
      exitCode: 5,
      code: 'GRANT_DENIED',
      message: '`orders-write` is given to a person at a terminal, and nobody is at one here',
      hint: 'a person types it in a terminal: hoopctl request orders-write --reason INC-2211',
    },
    {
      args: ['request', 'orders-wirte'],
      exitCode: 2,
      code: 'UNKNOWN_GRANT',
      message: 'the policy try has no grant `orders-wirte`, did you mean `orders-write`?',
      hint: 'yours are: orders-write, orders-read, orders-list, orders-four-eyes, orders-touch, orders-never',
    },
    {
      // As near as can be to a name that is not for this person.
      args: ['request', 'orders-admim'],
      exitCode: 2,
      code: 'UNKNOWN_GRANT',
      message: 'the policy try has no grant `orders-admim`',
      hint: 'yours are: orders-write, orders-read, orders-list, orders-four-eyes, orders-touch, orders-never',
    },
    {
      args: ['request', 'orders-admin'],
      exitCode: 5,
      code: 'GRANT_DENIED',
      message: '`orders-admin` is not given to you now: it is for the group `dba`',
      hint: 'see what you may have: hoopctl grants',
    },
    {
      args: ['request', 'orders-never'],
      exitCode: 5,
      code: 'GRANT_DENIED',
      message:
        '`orders-never` is not given to you now: its condition does not hold now: now < timestamp("2020-01-01T00:00:00Z")',
      hint: 'see what you may have: hoopctl grants',
    },
    {
      args: ['request', 'orders-read'],
      exitCode: 5,
      code: 'GRANT_DENIED',
      message: '`orders-read` is not asked for: it starts by itself with `hoopctl wrap orders`',
      hint: 'start it, or restart the client that does: hoopctl wrap orders',
    },
    {
      args: [...ASK, '--for', '61m'],
      exitCode: 5,
      code: 'GRANT_DENIED',
      message: '`orders-write` lasts at most 1h, and 1h 1m was asked for',
      hint: 'ask for less: --for 1h; it can be requested again',
    },
    {
      args: ['request', 'orders-write', '--reason', '  '],
      exitCode: 2,
      code: 'USAGE',
      message: '`orders-write` is given for a reason only',
      hint: 'run: hoopctl request orders-write --reason "…"',
    },
    {
      args: [...ASK, 'orders-admin'],
      exitCode: 5,
      code: 'GRANT_DENIED',
      message: '`orders-admin` is not given to you now: it is for the group `dba`',
      hint: 'see what you may have: hoopctl grants',
    },
  ])('given $args, says $message', async ({ args, exitCode, ...error }) => {
    const outcome = await holder.hoopctl([...args, '--json'])
    expect({ exitCode: outcome.exitCode, told: JSON.parse(outcome.stdout) }).toEqual({
      exitCode,
      told: { error },
    })
    expect(outcome.stderr).toBe('')
    expect(await seen()).toEqual({ active: [], events: [] })
  })

  it.each(['0m', '10', 'ten minutes', '1h30m', '-5m', '1.5h', '9999999999s'])(
    'given --for %s, wants a time',
    async (time) => {
      const { exitCode, stderr } = await holder.hoopctl([...ASK, `--for=${time}`])
      expect({ exitCode, stderr }).toEqual({
        exitCode: 2,
        stderr: `hoopctl: \`--for\` wants a time, and \`${time}\` is none\n  hint: write it like 45s, 30m, 4h or 1d\n`,
      })
    },
  )

  it('given a policy that asks for a sign-in, and none, says what to type', async () => {
    const identity = 'identity: { issuer: "https://id.example", clientId: hoopctl }\n'
    await using other = await grantHolder(`${GRANTS}${identity}`)
    for (const command of [ASK, ['grants']]) {
      expect(await other.hoopctl(command)).toEqual({
        exitCode: 4,
        stdout: '',
        stderr: 'hoopctl: nobody is signed in\n  hint: run: hoopctl login\n',
      })
    }
  })
})
