import type { Readable, Writable } from 'node:stream'
import { answerUnrecorded } from './absent-server.ts'
import { refusedMessage } from './replies.ts'
import { pump } from './pump.ts'
import { StreamPeer } from './stream-peer.ts'

const UNREACHABLE = 8

/** Answers a client while no log can be opened: the server is not started, each request hears why. Returns the exit code. */
export async function runUnrecorded(
  client: { readonly stdin: Readable; readonly stdout: Writable },
  maxBytes: number,
  label: string,
  why: string,
): Promise<number> {
  const peer = new StreamPeer(client.stdout)
  await new Promise<void>((resolve) => {
    pump(client.stdin, maxBytes, {
      line: (line) => {
        const answer = answerUnrecorded(line, label, why)
        if (answer !== null) peer.send(answer)
      },
      failed: () => peer.send(refusedMessage(null, { why, code: -32603, help: null })),
      settle: () => peer.flush(),
      isFull: () => peer.isFull(),
      ended: resolve,
    })
    client.stdout.on('error', () => resolve())
  })
  return UNREACHABLE
}
