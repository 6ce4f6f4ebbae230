/** Why a signed policy does not count: a word for programs, and one clause for people. */
export interface RefusedPolicy {
  readonly ok: false
  readonly code:
    | 'altered'
    | 'rollback'
    | 'expired'
    | 'name'
    | 'threshold'
    | 'algorithm'
    | 'version'
    | 'format'
  readonly why: string
}

/** Refuses a signed policy. */
export function refused(code: RefusedPolicy['code'], why: string): RefusedPolicy {
  return { ok: false, code, why }
}
