import { describe, expect, it } from 'vitest'
import { approve } from '../../../src/cli/approvals/approve.ts'
import { fakeContext } from '../fake-context.ts'
import { askedEntry, policyOf, type Said } from './an-asked-question.ts'
import { type Lying, withScreen } from './approve-at-tmux.ts'

const open = withScreen()
const ID = 'A-7K2P9QXM'

const entry = async (said: Said = {}) => askedEntry(said, await policyOf())

describe('approve without a terminal', () => {
  it.each([
    [undefined, ''],
    [ID, ` ${ID}`],
    ['$(id)', " '$(id)'"],
  ])('given %s, refuses, opens nothing, and says what to type elsewhere', async (id, typed) => {
    const refused = approve(id, () => Promise.reject(new Error('opened')), fakeContext().context)
    const hint = `run it in a terminal of its own, without a pipe: hoopctl approve${typed}`
    await expect(refused).rejects.toMatchObject({ code: 'NO_TERMINAL', hint })
  })
})

describe('approve ID', () => {
  it.each(['a', 'd'])('given the key `%s`, answers, ends with 0 and says so', async (key) => {
    const at = await open({ entries: [await entry()] }, { id: 'a-7k2p9qxm' })
    await at.shows('held, 42s left')
    await at.settled()
    await at.press(key)
    if (key === 'd') {
      await at.shows('Deny. A message')
      await at.press('Enter')
    }
    const word = key === 'a' ? 'Approved' : 'Denied'
    expect(await at.ended()).toEqual({ exitCode: 0, printed: `${word} ${ID}: write_file` })
    expect(at.answers()).toHaveLength(1)
  })

  const altered = async () => {
    const one = await entry()
    return {
      ...one,
      question: { ...one.question, params: '{"name":"write_file","arguments":{"path":"/etc"}}' },
    }
  }
  const ended = (how: string, by: string | null) => ({ [ID]: { how, by, at: '2026-11-21T09:10:00Z' } })

  it.each<[string, () => Promise<Lying>, string, number, string]>([
    [
      'an id that nobody knows',
      async () => ({ entries: [await entry()] }),
      'A-7K2P9QXN',
      2,
      'hoopctl: no call with the id `A-7K2P9QXN` waits, did you mean `A-7K2P9QXM`?',
    ],
    ['what is no id', async () => ({}), 'nonsense', 2, 'hoopctl: no call with the id `nonsense` waits'],
    [
      'one that was used',
      async () => ({ ended: ended('used', 'ann') }),
      ID,
      6,
      `hoopctl: ${ID} was approved and has been used by ann at 09:10:00Z`,
    ],
    [
      'one that ran out',
      async () => ({ ended: ended('expired', null) }),
      ID,
      6,
      `hoopctl: ${ID} ran out at 09:10:00Z`,
    ],
    [
      'one that was withdrawn',
      async () => ({ ended: ended('withdrawn', null) }),
      ID,
      6,
      `hoopctl: ${ID} was withdrawn at 09:10:00Z`,
    ],
    [
      'one that was withdrawn for a reason',
      async () => ({
        ended: { [ID]: { how: 'withdrawn', by: null, why: 'nobody answered within 5 s', at: null } },
      }),
      ID,
      6,
      `hoopctl: ${ID} ended: nobody answered within 5 s`,
    ],
    [
      'one that was altered',
      async () => ({ entries: [await altered()] }),
      ID,
      7,
      `hoopctl: ${ID} cannot be approved: the call that arrived is not the call that was asked about`,
    ],
    [
      'one that two calls come under',
      async () => ({ entries: [await entry(), await entry({ args: '{}', device: 'new' })] }),
      ID,
      7,
      `hoopctl: ${ID} cannot be approved: two calls come under this id: somebody writes the store who should not`,
    ],
  ])('given %s, ends with its code and says so', async (_given, lying, id, exitCode, said) => {
    const at = await open(await lying(), { id, columns: 200 })
    const found = await at.ended()
    expect([found.exitCode, found.printed.split('\n')[0]]).toEqual([exitCode, said])
  })

  it('given an id that is not known here, says where a call waits; given a near miss or none, does not', async () => {
    const hintFor = async (id: string, lying: Lying = {}) => {
      const at = await open(lying, { id, columns: 200 })
      return (await at.ended()).printed.split('\n')[1]
    }
    const plain = '  hint: see what waits: hoopctl approve'
    const where =
      '. A call waits for the user and the HOOPCTL_HOME that its `hoopctl wrap` runs under, or in the team’s store of the policy'
    expect(await hintFor(ID)).toBe(plain + where)
    expect(await hintFor('A-7K2P9QXN', { entries: [await entry()] })).toBe(plain)
    expect(await hintFor('nonsense')).toBe(plain)
  })

  it('given that somebody else was first, ends with 6 and says who', async () => {
    const entries = [await entry()]
    const at = await open({ entries }, { id: ID, columns: 120 })
    await at.shows('held, 42s left')
    at.put({ entries: [], ended: ended('denied', 'ann') })
    const { exitCode, printed } = await at.ended()
    expect([exitCode, printed.split('\n')[0]]).toEqual([6, `hoopctl: ${ID} was denied by ann at 09:10:00Z`])
  })

  it('given `q`, answers nothing and ends with 2; given Control-C, with 130', async () => {
    for (const [key, code] of [
      ['q', 2],
      ['C-c', 130],
    ] as const) {
      const at = await open({ entries: [await entry()] }, { id: ID })
      await at.shows('held, 42s left')
      await at.press(key)
      expect((await at.ended()).exitCode).toBe(code)
      expect(at.answers()).toEqual([])
    }
  })
})

