import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { HoopctlError } from '../errors.ts'
import { parseStrictJson } from '../strict-json.ts'
import type { Context } from './context.ts'

/** One call as it was typed or stands in a file; `why` where it is not JSON that every parser reads alike. */
export type CallText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: string }

/** Reads a file of calls, one a line; `-` is stdin. Empty lines are no calls. Throws INPUT_INVALID. */
export async function readCallLines(file: string, { stdin }: Context): Promise<Uint8Array[]> {
  const bytes = await (file === '-' ? buffer(stdin) : readFile(file)).catch((cause: unknown) => {
    const hint = 'name a file with one call a line, or - for stdin'
    throw new HoopctlError('INPUT_INVALID', `\`${file}\` cannot be read`, { hint, cause })
  })
  const lines: Uint8Array[] = []
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start)
    const end = newline === -1 ? bytes.length : newline
    const line = bytes.subarray(start, bytes[end - 1] === 0x0d && end > start ? end - 1 : end)
    if (line.some((byte) => byte > 0x20)) lines.push(line)
    start = end + 1
  }
  return lines
}

/** Checks a call as strictly as `wrap` checks what a client sends: duplicate keys and the like are refused. */
export function checkCall(bytes: Uint8Array, caseSensitiveArguments: boolean): CallText {
  const exempt = caseSensitiveArguments ? [['params', 'arguments'], ['arguments']] : []
  const strict = parseStrictJson(bytes, { fold: true, exempt })
  return strict.ok ? { ok: true, text: strict.text } : { ok: false, why: strict.why }
}
