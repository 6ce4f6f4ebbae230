import { unreachable } from './unreachable.ts'

/** How long an answer may be that is no object: a page that says why there is none. In bytes. */
export const ERROR_PAGE_BYTES = 1024 * 1024

/** Throws UNREACHABLE for an object that is longer than `maxBytes`. */
export function refuseLonger(bytes: Uint8Array, maxBytes: number, where: string): void {
  if (bytes.length <= maxBytes) return
  throw unreachable(`\`${where}\` has more than ${maxBytes} bytes`, 'check that the URL names what you mean')
}
