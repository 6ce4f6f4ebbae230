// 500 calls of 200 shims wait in one bucket of a real S3 server: how many requests that makes, how long they take, and how
// long an answer does. All of it is on one machine, so its cores are what is measured first.
// usage: node test/bench/approval-store.mjs [SHIMS CALLS]
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { openTeamStore } from '../../src/cli/approvals/team-store.ts'
import { TeamQuestions } from '../../src/cli/approvals/team-questions.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { Secret } from '../../src/secret.ts'
import { DevicePins } from '../../src/state/device-pins.ts'
import { openSharedState } from '../../src/state/shared-state.ts'
import { aDevice, aNo, at } from '../cli/approvals/a-question.ts'
import { startRadosgw } from '../services/radosgw.ts'

const PROCESSES = 4
const STEADY_S = 10
const HANDS = 8
const PROBES = 20
const [shims = 200, calls = 500] = process.argv.slice(2).map(Number)

await using store = await startRadosgw()
const { endpoint, region, admin } = store
const owner = new S3Client({ endpoint, region, credentials: admin, forcePathStyle: true })
await owner.send(new CreateBucketCommand({ Bucket: 'team' }))
owner.destroy()

const keys = { accessKeyId: admin.accessKeyId, secretAccessKey: admin.secretAccessKey }
const url = 's3://team/approvals'
const workers = await Promise.all(Array.from({ length: PROCESSES }, (_, i) => startWorker(i)))
try {
  const start = Date.now()
  for (const { send } of workers) send('ask')
  await posted()
  print(
    `${calls} calls of ${shims} shims in ${PROCESSES} processes, on ${cpus().length} cores beside the server`,
  )
  print(`all posted after ${seconds(Date.now() - start)}`)

  await gathered()
  await sleep(STEADY_S * 1000)
  const steady = await gathered()
  print(`while all are held, each shim looks every second: ${rate(steady.requests.length, STEADY_S)} in all`)
  printLatency(steady.requests)

  await using screen = await startScreen()
  const begin = Date.now()
  await screen.shows(calls)
  print(`a screen that starts now shows all of them after ${seconds(Date.now() - begin)}`)

  const probes = []
  for (let i = 0; i < PROBES; i += 1) {
    workers[i % PROCESSES].send('one more')
    await screen.answersNext()
    const { answered } = await gatheredOnce(({ answered }) => answered.length > 0)
    probes.push(...answered.map(({ asked, at }) => at - asked))
  }
  print(`one more call, answered as soon as it is shown, from asking to the answer: ${percentiles(probes)}`)

  const burst = Date.now()
  screen.answerAll()
  const ended = []
  for (let waits = calls; waits > 0; await sleep(100)) {
    const told = await gathered()
    ended.push(...told.answered.map(({ at }) => at - burst))
    waits = told.waits
  }
  print(`all ${calls} answered at once, until the answer is at its shim: ${percentiles(ended)}`)
} finally {
  for (const { send } of workers) send('end')
}

async function startWorker(index) {
  const mine = Array.from({ length: shims }, (_, i) => i).filter((i) => i % PROCESSES === index)
  const share = mine.map((i) => Math.floor(calls / shims) + Number(i < calls % shims))
  const options = { endpoint, region, url, keys, shims: mine.length, calls: share, noon: at(0).getTime() }
  const script = join(import.meta.dirname, 'approval-couriers.mjs')
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await lines.next()
  const send = (step) => child.stdin.write(`${step}\n`)
  const tell = async () => {
    send('tell')
    return JSON.parse((await lines.next()).value)
  }
  return { send, tell }
}

async function gathered() {
  const told = await Promise.all(workers.map(({ tell }) => tell()))
  for (const line of new Set(told.flatMap(({ said }) => said))) print(`said: ${line}`)
  return {
    requests: told.flatMap(({ requests }) => requests),
    answered: told.flatMap(({ answered }) => answered),
    waits: told.reduce((sum, { waits }) => sum + waits, 0),
  }
}

async function posted() {
  for (let puts = 0; puts < calls; await sleep(50)) {
    const { requests } = await gathered()
    puts += requests.filter(({ kind }) => kind.startsWith('PUT')).length
  }
}

async function gatheredOnce(isThere) {
  for (;;) {
    const told = await gathered()
    if (isThere(told)) return told
    await sleep(20)
  }
}

async function startScreen() {
  const home = mkdtempSync(join(tmpdir(), 'hoopctl-bench-'))
  const state = openSharedState(join(home, 'state'), join(home, 'run'))
  const http = createHttpClient({ proxy: null, noProxy: null, caFile: null, systemCas: false })
  const secretAccessKey = new Secret(keys.secretAccessKey)
  const assume = async () => ({ ...keys, secretAccessKey, sessionToken: null, expires: null })
  const bucket = await openTeamStore({ url, region, endpoint, role: 'arn:bench' }, { http, assume })
  const [now, device] = [() => new Date(), aDevice().id]
  const screen = new TeamQuestions({ bucket, pins: new DevicePins(state), device, now, say: print })
  const known = new Set()
  const answer = async (questions) => {
    for (const { question } of questions) await screen.answer(question, aNo(question))
  }
  const fresh = () => screen.waiting().filter(({ question }) => !known.has(question.approval))
  void screen.refresh()
  return {
    async shows(count) {
      while (fresh().length < count) await sleep(20)
      for (const { question } of fresh()) known.add(question.approval)
    },
    async answersNext() {
      while (fresh().length === 0) await sleep(5)
      const next = fresh()
      for (const { question } of next) known.add(question.approval)
      await answer(next)
    },
    answerAll() {
      const left = screen.waiting().values()
      for (let hand = 0; hand < HANDS; hand += 1) void answer(left)
    },
    async [Symbol.asyncDispose]() {
      screen.close()
      state.close()
      rmSync(home, { recursive: true })
    },
  }
}

function printLatency(requests) {
  for (const kind of new Set(requests.map((each) => each.kind))) {
    const ms = requests.filter((each) => each.kind === kind).map((each) => each.ms)
    print(`  ${kind}: ${rate(ms.length, STEADY_S)}, ${percentiles(ms)}`)
  }
}

function percentiles(ms) {
  const sorted = ms.toSorted((one, other) => one - other)
  const at = (share) => seconds(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN)
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}`
}

function rate(count, over) {
  return `${(count / over).toFixed(0)} requests a second`
}

function seconds(ms) {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`
}

function print(line) {
  process.stdout.write(`${line}\n`)
}
