import { describe, expect, it } from 'vitest'
import type { Question } from '../../../src/approval.ts'
import { signedText, type SigningDevice } from '../../../src/cli/approvals/signed-text.ts'
import { answersFor, nameAt, questionName } from '../../../src/cli/approvals/team-names.ts'
import { overObject, questionObject } from '../../../src/cli/approvals/team-question.ts'
import { TeamQuestions } from '../../../src/cli/approvals/team-questions.ts'
import { HoopctlError } from '../../../src/errors.ts'
import { DevicePins } from '../../../src/state/device-pins.ts'
import { newPlace, open } from '../../state/a-state.ts'
import { aDevice, aNo, aQuestion, at, aYes } from './a-question.ts'
import { aStore, someTimers, type TestStore } from './a-store.ts'

function aScreen(store: TestStore, { own = aDevice(), seconds = 60, place = newPlace() } = {}) {
  const said: string[] = []
  const timers = someTimers()
  const clock = { seconds }
  const pins = new DevicePins(open(place))
  const now = () => at(clock.seconds)
  const say = (line: string) => void said.push(line)
  const screen = new TeamQuestions({ bucket: store, pins, device: own.id, now, say, timers })
  const seen = async () => {
    await screen.refresh()
    return screen.waiting().map(({ question, device }) => [question.approval, device])
  }
  return { screen, said, timers, clock, seen, place }
}

async function post(store: TestStore, device: SigningDevice, ...questions: Question[]): Promise<void> {
  for (const question of questions) {
    const { name, bytes } = questionObject(question, device)
    await store.put(name, bytes)
  }
}

describe('questions of the team', () => {
  it('given a sound question, shows it whole, and its device as new, then as known', async () => {
    const [store, ana] = [aStore(), aDevice()]
    const question = aQuestion(ana)
    await post(store, ana, question)
    const one = aScreen(store)
    await one.screen.refresh()
    expect(one.screen.waiting()).toEqual([{ question, device: 'new' }])
    expect(await one.seen()).toEqual([[question.approval, 'new']])
    expect(await aScreen(store, { place: one.place }).seen()).toEqual([[question.approval, 'known']])
    expect(one.said).toEqual([])
  })

  it('given a question of this device, says so and pins nothing', async () => {
    const [store, own] = [aStore(), aDevice()]
    const question = aQuestion(own)
    await post(store, own, question)
    const { seen, place } = aScreen(store, { own })
    expect(await seen()).toEqual([[question.approval, 'own']])
    expect(await aScreen(store, { place }).seen()).toEqual([[question.approval, 'new']])
  })

  it('given another device of a subject, says that it changed, until a person accepts it', async () => {
    const [store, ana, other] = [aStore(), aDevice(), aDevice()]
    const [first, second] = [aQuestion(ana, 0), aQuestion(other, 1)]
    await post(store, ana, first)
    const { screen, seen } = aScreen(store)
    await seen()
    await post(store, other, second)
    expect(await seen()).toEqual([
      [second.approval, 'changed'],
      [first.approval, 'new'],
    ])
    screen.accept(second)
    expect(await seen()).toEqual([
      [second.approval, 'known'],
      [first.approval, 'new'],
    ])
  })

  it('given several, shows the newest first; what nobody may answer any more is gone', async () => {
    const [store, ana] = [aStore(), aDevice()]
    const questions = [10, 30, 20].map((seconds) => aQuestion(ana, seconds))
    const [ten, thirty, twenty] = questions.map(({ approval }) => approval)
    await post(store, ana, ...questions)
    const { seen, clock } = aScreen(store)
    expect((await seen()).map(([id]) => id)).toEqual([thirty, twenty, ten])
    clock.seconds = 1820
    expect((await seen()).map(([id]) => id)).toEqual([thirty])
    clock.seconds = 1830
    expect(await seen()).toEqual([])
  })

  it('given that its device says that it is over, drops it, also on a screen that never showed it', async () => {
    const [store, ana] = [aStore(), aDevice()]
    const [over, open] = [aQuestion(ana, 0), aQuestion(ana, 1)]
    await post(store, ana, over, open)
    const { seen } = aScreen(store)
    expect(await seen()).toHaveLength(2)
    const said = overObject(over, 'used', ana)
    await store.put(said.name, said.bytes)
    expect((await seen()).map(([id]) => id)).toEqual([open.approval])
    expect((await aScreen(store).seen()).map(([id]) => id)).toEqual([open.approval])
  })

  it('given an answer, puts it, once, where the device looks', async () => {
    const [store, ana] = [aStore(), aDevice()]
    const question = aQuestion(ana)
    const { screen } = aScreen(store)
    await screen.answer(question, aNo(question))
    await screen.answer(question, aNo(question))
    await screen.answer(question, aYes(question))
    const { entries } = await store.list(answersFor(ana.id))
    expect(entries.map(({ name }) => name.split('/')[2])).toEqual([
      questionName(question),
      questionName(question),
    ])
  })

  it('given nothing new, does not read what it has read; waits a second, and tells of changes only', async () => {
    const [store, ana] = [aStore(), aDevice()]
    await post(store, ana, aQuestion(ana))
    const { screen, timers } = aScreen(store)
    let changes = 0
    screen.onChange(() => (changes += 1))
    await screen.refresh()
    await screen.refresh()
    expect(timers.pauses()).toEqual([1000])
    expect(store.asked.filter((what) => what.startsWith('get'))).toHaveLength(1)
    expect(store.asked.filter((what) => what.startsWith('list'))).toHaveLength(4)
    expect(changes).toBe(1)
  })
})

