import { once } from 'node:events'
import type { Context } from './context.ts'

const PIECE_CHARACTERS = 64 * 1024
const LONGEST_MS = 100

/**
 * Puts texts together to pieces that are worth a system call. The first text waits for nothing, and none for more than a
 * tenth of a second and the one behind it: somebody may be reading along.
 */
export function* inPieces(texts: Iterable<string>, now: () => Date): Generator<string, void, undefined> {
  let piece = ''
  let since = 0
  for (const text of texts) {
    piece += text
    if (piece.length < PIECE_CHARACTERS && now().getTime() - since < LONGEST_MS) continue
    yield piece
    piece = ''
    since = now().getTime()
  }
  if (piece !== '') yield piece
}

/** Prints one piece after the other, as fast as the reader takes them; a reader that has seen enough ends it. */
export async function printPieces(pieces: Iterable<string>, { stdout }: Context): Promise<void> {
  const gone = new AbortController()
  stdout.on('error', () => gone.abort()) // what has to be said of it is said by whoever made the stream
  for (const piece of pieces) {
    await print(piece, stdout, gone.signal)
    if (gone.signal.aborted) return
  }
}

/** Prints a text, and waits until it is taken where much waits already: a session of a gigabyte is not to wait in memory. */
export async function print(text: string, stdout: Context['stdout'], signal: AbortSignal): Promise<void> {
  if (signal.aborted || stdout.write(text)) return
  await once(stdout, 'drain', { signal }).catch(() => undefined)
}
