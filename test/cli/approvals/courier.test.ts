import { describe, expect, it } from 'vitest'
import type { Answer, Question } from '../../../src/approval.ts'
import { Courier, type WaitingQuestion } from '../../../src/cli/approvals/courier.ts'
import { answerObject } from '../../../src/cli/approvals/team-answer.ts'
import { answersFor, questionName } from '../../../src/cli/approvals/team-names.ts'
import { overObject, questionObject, readTeamQuestion } from '../../../src/cli/approvals/team-question.ts'
import { HoopctlError } from '../../../src/errors.ts'
import { aDevice, aNo, aQuestion, at, aYes } from './a-question.ts'
import { aStore, someTimers, type TestStore } from './a-store.ts'
import { eventually } from '../../eventually.ts'

const AWAY = new HoopctlError('UNREACHABLE', 'it is away', { hint: 'wait' })

/** A shim's courier whose calls wait as `waiting` says. */
function aCourier(store: TestStore, device = aDevice()) {
  const waiting: WaitingQuestion[] = []
  const said: string[] = []
  const answers: (readonly [string, Answer])[] = []
  const timers = someTimers()
  const clock = { seconds: 0 }
  const courier = new Courier({
    bucket: store,
    device,
    waiting: () => waiting,
    onAnswer: (approval, answer) => void answers.push([approval, answer]),
    say: (line) => void said.push(line),
    now: () => at(clock.seconds),
    timers,
  })
  const ask = (question: Question, held = true): void => {
    waiting.push({ approval: question.approval, asked: question.asked, held })
    courier.ask(question)
  }
  const asked = (begin: string): string[] => store.asked.filter((what) => what.startsWith(begin))
  /** Waits until the courier rests, with so many timers. */
  const rested = (rests = 1) => eventually(() => expect(timers.pauses()).toHaveLength(rests))
  const next = async (rests = 1): Promise<void> => {
    timers.fire()
    await rested(rests)
  }
  return { courier, device, waiting, said, answers, timers, clock, ask, asked, rested, next }
}

async function plantAnswer(store: TestStore, question: Question, answer: Answer): Promise<void> {
  const { name, bytes } = answerObject(question, answer)
  await store.plant(name, bytes)
}

