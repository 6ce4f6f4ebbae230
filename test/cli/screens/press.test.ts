import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Examined, examine, type Own } from '../../../src/cli/approvals/examine.ts'
import type { Key } from '../../../src/cli/screens/keys.ts'
import { press } from '../../../src/cli/screens/press.ts'
import {
  callInFocus,
  type Effect,
  firstState,
  onScreen,
  type ScreenState,
} from '../../../src/cli/screens/state.ts'
import { takeNews } from '../../../src/cli/screens/take-news.ts'
import { askedEntry, NOW, policyOf, type Said } from '../approvals/an-asked-question.ts'

const PAGE = { lastScroll: 10, lines: 5, readable: true }
const CALMLY_MS = 1000

let own: Own
beforeAll(async () => {
  own = { kind: 'policy', policy: await policyOf(), me: null, browser: true }
})

const call = (said: Said = {}): Examined => examine(askedEntry(said), own, NOW)
const ended = () => null

function showing(...calls: readonly Examined[]): ScreenState {
  return drawn(takeNews(firstState(null), { calls, remembered: [], ended }).state, 0)
}

/** What the loop does after each event. */
function drawn(state: ScreenState, atMs: number): ScreenState {
  return onScreen(state, state, atMs)
}

function key(text: string, alone = true): Key {
  const names: Readonly<Record<string, Key['name']>> = {
    Return: 'return',
    Escape: 'escape',
    Backspace: 'backspace',
    Interrupt: 'interrupt',
    Down: 'down',
  }
  const name = names[text]
  return name === undefined ? { name: 'character', text, alone } : { name, text: '', alone }
}

const letters = (text: string) => Array.from(text)

function pressed(state: ScreenState, keys: readonly (string | Key)[], atMs = CALMLY_MS) {
  let now = state
  const effects: Effect[] = []
  for (const one of keys) {
    const next = press(now, typeof one === 'string' ? key(one) : one, atMs, PAGE)
    now = drawn(next.state, atMs)
    if (next.effect !== null) effects.push(next.effect)
  }
  return { state: now, effects }
}

describe('approving', () => {
  it('given `a`, approves the call in focus, once', () => {
    const examined = call()
    const { effects } = pressed(showing(examined), ['a'])
    expect(effects).toEqual([{ kind: 'approve', examined, remember: false, edit: null }])
  })

  it('given `r` where the policy lets it, remembers; where it does not, says so', () => {
    const [may, mayNot] = [call(), call({ tool: 'pay', args: '{"id":9007199254740993}' })]
    expect(pressed(showing(may), ['r']).effects).toMatchObject([{ kind: 'approve', remember: true }])
    const { effects, state } = pressed(showing(mayNot), ['r'])
    expect([effects, state.notice?.text]).toEqual([
      [],
      'no answer to it can be remembered: that needs a held call, and a policy that says so',
    ])
  })

  it.each([
    ['Return', ['Return', 'Return', 'Return']],
    ['Control-C', ['Interrupt']],
    ['what was pasted', [key('a', false), key('r', false)]],
    ['another key', ['A', 'y', ' ']],
    ['`a` over the help', ['?', 'a']],
    ['`a` over what is remembered', ['m', 'a']],
  ])('given %s, approves nothing', (_given, keys) => {
    const { effects } = pressed(showing(call()), keys)
    expect(effects.filter(({ kind }) => kind === 'approve')).toEqual([])
  })

  it('given Control-C while a word is typed, quits', () => {
    const typing = showing(call({ tool: 'drop_table', args: '{}' }))
    expect(pressed(typing, ['a', ...letters('drop_table'), 'Interrupt']).effects).toEqual([
      { kind: 'quit', why: 'interrupt' },
    ])
  })

  it('given keys in the first 300 ms of a call, answers nothing; given one after that, does', () => {
    const state = showing(call())
    expect(pressed(state, ['a', 'r', 'd', 'e', 'Return'], 299).effects).toEqual([])
    expect(pressed(state, ['a'], 300).effects).toHaveLength(1)
  })

  it('given a step to another call, its 300 ms begin with the step', () => {
    const second = call({ id: 'A-00000002' })
    const stepped = pressed(showing(call(), second), ['Down'], 5000).state
    expect(pressed(stepped, ['a'], 5299).effects).toEqual([])
    expect(pressed(stepped, ['a'], 5300).effects).toMatchObject([{ kind: 'approve', examined: second }])
  })

  it('given a call that cannot be approved, says why and lets it be denied', () => {
    const { effects, state } = pressed(showing(call({ tool: 'remove_all', args: '{}' })), ['a'])
    expect([effects, state.notice?.text]).toEqual([
      [],
      'it cannot be approved: your policy denies it by `rules[4]`: one denies',
    ])
    expect(pressed(state, ['d', 'Return']).effects).toMatchObject([{ kind: 'deny', message: null }])
  })
})

