import { StringDecoder } from 'node:string_decoder'

const MAX_CHARACTERS = 16_384

/** Keeps the last lines of a stream, for telling them when something went wrong. Returns what reads them. */
export function lastLines(stream: NodeJS.EventEmitter | null, count: number): () => readonly string[] {
  const decoder = new StringDecoder('utf8')
  let text = ''
  stream?.on('data', (chunk: Buffer) => {
    text = (text + decoder.write(chunk)).slice(-MAX_CHARACTERS)
  })
  return () =>
    text
      .split(/\r?\n/)
      .filter((line) => line !== '')
      .slice(-count)
}
