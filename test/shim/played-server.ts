import { PassThrough } from 'node:stream'
import type { Child } from '../../src/shim/child.ts'

/** A server that a test plays: its streams, and a process that never ends. */
export interface PlayedServer extends Child {
  readonly stdin: PassThrough
  readonly stdout: PassThrough
  readonly stderr: PassThrough
}

/** Makes the streams of a server that a test plays. */
export function playedServer(): PlayedServer {
  return {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    started: Promise.resolve(null),
    ended: new Promise(() => undefined),
    stop: () => undefined,
    kill: () => undefined,
  }
}

/** Gathers what is written to a stream; each call gives the lines since the last one. */
export function linesOf(stream: PassThrough): () => string[] {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return () => {
    const lines = text.split('\n').slice(0, -1)
    text = text.slice(text.lastIndexOf('\n') + 1)
    return lines
  }
}