describe('a courier', () => {
  it('given a question, posts it signed and hands on its answers, each once', async () => {
    const store = aStore()
    const { device, ask, rested, next, answers, said } = aCourier(store)
    const question = aQuestion(device)
    ask(question)
    await rested()
    const { name } = questionObject(question, device)
    await eventually(async () => expect(await store.get(name, 1e6)).not.toBeNull())
    const bytes = await store.get(name, 1e6)
    expect(bytes && readTeamQuestion({ name, bytes })).toEqual(question)
    await plantAnswer(store, question, aYes(question))
    await next()
    await plantAnswer(store, question, aNo(question))
    await next()
    await next()
    expect(answers).toEqual([
      [question.approval, aYes(question)],
      [question.approval, aNo(question)],
    ])
    expect(said).toEqual([])
  })

  it('given many that wait, lists once for each look; given none, does not look at all', async () => {
    const store = aStore()
    const { device, waiting, ask, rested, next, asked, timers } = aCourier(store)
    for (let i = 0; i < 20; i += 1) ask(aQuestion(device, i))
    await eventually(() => expect(asked('put')).toHaveLength(20))
    await rested()
    const before = asked('list').length
    for (let i = 1; i <= 5; i += 1) {
      await next()
      expect(asked('list')).toHaveLength(before + i)
    }
    waiting.length = 0
    timers.fire()
    await new Promise(setImmediate) // a look at nothing asks nobody, so it has ended by then
    expect(timers.pauses()).toEqual([])
    expect(asked('list')).toHaveLength(before + 5)
  })

  it('given nothing that was ever asked, touches no store', async () => {
    const store = aStore()
    const { courier, timers } = aCourier(store)
    courier.wake()
    await courier.close()
    expect([store.asked, timers.pauses()]).toEqual([[], []])
  })

  it('given a held call, looks every second; given queued ones only, ever more seldom, up to 15 s', async () => {
    const { device, ask, waiting, courier, rested, next, timers } = aCourier(aStore())
    const question = aQuestion(device)
    ask(question)
    const pauses: number[] = []
    const look = async (): Promise<void> => {
      pauses.push(...timers.pauses())
      await next()
    }
    await rested()
    await look()
    await look()
    waiting.splice(0, 1, { ...question, held: false })
    for (let i = 0; i < 10; i += 1) await look()
    expect(pauses).toEqual([1000, 1000, 1000, 1000, 1500, 2250, 3375, 5063, 7594, 11_391, 15_000, 15_000])
    courier.wake()
    await rested()
    await eventually(() => expect(timers.pauses()).toEqual([1000]))
  })

  it('given that a question is over, says so and clears away what is its', async () => {
    const store = aStore()
    const { courier, device, ask, rested, next, asked } = aCourier(store)
    const question = aQuestion(device)
    ask(question)
    await rested()
    await plantAnswer(store, question, aYes(question))
    await next()
    courier.over(question, 'used')
    await eventually(() => expect(asked('remove')).toHaveLength(2))
    await courier.close()
    const names = async (prefix: string) => (await store.list(prefix)).entries.map(({ name }) => name)
    expect(await names('over/')).toEqual([overObject(question, 'used', device).name])
    expect([await names('questions/'), await names('answers/')]).toEqual([[], []])
  })

  it('given a store that lets nobody remove, says so once, and it is over all the same', async () => {
    const store = aStore()
    const { courier, device, ask, said, asked } = aCourier({ ...store, remove: async () => 'refused' })
    for (const question of [aQuestion(device, 0), aQuestion(device, 1)]) {
      ask(question)
      await eventually(async () => expect((await store.list('questions/')).entries).not.toEqual([]))
      courier.over(question, 'withdrawn')
    }
    await eventually(() => expect(said).toHaveLength(1))
    await courier.close()
    expect(asked('put over/').length).toBeGreaterThanOrEqual(1)
    expect(said).toEqual([
      'questions that are over stay in the approval store: the store lets nobody remove them, so its owner has to',
    ])
  })

  it('given a question that is over before it was posted, posts neither', async () => {
    const store = aStore()
    store.fault = () => AWAY
    const { courier, device, ask, rested, next, waiting } = aCourier(store)
    const question = aQuestion(device)
    ask(question)
    await rested(2)
    courier.over(question, 'withdrawn')
    waiting.length = 0
    store.fault = null
    store.asked.length = 0
    await next(0)
    await courier.close()
    expect(store.asked).toEqual([])
  })

  it('given its end, still says that a question is over', async () => {
    const store = aStore()
    const { courier, device, ask, rested } = aCourier(store)
    const question = aQuestion(device)
    ask(question)
    await rested()
    courier.over(question, 'withdrawn')
    await courier.close()
    expect((await store.list('over/')).entries).toHaveLength(1)
  })
})

describe('a courier and a store that fails', () => {
  it('given one that does not answer, returns at once, says it once, and posts when it answers again', async () => {
    const store = aStore()
    store.fault = () => AWAY
    const { device, ask, rested, next, said, timers } = aCourier(store)
    const question = aQuestion(device)
    ask(question)
    await rested(2)
    const pauses: number[] = []
    for (let i = 0; i < 4; i += 1) {
      pauses.push(Math.max(...timers.pauses()))
      await next(2)
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000])
    store.fault = null
    await next()
    await eventually(async () => expect((await store.list('questions/')).entries).toHaveLength(1))
    expect(said.toSorted()).toEqual([
      'answers of people on other machines do not come: the approval store cannot be read: it is away (wait)',
      'people on other machines do not see what waits: the approval store cannot be written: it is away (wait)',
    ])
  })

  it('given one question that it does not take, posts the others', async () => {
    const store = aStore()
    const { device, ask, rested, next, asked } = aCourier(store)
    const [bad, good] = [aQuestion(device, 0), aQuestion(device, 1)]
    const { name } = questionObject(bad, device)
    store.fault = (what) => (what === `put ${name}` ? AWAY : undefined)
    ask(bad)
    ask(good)
    await rested(2)
    await next(2)
    expect(asked(`put ${questionObject(good, device).name}`)).toHaveLength(1)
    expect((await store.list('questions/')).entries).toHaveLength(1)
  })

  it('given a question that nobody may answer any more, does not post it', async () => {
    const store = aStore()
    store.fault = () => AWAY
    const { device, ask, clock, rested, timers } = aCourier(store)
    ask(aQuestion(device))
    await rested(2)
    store.fault = null
    clock.seconds = 1800
    timers.fire()
    await rested()
    expect((await store.list('questions/')).entries).toEqual([])
  })

  it('given an answer that could not be kept here, hands it on again', async () => {
    const store = aStore()
    const device = aDevice()
    const question = aQuestion(device)
    const timers = someTimers()
    const kept: string[] = []
    let full = true
    const courier = new Courier({
      bucket: store,
      device,
      timers,
      now: () => at(0),
      say: () => undefined,
      waiting: () => [{ ...question, held: true }],
      onAnswer: (approval) => {
        if (full) throw new HoopctlError('STATE_UNWRITABLE', 'the disk is full', { hint: 'make room' })
        kept.push(approval)
      },
    })
    await plantAnswer(store, question, aYes(question))
    courier.wake()
    await eventually(() => expect(timers.pauses()).toHaveLength(1))
    full = false
    timers.fire()
    await eventually(() => expect(kept).toEqual([question.approval]))
    courier.wake()
    await courier.close()
  })
})

