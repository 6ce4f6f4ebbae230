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
  /** Whether `handBack` would do it now. */
  canHandBack(): boolean
  /**
   * Stops reading, and puts what it holds of a line that has not ended back into the stream, which then waits for its next
   * reader. False: the stream is over, or in a line that is too long to be put back; it is read on.
   */
  handBack(): boolean
}

/** Reads a stream as lines of at most `maxBytes`, and no faster than what it fills can take. */
export function pump(source: Readable, maxBytes: number, pumped: Pumped): Pump {
  const splitter = new LineSplitter(maxBytes)
  const take = (lines: readonly Line[]) => takeAll(lines, pumped)
  const read = (chunk: Buffer) => {
    take(splitter.push(chunk))
    if (pumped.isFull()) source.pause()
  }
  source.on('data', read)
  if (source.isPaused()) source.resume() // somebody else read it before, and handed it back
  let [over, isOurs] = [false, true]
  const end = () => {
    if (over) return
    over = true
    take(splitter.end())
    pumped.ended()
  }
  const ends = ['end', 'close', 'error'] as const // a stream that breaks has ended
  for (const event of ends) source.once(event, end)
  const canHandBack = () => isOurs && !over && !source.readableEnded && !splitter.isOversize
  return {
    canHandBack,
    handBack: () => {
      const held = canHandBack() ? splitter.takeBack() : null
      if (held === null) return false
      source.removeListener('data', read)
      for (const event of ends) source.removeListener(event, end)
      isOurs = false
      source.pause()
      if (held.length > 0) source.unshift(held)
      return true
    },
    resume: () => {
      if (isOurs && source.isPaused() && !pumped.isFull()) source.resume()
    },
  }
}

function takeAll(lines: readonly Line[], pumped: Pumped): void {
  for (const line of lines) {
    try {
      pumped.line(line)
    } catch (failure) {
      fail(line, failure, pumped)
    }
  }
  pumped.settle()
}

function fail(line: Line, failure: unknown, pumped: Pumped): void {
  try {
    pumped.failed(line, failure)
  } catch {
    // The line goes nowhere, and nothing more can be said of it; the session goes on.
  }
}
