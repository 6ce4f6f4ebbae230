import { HoopctlError } from '../errors.ts'
import type { KeySource } from './sealed-token.ts'

/** The store that `login` chose, as `config.yaml` keeps it: what `wrap` opens, and nothing else. */
export type TokenStoreChoice =
  /** `bus`: the address of the session bus; null on macOS. */
  | { readonly store: 'keychain'; readonly bus: string | null }
  | { readonly store: 'file'; readonly key: KeySource }

/**
 * Reads a saved choice; null: none was saved. Throws INPUT_INVALID for anything that `login` does not write: a store that is
 * guessed might be one that somebody else fills.
 */
export function tokenStoreChoice(value: unknown): TokenStoreChoice | null {
  if (value === undefined || value === null) return null
  const { store, bus, key, ...unknown } =
    typeof value === 'object' ? (value as Readonly<Record<string, unknown>>) : {}
  if (Object.keys(unknown).length > 0) throw invalid()
  if (store === 'keychain' && key === undefined && (bus === null || typeof bus === 'string'))
    return { store, bus }
  if (store === 'file' && bus === undefined && (key === 'passphrase' || key === 'machine'))
    return { store, key }
  throw invalid()
}

function invalid(): HoopctlError {
  return new HoopctlError('INPUT_INVALID', 'the saved token store is none that `hoopctl login` writes', {
    hint: 'run: hoopctl login',
  })
}
