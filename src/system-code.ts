/**
 * Reads the system's code (`ENOSPC`, …) off a thrown value; the empty string where the system did not throw it: codes of
 * Node's own (`ERR_…`) and of ours stand for bugs and for what was said already.
 */
export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' && /^E[A-Z\d]+$/u.test(code) ? code : ''
}