it('[ATK-HASTE] given a terminal too small to show the call, takes no yes; a no and quitting it does', () => {
  const small = { ...PAGE, readable: false }
  const of = (text: string) => press(showing(call()), key(text), 10_000, small)
  const notices = ['a', 'r'].map((text) => of(text).state.notice?.text)
  const words = 'the terminal is too small to show this call: make it at least 40 by 12'
  expect(notices).toEqual([words, words])
  expect([of('a').effect, of('d').state.typing?.kind, of('q').effect?.kind]).toEqual([null, 'deny', 'quit'])
})

describe('typing a word', () => {
  const typed = () => showing(call({ tool: 'drop_table', args: '{}' }))

  it('given the word and Return, approves; given `a` alone, does not yet', () => {
    expect(pressed(typed(), ['a']).effects).toEqual([])
    expect(pressed(typed(), ['a', ...letters('drop_table'), 'Return']).effects).toMatchObject([
      { kind: 'approve' },
    ])
  })

  it.each([
    ['another word', ['a', ...letters('drop_tables'), 'Return']],
    ['nothing', ['a', 'Return']],
    ['the word without Return', ['a', ...letters('drop_table')]],
    ['the word, then Escape and Return', ['a', ...letters('drop_table'), 'Escape', 'Return']],
    ['the word pasted', ['a', ...letters('drop_table').map((each) => key(each, false)), 'Return']],
    [
      'the word with a Return that was pasted',
      ['a', ...letters('drop_table'), { ...key('Return'), alone: false }],
    ],
  ])('given %s, approves nothing', (_given, keys) => {
    expect(pressed(typed(), keys).effects).toEqual([])
  })
})

describe('denying', () => {
  it('given `d`, a message and Return, denies with it; Backspace and a paste work there', () => {
    const { effects } = pressed(showing(call()), [
      'd',
      ...letters('nox'),
      'Backspace',
      key(' not', false),
      'Return',
    ])
    expect(effects).toMatchObject([{ kind: 'deny', message: 'no not' }])
  })

  it('given Escape, denies nothing', () => {
    expect(pressed(showing(call()), ['d', 'n', 'Escape', 'Return']).effects).toEqual([])
  })
})

describe('editing', () => {
  it('given `e` while it is held, edits; while it is queued, says why not', () => {
    expect(pressed(showing(call()), ['e']).effects).toMatchObject([{ kind: 'edit' }])
    expect(pressed(showing(call({ state: 'queued' })), ['e']).effects).toEqual([])
  })
})

describe('an edit', () => {
  const editing = () => {
    const examined = call()
    const edit = {
      examined: call({ args: '{"path":"/srv/other"}' }),
      args: '{"path":"/srv/other"}',
      diff: [],
    }
    const state = { ...showing(examined), view: 'edit', edit } as const
    return { examined, edit, state: drawn(state, 0) }
  }

  it('given `a`, approves the edit; given Escape first, the call as it was asked', () => {
    const { examined, edit, state } = editing()
    expect(pressed(state, ['a']).effects).toEqual([{ kind: 'approve', examined, remember: false, edit }])
    const back = pressed(state, ['Escape']).state
    expect(back).toMatchObject({ view: 'call', edit: null })
    expect(pressed(back, ['a'], 2 * CALMLY_MS).effects).toMatchObject([{ kind: 'approve', edit: null }])
  })

  it.each([
    ['the help and Escape', ['?', 'Escape']],
    ['the help and `?`', ['?', '?']],
    ['the help and `v`', ['?', 'v', 'Escape']],
    ['what is remembered and Escape', ['m', 'Escape']],
    ['what is remembered and `m`', ['m', 'm']],
    ['what is remembered and `v`', ['m', 'v', 'm']],
  ])('given %s, shows the edit again, and `a` approves it', (_given, keys) => {
    const { edit, state } = editing()
    const back = pressed(state, keys).state
    expect(back).toMatchObject({ view: 'edit', edit })
    expect(pressed(back, ['a'], 2 * CALMLY_MS).effects).toMatchObject([{ kind: 'approve', edit }])
  })

  it('given a view of the call as it was asked, approves no edit', () => {
    const { state } = editing()
    const seen = drawn({ ...state, view: 'call' }, 0)
    expect(pressed(seen, ['a']).effects).toMatchObject([{ kind: 'approve', edit: null }])
  })
})