describe('the screen', () => {
  it('given two calls under one id, shows both and takes a no only; once one is denied, takes a yes to the other', async () => {
    const [own, other] = [await entry(), await entry({ tool: 'drop_table', args: '{}', device: 'new' })]
    const at = await open({ entries: [own] }, { columns: 120 })
    await at.shows(`> ${ID}`)
    at.put({ entries: [other, own] })
    await at.shows('two calls come under this id')
    expect(at.screen()).toMatch(/ {2}A-7K2P9QXM .*drop_table[^]*> A-7K2P9QXM .*write_file/u)
    await at.settled()
    await at.press('a')
    await at.shows('it cannot be approved: two calls come under this id')
    await at.press('k')
    await at.shows('0 arguments, 2 bytes')
    await at.settled()
    await at.press('a')
    await at.shows('it cannot be approved: two calls come under this id')
    await at.press('d')
    await at.shows('Deny. A message')
    await at.press('Enter')
    await at.shows('Denied')
    await at.shows('a approve once')
    await at.settled()
    await at.press('a')
    await at.shows('Approved A-7K2P9QXM: write_file')
    expect(at.answers()).toMatchObject([{ kind: 'deny' }, { kind: 'approve' }])
  })

  it('given Return, several characters at once, a paste and Control-C, approves nothing; given `a`, does', async () => {
    const at = await open({ entries: [await entry()] })
    await at.shows('> A-7K2P9QXM')
    await at.settled()
    await at.press('Enter')
    await at.paste('aa', false)
    await at.shows('what was pasted is not taken for keys')
    await at.paste('a')
    expect(at.answers()).toEqual([])
    await at.press('C-c')
    expect((await at.ended()).exitCode).toBe(130)
    expect(at.answers()).toEqual([])
    const again = await open({ entries: [await entry()] })
    await again.shows('> A-7K2P9QXM')
    await again.settled()
    await again.press('a')
    await again.shows('Approved A-7K2P9QXM: write_file')
    expect(again.answers()).toMatchObject([{ kind: 'approve' }])
  })

  it('given a word to type, approves once it was typed and Return pressed', async () => {
    const at = await open({ entries: [await entry({ tool: 'drop_table', args: '{"table":"orders"}' })] })
    await at.shows('> A-7K2P9QXM')
    await at.settled()
    await at.press('a')
    await at.shows('To approve, type drop_table and Return')
    await at.paste('drop_table')
    await at.shows('the word is typed, not pasted')
    await at.type('drop_table')
    await at.press('Enter')
    await at.shows('Approved A-7K2P9QXM: drop_table')
  })

  it('given a new call, rings and counts it in the title; at the end the terminal is as it was', async () => {
    const first = await entry()
    const at = await open({ entries: [first] })
    await at.shows('> A-7K2P9QXM')
    const title = '\u001b]0;hoopctl: 2 waiting\u0007'
    at.put({ entries: [first, await entry({ id: 'A-0000000A' })] })
    await at.shows('2 calls wait')
    expect(at.title()).toBe('hoopctl: 2 waiting')
    expect(at.written()).toContain(`${title}\u0007`)
    expect(at.written()).not.toContain('1 waiting\u0007\u0007')
    await at.press('q')
    expect(await at.ended()).toEqual({ exitCode: 0, printed: '' })
    expect(at.title()).not.toContain('hoopctl')
    expect(at.written()).toMatch(/\u001b\[\?2004l\u001b\[\?7h[^]*$/u)
  })

  it('given an editor, shows what it changed and approves that', async () => {
    const editor = `sed -i s/hello/bye/`
    const at = await open({ entries: [await entry()] }, { env: { VISUAL: editor } })
    await at.shows('> A-7K2P9QXM')
    await at.settled()
    await at.press('e')
    await at.shows('+ │   "content": "bye"')
    expect(at.screen()).toContain('- │   "content": "hello"')
    await at.settled()
    await at.press('a')
    await at.shows('Approved A-7K2P9QXM')
    expect(at.answers()).toMatchObject([
      { receipt: { edited: { arguments: '{"path": "/srv/note.txt","content": "bye"}' } } },
    ])
  })

  it('given an edit that the schema refuses, says so and approves nothing', async () => {
    const at = await open({ entries: [await entry()] }, { env: { VISUAL: 'sed -i s/.hello./7/' } })
    await at.shows('> A-7K2P9QXM')
    await at.settled()
    await at.press('e')
    await at.shows('not taken: its tool does not take them')
    expect(at.answers()).toEqual([])
  })

  it('given an edit whose call is not held any more, says so, and no key sends it', async () => {
    const at = await open({ entries: [await entry()] }, { env: { VISUAL: 'sed -i s/hello/bye/' } })
    await at.shows('> A-7K2P9QXM')
    await at.settled()
    await at.press('e')
    await at.shows('edited (held, 42s left)')
    at.put({ entries: [await entry({ state: 'queued' })] })
    await at.shows('the hold is over, so no edit can be sent: Esc shows the call as it came')
    expect(at.screen()).not.toContain('a approve')
    await at.settled()
    await at.press('a')
    await at.shows('the hold is over, so no edit can be sent')
    expect(at.answers()).toEqual([])
  })

  it('given an edit that is refused, has it in the editor again, so that nobody writes it twice', async () => {
    const editor = String.raw`sed -i -e s/7/\"bye\"/ -e s/\"hello\"/7/` // 7 is refused; the second time, it is mended
    const at = await open({ entries: [await entry()] }, { env: { VISUAL: editor } })
    await at.shows('> A-7K2P9QXM')
    await at.settled()
    await at.press('e')
    await at.shows('`e` opens what you wrote')
    await at.settled()
    await at.press('e')
    await at.shows('+ │   "content": "bye"')
  })

  it('given a proof that needs the terminal, steps back for it and comes again', async () => {
    const identity =
      'identity:\n  issuer: https://id.acme.example\n  clientId: c\n  approvals: { clientId: a }\n'
    const policy = `apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: p }\n${identity}rules:\n  - ask: { tool: write_file }\n    approval: { proof: oidc }\n`
    const at = await open({ entries: [await entry()] }, { policy })
    await at.shows('> A-7K2P9QXM')
    await at.press('Space')
    await at.shows('no browser on this machine')
    await at.settled()
    await at.press('a')
    await at.shows('Approved A-7K2P9QXM')
    await at.press('q')
    expect((await at.ended()).printed).toBe('You approve A-7K2P9QXM: write_file on files.\nproving with oidc')
  })

  it('given what is remembered, lists it and ends one with `x`', async () => {
    const one = {
      approval: 'A-0000000R',
      label: 'files',
      what: 'write_file',
      left: 2,
      until: '2026-11-21T09:20:00Z',
    }
    const at = await open({ remembered: [one] })
    await at.shows('1 remembered (m)')
    await at.press('m')
    await at.shows('> A-0000000R 2x, 5m 53s │ write_file on files')
    await at.press('x')
    await at.shows('is not remembered any more')
    expect(at.answers()).toEqual([{ forget: 'A-0000000R' }])
  })
})
