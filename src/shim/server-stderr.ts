import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

const MAX_LINE = 64 * 1024

/** Passes a server's stderr on, line by line. A line that does not end is passed on in parts. */
export function passStderr(source: Readable, write: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  source.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) write(line.replace(/\r$/, ''))
    if (rest.length > MAX_LINE) {
      write(rest)
      rest = ''
    }
  })
  source.once('end', () => {
    if (rest !== '') write(rest)
  })
  source.on('error', () => undefined) // what the server says to people ends with it
}
