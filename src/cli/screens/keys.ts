import { StringDecoder } from 'node:string_decoder'

/** What was pressed, or came as if it had been. */
export interface Key {
  readonly name: KeyName
  /** The character; empty for a key that has none. */
  readonly text: string
  /** Was it the only thing in its input event? What comes with others was pasted, or written by a program. */
  readonly alone: boolean
}

export type KeyName =
  | 'character'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'page-up'
  | 'page-down'
  | 'home'
  | 'end'
  | 'return'
  | 'escape'
  | 'backspace'
  | 'interrupt'
  | 'other'

/** What makes a terminal tell what was pasted from what was typed. */
export const PASTE_ON = '\u001b[?2004h'
/** What ends that. */
export const PASTE_OFF = '\u001b[?2004l'

const NAMES: ReadonlyMap<string, KeyName> = new Map([
  ['\u001b[A', 'up'],
  ['\u001bOA', 'up'],
  ['\u001b[B', 'down'],
  ['\u001bOB', 'down'],
  ['\u001b[C', 'right'],
  ['\u001bOC', 'right'],
  ['\u001b[D', 'left'],
  ['\u001bOD', 'left'],
  ['\u001b[5~', 'page-up'],
  ['\u001b[6~', 'page-down'],
  ['\u001b[H', 'home'],
  ['\u001bOH', 'home'],
  ['\u001b[1~', 'home'],
  ['\u001b[F', 'end'],
  ['\u001bOF', 'end'],
  ['\u001b[4~', 'end'],
  ['\r', 'return'],
  ['\n', 'return'],
  ['\u001b', 'escape'],
  ['\u007f', 'backspace'],
  ['\b', 'backspace'],
  ['\u0003', 'interrupt'],
])

const SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O[ -~])|[^]/gu
const UNFINISHED = /\u001b(?:\[[0-?]*[ -/]*|O)$/u
const PASTE_BEGINS = '\u001b[200~'
const PASTE_ENDS = '\u001b[201~'

/** Reads what a terminal in raw mode sends. A sequence may come in two events; what is pasted is never a key alone. */
export class KeyReader {
  readonly #decoder = new StringDecoder('utf8')
  #unfinished = ''
  #inPaste = false

  /** Takes one input event. */
  read(chunk: Uint8Array): readonly Key[] {
    const text = this.#unfinished + this.#decoder.write(Buffer.from(chunk))
    this.#unfinished = UNFINISHED.exec(text)?.[0] ?? ''
    const whole = text.slice(0, text.length - this.#unfinished.length)
    const sequences = whole.match(SEQUENCE) ?? []
    const isAlone = sequences.length === 1
    const keys: Key[] = []
    for (const sequence of sequences) {
      if (sequence === PASTE_BEGINS) this.#inPaste = true
      else if (sequence === PASTE_ENDS) this.#inPaste = false
      else keys.push(keyOf(sequence, isAlone && !this.#inPaste))
    }
    return keys
  }
}

function keyOf(sequence: string, alone: boolean): Key {
  const name = NAMES.get(sequence)
  if (name !== undefined) return { name, text: '', alone }
  const isText = !/^[\p{Cc}]/u.test(sequence)
  return isText ? { name: 'character', text: sequence, alone } : { name: 'other', text: '', alone }
}