describe('[ATK-APPROVAL-STORE] what whoever writes the store may answer', () => {
  it.each<{ given: string; plant: (store: TestStore, asked: Question) => Promise<void> }>([
    {
      given: 'an answer to another question under this one’s name',
      plant: (store, asked) => plantAnswer(store, asked, aYes({ ...asked, approval: 'A-00000000' })),
    },
    {
      given: 'an answer to another device',
      plant: (store, asked) => plantAnswer(store, asked, aYes({ ...asked, device: aDevice().id })),
    },
    {
      given: 'an answer that is not what its name says',
      plant: (store, asked) => {
        const { name, bytes } = answerObject(asked, aYes(asked))
        return store.plant(name, Buffer.from(bytes).toString().replace('bob', 'eve'))
      },
    },
    {
      given: 'an answer to a question that does not wait',
      plant: (store, asked) => plantAnswer(store, { ...asked, asked: at(1).toISOString() }, aYes(asked)),
    },
    {
      given: 'an answer with a member more',
      plant: (store, asked) => plantAnswer(store, asked, Object.assign(aNo(asked), { all: true })),
    },
    {
      given: 'bytes that are no text',
      plant: async (store, asked) => {
        const bytes = Buffer.from(JSON.stringify(aNo(asked)).replace('not today', '\u00ff'), 'latin1')
        const { sha256 } = await import('../../../src/digest.ts')
        return store.plant(`${answersFor(asked.device)}${questionName(asked)}/${sha256(bytes)}.json`, bytes)
      },
    },
  ])('given $given, hands on the others only', async ({ plant }) => {
    const store = aStore()
    const { device, ask, rested, next, answers } = aCourier(store)
    const question = aQuestion(device)
    ask(question)
    await rested()
    await plant(store, question)
    await next()
    expect(answers).toEqual([])
    await plantAnswer(store, question, aNo(question))
    await next()
    expect(answers).toEqual([[question.approval, aNo(question)]])
  })

  it('given old answers again in place of new ones, hands them on once: they are for that question only', async () => {
    const store = aStore()
    const { device, ask, waiting, rested, next, answers } = aCourier(store)
    const [old, now] = [aQuestion(device, -60), aQuestion(device, 0)]
    ask(old)
    await rested()
    await plantAnswer(store, old, aYes(old))
    await next()
    waiting.length = 0
    ask(now)
    await rested()
    await plantAnswer(store, now, aYes(old)) // under the new question's name
    await next()
    await next()
    expect(answers).toEqual([[old.approval, aYes(old)]])
  })

  it('given a flood of junk, lists once for each look all the same, and hands the answer on', async () => {
    const store = aStore()
    const { device, ask, rested, next, answers, asked } = aCourier(store)
    const question = aQuestion(device)
    ask(question)
    await rested()
    const folder = `${answersFor(device.id)}${questionName(question)}/`
    for (let i = 0; i < 2500; i += 1)
      await store.plant(`${folder}${String(i).padStart(64, '0')}.json`, 'junk')
    await plantAnswer(store, question, aNo(question))
    let looks = 0
    for (; answers.length === 0 && looks < 50; looks += 1) {
      const [lists, gets] = [asked('list').length, asked('get').length]
      await next()
      expect(asked('list')).toHaveLength(lists + 1)
      expect(asked('get').length - gets).toBeLessThanOrEqual(250)
    }
    expect(looks).toBeLessThan(30)
  })

  it('given two shims of a device with one queued question, hands the answer to both', async () => {
    const [store, device] = [aStore(), aDevice()]
    const question = aQuestion(device)
    const [one, other] = [aCourier(store, device), aCourier(store, device)]
    one.ask(question, false)
    await one.rested()
    other.waiting.push({ ...question, held: false })
    await plantAnswer(store, question, aYes(question))
    await one.next()
    other.courier.wake()
    await other.rested()
    expect([one.answers, other.answers]).toEqual([
      [[question.approval, aYes(question)]],
      [[question.approval, aYes(question)]],
    ])
  })
})
