import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

const MOODS = ['cuts', 'refuses', 'fails', 'forbids', 'asks-to-wait', 'halves', 'lies', 'forgets'] as const

/** What is done to a request. */
export type Mood = 'passes' | (typeof MOODS)[number]

/** A proxy in front of a store, which does to every request what it is in the mood for. */
export interface MoodyProxy extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, to be used in the place of the store's. */
  readonly endpoint: string
  /** How often it was in which mood. */
  readonly seen: ReadonlyMap<Mood, number>
  /** Waits for a request. */
  asked(): Promise<unknown>
  /** Passes everything from now on. */
  calm(): void
}

const ANSWERS = { fails: 500, forbids: 403, 'asks-to-wait': 429 } as const

// Two of three requests pass.
const DECK: readonly Mood[] = [...MOODS, ...MOODS.flatMap(() => ['passes', 'passes'] as const)]

/** Gives moods in an order of its own, each as often as the others; a lie waits for a PUT. */
function moodsFrom(random: () => number): (method: string | undefined) => Mood {
  let deck: Mood[] = []
  let lies = 0
  return (method) => {
    if (method === 'PUT' && lies > 0) {
      lies -= 1
      return 'lies'
    }
    if (deck.length === 0) deck = [...DECK]
    const [mood = 'passes'] = deck.splice(Math.floor(random() * deck.length), 1)
    if (mood !== 'lies') return mood
    lies += 1
    return 'passes'
  }
}

/**
 * Starts a proxy on loopback.
 * @param random gives numbers from 0 up to 1
 */
export async function startMoodyProxy(target: string, random: () => number): Promise<MoodyProxy> {
  const seen = new Map<Mood, number>()
  let isCalm = false
  const moodFor = moodsFrom(random)
  const server = createServer((incoming, answer) => {
    const mood = isCalm ? 'passes' : moodFor(incoming.method)
    seen.set(mood, (seen.get(mood) ?? 0) + 1)
    incoming.on('error', () => undefined) // who asks may be killed
    answer.on('error', () => undefined)
    if (mood === 'cuts') return void incoming.socket.destroy()
    if (mood === 'refuses') return refuse(incoming)
    bodyOf(incoming)
      .then(async (body) => {
        if (incoming.complete) await answerIn(mood, { incoming, body, answer, target })
      })
      .catch(() => incoming.socket.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  // Nothing listens for as long as it takes to be seen.
  const refuse = ({ socket }: IncomingMessage) => {
    socket.destroy()
    if (!server.listening) return
    server.close()
    setTimeout(() => server.listen(port, '127.0.0.1'), 40)
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    asked: () => once(server, 'request'),
    calm: () => {
      isCalm = true
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly body: Buffer
  readonly answer: ServerResponse
  readonly target: string
}

async function answerIn(mood: Mood, exchange: Exchange): Promise<void> {
  const { answer, incoming } = exchange
  if (mood === 'fails' || mood === 'forbids' || mood === 'asks-to-wait') {
    return void answer.writeHead(ANSWERS[mood]).end('<Error><Code>Mood</Code></Error>')
  }
  if (mood === 'lies') return void answer.writeHead(200, { etag: `"${'0'.repeat(32)}"` }).end()
  const { status, headers, body } = await forwarded(exchange)
  if (mood === 'forgets') return void incoming.socket.destroy()
  answer.writeHead(status, headers)
  if (mood !== 'halves') return void answer.end(body)
  answer.write(body.subarray(0, body.length / 2), () => incoming.socket.destroy())
}

/** The request as it was signed, its host too. */
async function forwarded({ incoming, body, target }: Exchange) {
  const { method = 'GET', url = '/', headers } = incoming
  const outgoing = request(new URL(url, target), { method, headers, agent: false })
  outgoing.end(body)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { status: answer.statusCode ?? 500, headers: answer.headers, body: await bodyOf(answer) }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer)
  } catch {
    // it ended early: so it is passed on
  }
  return Buffer.concat(chunks)
}
