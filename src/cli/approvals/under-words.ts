import { visible } from '../../visible.ts'
import type { Own } from './examine.ts'

/** Says under which policy answers are given. */
export function underWords(own: Own): string {
  if (own.kind === 'none') return 'no policy'
  const { name, version, signed } = own.policy
  return `policy ${visible(name)}${version === null ? '' : ` ${version}`}, ${signed ? 'signed' : 'not signed'}`
}
