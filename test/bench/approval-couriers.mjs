// Couriers of many shims in one process, each with a device, a connection and an S3 client of its own; `approval-store.mjs`
// starts it. Reads a line from stdin for each step, and writes what it measured as a line of JSON.
import { createInterface } from 'node:readline'
import { Courier } from '../../src/cli/approvals/courier.ts'
import { openTeamStore } from '../../src/cli/approvals/team-store.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { Secret } from '../../src/secret.ts'
import { aDevice, aQuestion } from '../cli/approvals/a-question.ts'

const { endpoint, region, url, keys, shims, calls, noon } = JSON.parse(process.argv[2] ?? '{}')
const requests = []
const answered = []
const said = []
let waits = 0

const http = () => {
  const client = createHttpClient({ proxy: null, noProxy: null, caFile: null, systemCas: false })
  return async (to, request) => {
    const start = performance.now()
    const answer = await client(to, request)
    requests.push({
      kind: `${request.method} ${to.search === '' ? 'object' : 'list'}`,
      ms: performance.now() - start,
    })
    return answer
  }
}
const assume = async () => ({
  ...keys,
  secretAccessKey: new Secret(keys.secretAccessKey),
  sessionToken: null,
  expires: null,
})

async function shim(count) {
  const device = aDevice()
  const waiting = new Map()
  const bucket = await openTeamStore({ url, region, endpoint, role: 'arn:bench' }, { http: http(), assume })
  const courier = new Courier({
    bucket,
    device,
    waiting: () => [...waiting.values()],
    onAnswer: (approval) => {
      const question = waiting.get(approval)
      if (question === undefined) return
      waiting.delete(approval)
      waits -= 1
      answered.push({ asked: Date.parse(question.asked), at: Date.now() })
    },
    say: (line) => said.push(line),
    now: () => new Date(),
  })
  return (many = count) => {
    for (let i = 0; i < many; i += 1) {
      const question = aQuestion(device, (Date.now() - noon) / 1000)
      waiting.set(question.approval, { ...question, held: true })
      waits += 1
      courier.ask(question)
    }
  }
}

const asking = await Promise.all(Array.from({ length: shims }, (_, i) => shim(calls[i])))
process.stdout.write('ready\n')
for await (const step of createInterface({ input: process.stdin })) {
  if (step === 'ask') for (const ask of asking) ask()
  if (step === 'one more') asking[Math.floor(Math.random() * shims)]?.(1)
  if (step === 'tell') {
    process.stdout.write(
      `${JSON.stringify({ requests: requests.splice(0), answered: answered.splice(0), waits, said })}\n`,
    )
  }
  if (step === 'end') process.exit(0)
}
