import type { ConditionContext } from './condition-context.ts'

/** What a condition says about one call. `failed` may restrict, never permit; `unknown` is for lists only. */
export type Truth = 'yes' | 'no' | 'failed' | 'unknown'

/** A `when`, type-checked and compiled. */
export interface Condition {
  readonly source: string
  /** The variables that it names, and `tool.annotations` where it reads those. */
  readonly reads: ReadonlySet<string>
  /** What it says whatever the call; null where that depends. */
  readonly constant: Truth | null
  /** Never throws. */
  readonly judge: (context: ConditionContext) => Truth
}

/** Says whether two truths hold together. What is not known yet may still turn out `no`, so it outweighs a failure. */
export function both(one: Truth, other: Truth): Truth {
  if (one === 'no' || other === 'no') return 'no'
  if (one === 'unknown' || other === 'unknown') return 'unknown'
  return one === 'failed' || other === 'failed' ? 'failed' : 'yes'
}
