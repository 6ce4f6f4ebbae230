const LF = 10

/** Cuts a stream of chunks into whole lines, and copies only what was cut in two. */
export class Lines {
  #partial = []

  /** Takes a chunk; returns the bytes of all lines that it completes, up to the last LF, or null. */
  take(chunk) {
    const end = chunk.lastIndexOf(LF) + 1
    if (end === 0) {
      this.#partial.push(chunk)
      return null
    }
    const head = chunk.subarray(0, end)
    const whole = this.#partial.length === 0 ? head : Buffer.concat([...this.#partial, head])
    this.#partial = end === chunk.length ? [] : [chunk.subarray(end)]
    return whole
  }
}

/** Parses each line of `whole`, which ends with an LF. Throws a SyntaxError for a line that is no JSON. */
export function parseLines(whole) {
  const messages = []
  for (let start = 0; start < whole.length; ) {
    const end = whole.indexOf(LF, start)
    messages.push(JSON.parse(whole.toString('utf8', start, end)))
    start = end + 1
  }
  return messages
}

/** Counts the LFs of a chunk. */
export function countLines(chunk) {
  let count = 0
  for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) count += 1
  return count
}