describe('[ATK-APPROVAL-STORE] what whoever writes the store may try', () => {
  const altered: readonly {
    given: string
    plant: (store: TestStore, ana: SigningDevice) => Promise<void>
  }[] = [
    {
      given: 'an edited question under its own name',
      plant: (store, ana) => {
        const question = aQuestion(ana)
        const { name, bytes } = questionObject(question, ana)
        return store.plant(name, Buffer.from(bytes).toString().replace('orders', 'orderz'))
      },
    },
    {
      given: 'a question under another’s name',
      plant: (store, ana) =>
        store.plant(questionObject(aQuestion(ana, 1), ana).name, questionObject(aQuestion(ana), ana).bytes),
    },
    {
      given: 'a question that somebody else signed for that device',
      plant: (store, ana) => {
        const { name, bytes } = questionObject(aQuestion(ana), { ...aDevice(), id: ana.id })
        return store.plant(name, bytes)
      },
    },
    {
      given: 'a question that names another device than signed it',
      plant: (store, ana) => {
        const { name, bytes } = questionObject(aQuestion(ana), aDevice())
        return store.plant(name, bytes)
      },
    },
    {
      given: 'a question with a member more',
      plant: (store, ana) => {
        const question = aQuestion(ana)
        const text = JSON.stringify({ ...question, trust: true })
        return store.plant(questionObject(question, ana).name, signedText('question', text, ana))
      },
    },
    {
      given: 'what the device signed as something else',
      plant: (store, ana) => {
        const question = aQuestion(ana)
        const over = signedText('over', JSON.stringify(question), ana)
        const renamed = Buffer.from(over).toString().replace('"over"', '"question"')
        return store.plant(questionObject(question, ana).name, renamed)
      },
    },
    {
      given: 'an old question with its old name, which has expired',
      plant: (store, ana) => post(store, ana, aQuestion(ana, -1801)),
    },
    {
      given: 'a question of tomorrow',
      plant: (store, ana) => post(store, ana, aQuestion(ana, 86_400)),
    },
    {
      given: 'what is no JSON',
      plant: (store) => store.plant(`questions/${nameAt(at(0))}-A-00000000.json`, '\u001b[2J{'),
    },
  ]

  it.each(altered)('given $given, shows the others and not this one', async ({ plant }) => {
    const [store, ana] = [aStore(), aDevice()]
    const sound = aQuestion(ana)
    await plant(store, ana)
    await post(store, ana, sound)
    const { seen, said } = aScreen(store)
    expect((await seen()).map(([id]) => id)).toEqual([sound.approval])
    expect(said).toEqual([])
  })

  it('given an expired question of another device, pins nothing for it', async () => {
    const [store, ana, other] = [aStore(), aDevice(), aDevice()]
    await post(store, other, aQuestion(other, -1801))
    const { seen } = aScreen(store)
    expect(await seen()).toEqual([])
    const question = aQuestion(ana)
    await post(store, ana, question)
    expect(await seen()).toEqual([[question.approval, 'new']])
  })

  it.each([
    { given: 'somebody else', forged: (question: Question) => overObject(question, 'denied', aDevice()) },
    {
      given: 'its device about another',
      forged: (question: Question, ana: SigningDevice) => ({
        name: overObject(question, 'used', ana).name,
        bytes: overObject(aQuestion(ana, 5), 'used', ana).bytes,
      }),
    },
  ])('given that $given says that a question is over, goes on showing it', async ({ forged }) => {
    const [store, ana] = [aStore(), aDevice()]
    const question = aQuestion(ana)
    await post(store, ana, question)
    const { name, bytes } = forged(question, ana)
    await store.plant(name, bytes)
    expect((await aScreen(store).seen()).map(([id]) => id)).toEqual([question.approval])
  })

  it('given objects that nobody can read, shows the others, tells it once, and reads them ever more seldom', async () => {
    const [store, ana] = [aStore(), aDevice()]
    const [sound, other] = [aQuestion(ana, 0), aQuestion(ana, 1)]
    await post(store, ana, sound, other)
    const { name } = questionObject(other, ana)
    const refused = new HoopctlError('UNREACHABLE', 'this may not be read', { hint: 'get the right' })
    store.fault = (asked) => (asked === `get ${name}` ? refused : undefined)
    const { seen, said } = aScreen(store)
    for (let i = 0; i < 32; i += 1) expect(await seen()).toHaveLength(1)
    expect(store.asked.filter((asked) => asked === `get ${name}`)).toHaveLength(6) // after 1, 2, 4, 8 and 16 looks more
    expect(said).toEqual(['some questions of the team cannot be read: this may not be read (get the right)'])
    store.fault = null
    for (let i = 0; i < 32; i += 1) await seen()
    expect(await seen()).toHaveLength(2)
  })

  it('given a store that says that what it lists is not there, shows it once it is', async () => {
    const [store, ana] = [aStore(), aDevice()]
    const question = aQuestion(ana)
    await post(store, ana, question)
    let withheld = true
    const withholding = {
      ...store,
      get: async (name: string, most: number) => (withheld ? null : store.get(name, most)),
    }
    const { seen } = aScreen(withholding)
    expect(await seen()).toEqual([])
    withheld = false
    await seen()
    expect(await seen()).toHaveLength(1)
  })

  it('given a flood of junk before and behind it, shows the sound one within some looks, each of them bounded', async () => {
    const [store, ana] = [aStore(), aDevice()]
    const sound = aQuestion(ana, 30)
    const junk = Array.from(
      { length: 3000 },
      (_, i) => `questions/${nameAt(at(i % 60))}-A-${String(i).padStart(8, '0')}.json`,
    )
    for (const name of junk) await store.plant(name, '{}')
    await post(store, ana, sound)
    store.asked.length = 0
    const { seen } = aScreen(store)
    let looks = 0
    let before = 0
    for (;;) {
      looks += 1
      const shown = await seen()
      const asked = store.asked.length - before
      before = store.asked.length
      expect(asked).toBeLessThanOrEqual(252)
      if (shown.length > 0 || looks === 100) break
    }
    expect(looks).toBeLessThan(30)
  })

  it('given objects longer than any of ours, does not read them', async () => {
    const store = aStore()
    const name = `questions/${nameAt(at(0))}-A-00000000.json`
    await store.plant(name, 'x'.repeat(16 * 1024 ** 2 + 1))
    expect(await aScreen(store).seen()).toEqual([])
    expect(store.asked.filter((asked) => asked.startsWith('get'))).toEqual([])
  })

  it('given a store that does not answer, says so once, and goes on ever more slowly', async () => {
    const store = aStore()
    store.fault = () => new HoopctlError('UNREACHABLE', 'it is away', { hint: 'wait' })
    const { screen, said, timers } = aScreen(store)
    const pauses: number[] = []
    for (let i = 0; i < 7; i += 1) {
      await screen.refresh()
      pauses.push(...timers.pauses())
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
    expect(said).toEqual(['the questions of the team cannot be read: it is away (wait)'])
    store.fault = null
    await screen.refresh()
    expect(timers.pauses()).toEqual([1000])
  })
})
