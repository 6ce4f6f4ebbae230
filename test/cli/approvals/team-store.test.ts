import { answersFor } from '../../../src/cli/approvals/team-names.ts'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../../../src/approval.ts'
import { Courier, type WaitingQuestion } from '../../../src/cli/approvals/courier.ts'
import { TeamQuestions } from '../../../src/cli/approvals/team-questions.ts'
import { openTeamStore } from '../../../src/cli/approvals/team-store.ts'
import { createHttpClient } from '../../../src/remote/http-client.ts'
import { Secret } from '../../../src/secret.ts'
import { DevicePins } from '../../../src/state/device-pins.ts'
import { BARE } from '../../remote/requests.ts'
import { type Radosgw, startRadosgw, whyNoRadosgw } from '../../services/radosgw.ts'
import { newPlace, open } from '../../state/a-state.ts'
import { aDevice, aNo, aQuestion, at, aYes } from './a-question.ts'
import { someTimers } from './a-store.ts'
import { eventually } from '../../eventually.ts'

const missing = whyNoRadosgw()
const http = createHttpClient(BARE)

describe.skipIf(missing !== null)(missing ?? 'two machines and a real store', () => {
  let store: Radosgw
  beforeAll(async () => {
    store = await startRadosgw()
    const { admin: credentials, endpoint, region } = store
    const owner = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
    await owner.send(new CreateBucketCommand({ Bucket: 'team' }))
    owner.destroy()
  })
  afterAll(() => store[Symbol.asyncDispose]())

  /** Opens the store as a machine does; what was to be assumed is remembered. */
  async function aMachine() {
    const { endpoint, admin } = store
    const assumed: unknown[] = []
    const secretAccessKey = new Secret(admin.secretAccessKey)
    const keys = { accessKeyId: admin.accessKeyId, secretAccessKey, sessionToken: null, expires: null }
    const settings = {
      url: 's3://team/approvals',
      region: 'eu-central-1',
      role: 'arn:aws:iam::1:role/a',
      endpoint,
    }
    const assume = async (role: unknown) => {
      assumed.push(role)
      return keys
    }
    return { assumed, bucket: await openTeamStore(settings, { http, assume }) }
  }

  it('given a question of one, shows it on the other, and carries its answer back; then it is over on both', async () => {
    const [laptop, other] = [await aMachine(), await aMachine()]
    const device = aDevice()
    const question = aQuestion(device)
    const waiting: WaitingQuestion[] = [{ ...question, held: true }]
    const answers: (readonly [string, Answer])[] = []
    const said: string[] = []
    const say = (line: string) => void said.push(line)
    const [timers, now] = [someTimers(), () => at(10)]
    const courier = new Courier({
      bucket: laptop.bucket,
      device,
      waiting: () => waiting,
      onAnswer: (approval, answer) => void answers.push([approval, answer]),
      say,
      now,
      timers,
    })
    const pins = new DevicePins(open(newPlace()))
    const screen = new TeamQuestions({
      bucket: other.bucket,
      pins,
      device: aDevice().id,
      now,
      say,
      timers: someTimers(),
    })

    courier.ask(question)
    await eventually(async () => {
      await screen.refresh()
      expect(screen.waiting()).toEqual([{ question, device: 'new' }])
    })
    await screen.answer(question, aYes(question))
    await screen.answer(question, aNo(question))
    await eventually(() => {
      courier.wake()
      expect(answers).toHaveLength(2)
    })
    expect(answers).toEqual(
      expect.arrayContaining([
        [question.approval, aYes(question)],
        [question.approval, aNo(question)],
      ]),
    )
    waiting.length = 0
    courier.over(question, 'denied')
    await courier.close()
    await screen.refresh()
    expect(screen.waiting()).toEqual([])
    expect((await other.bucket.list('questions/')).entries).toEqual([])
    expect(said).toEqual([])
    const role = { arn: 'arn:aws:iam::1:role/a', region: 'eu-central-1', endpoint: store.endpoint }
    expect(laptop.assumed[0]).toEqual(role)
  })

  it('given two people who answer at once, and the same answer twice, keeps each once', async () => {
    const { bucket } = await aMachine()
    const question = aQuestion(aDevice(), 100)
    const pins = new DevicePins(open(newPlace()))
    const needs = {
      bucket,
      pins,
      device: aDevice().id,
      now: () => at(110),
      say: () => undefined,
      timers: someTimers(),
    }
    const screens = [new TeamQuestions(needs), new TeamQuestions(needs)]
    const given = [aNo(question, 'bob'), aNo(question, 'cem'), aNo(question, 'bob')]
    await Promise.all(screens.flatMap((screen) => given.map((answer) => screen.answer(question, answer))))
    expect((await bucket.list(answersFor(question.device))).entries).toHaveLength(2)
  })
})