describe('news', () => {
  it('given a call that comes, leaves the focus where it is', () => {
    const first = call()
    const state = showing(first)
    const calls = [call({ id: 'A-00000000' }), first]
    const next = takeNews(state, { calls, remembered: [], ended }).state
    expect([callInFocus(next), next.seen]).toEqual([first, state.seen])
  })

  it('given that the call in focus is over, says by whom, drops what was typed, and goes on after 300 ms', () => {
    const [first, second] = [call(), call({ id: 'A-00000002' })]
    const typing = pressed(showing(first, second), ['d', 'n']).state
    const over = () => ({ how: 'denied', by: 'ann', at: NOW }) as const
    const next = takeNews(typing, { calls: [second], remembered: [], ended: over }).state
    expect(next).toMatchObject({
      selected: second.entry.question.challenge,
      typing: null,
      notice: { tone: 'warn', text: 'A-7K2P9QXM was denied by ann at 09:14:07Z' },
    })
    expect(pressed(drawn(next, 2000), ['a'], 2299).effects).toEqual([])
  })

  it('given another question under the same id, beside the first or before it, leaves the focus where it is', () => {
    const first = call()
    const state = showing(first)
    const calls = [call({ args: '{"path":"/etc/passwd"}' }), first]
    const next = takeNews(state, { calls, remembered: [], ended }).state
    expect(callInFocus(next)).toBe(first)
    expect(pressed(next, ['a']).effects).toMatchObject([{ examined: first }])
  })

  it('given that the call in focus is over, goes on to one that was there before, not to one that comes', () => {
    const [first, second] = [call(), call({ id: 'A-00000002' })]
    const calls = [call({ id: 'A-00000003' }), second]
    const next = takeNews(showing(first, second), { calls, remembered: [], ended }).state
    expect(callInFocus(next)).toBe(second)
  })

  it('given another question under the same id in place of the first, says so, and its 300 ms begin anew', () => {
    const state = showing(call())
    const other = call({ args: '{"path":"/etc/passwd"}' })
    const next = takeNews(state, { calls: [other], remembered: [], ended }).state
    expect(next.notice?.text).toBe('A-7K2P9QXM does not wait any more')
    expect(pressed(drawn(next, 9000), ['a'], 9100).effects).toEqual([])
  })

  it('given that nothing waits, as before, leaves the screen as it is', () => {
    const help = pressed(showing(), ['?', 'Down']).state
    expect(takeNews(help, { calls: [], remembered: [], ended }).state).toEqual(help)
  })

  it('given a run for one call that is over, ends', () => {
    const only = takeNews(firstState(call().entry.question), { calls: [call()], remembered: [], ended }).state
    const { effect } = takeNews(only, { calls: [], remembered: [], ended })
    expect(effect).toEqual({ kind: 'over', approval: 'A-7K2P9QXM' })
  })
})

it('[ATK-HASTE] given any keys, approves only by `a` or `r` that came alone, calmly, for the call in focus', () => {
  const names = [
    'a',
    'r',
    'd',
    'e',
    'j',
    'k',
    'q',
    'v',
    'm',
    'x',
    '?',
    'Return',
    'Escape',
    'Backspace',
    'Down',
  ]
  const anyKey = fc.record({ text: fc.constantFrom(...names), alone: fc.boolean(), waitMs: fc.nat(600) })
  fc.assert(
    fc.property(fc.array(anyKey, { maxLength: 30 }), (keys) => {
      let state = showing(call(), call({ id: 'A-00000002', tool: 'remove_all' }), call({ id: 'A-00000003' }))
      let now = 0
      for (const { text, alone, waitMs } of keys) {
        now += waitMs
        const before = state
        const next = press(state, { ...key(text), alone }, now, PAGE)
        state = drawn(next.state, now)
        if (next.effect?.kind !== 'approve') continue
        expect(['a', 'r']).toContain(text)
        expect(alone).toBe(true)
        expect(now - (before.seen?.sinceMs ?? now)).toBeGreaterThanOrEqual(300)
        expect(next.effect.examined.entry.question.challenge).toBe(before.selected)
        expect(next.effect.examined.offer.kind).toBe('approve')
      }
    }),
  )
})
