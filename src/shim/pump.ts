import type { Readable } from 'node:stream'
import { type Line, LineSplitter } from './framing.ts'

/** What happens with the lines of one stream. */
export interface Pumped {
  /** Takes one line. What it throws is a bug and is given to `failed`. */
  readonly line: (line: Line) => void
  readonly failed: (line: Line, failure: unknown) => void
  /** After the lines of a chunk: sends what they led to. */
  readonly settle: () => void
  /** Must the stream wait, because what it fills is full? */
  readonly isFull: () => boolean
  readonly ended: () => void
}

/** A stream that is being read, line by line. */
export interface Pump {
  /** Reads on where nothing is full any more. */
  resume(): void
}

/** Reads a stream as lines of at most `maxBytes`, and no faster than what it fills can take. */
export function pump(source: Readable, maxBytes: number, pumped: Pumped): Pump {
  const splitter = new LineSplitter(maxBytes)
  const fail = (line: Line, failure: unknown) => {
    try {
      pumped.failed(line, failure)
    } catch {
      // The line goes nowhere, and nothing more can be said of it; the session goes on.
    }
  }
  const take = (lines: readonly Line[]) => {
    for (const line of lines) {
      try {
        pumped.line(line)
      } catch (failure) {
        fail(line, failure)
      }
    }
    pumped.settle()
  }
  source.on('data', (chunk: Buffer) => {
    take(splitter.push(chunk))
    if (pumped.isFull()) source.pause()
  })
  let over = false
  const end = () => {
    if (over) return
    over = true
    take(splitter.end())
    pumped.ended()
  }
  source.once('end', end)
  source.once('close', end)
  source.once('error', end) // a stream that breaks has ended
  return {
    resume: () => {
      if (source.isPaused() && !pumped.isFull()) source.resume()
    },
  }
}
