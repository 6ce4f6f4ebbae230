import type { CompiledCondition, ConditionCompiler } from './compile-condition.ts'
import type { Condition, Truth } from './condition.ts'
import type { ConditionContext } from './condition-context.ts'
import type { MatcherKind } from './rule.ts'

/**
 * Compiles conditions when they are first judged: for a policy that was found sound before, by its digest. Compiling
 * them all took half of a start, and a start needs none. Should one turn out wrong after all, it fails in every call: it
 * may restrict, never permit.
 */
export class LaterCompiler implements Pick<ConditionCompiler, 'compile'> {
  readonly #compiler: ConditionCompiler

  constructor(compiler: ConditionCompiler) {
    this.#compiler = compiler
  }

  compile(source: string, kind: MatcherKind): CompiledCondition {
    return { condition: new LaterCondition(source, () => this.#compiler.compile(source, kind)), fault: null }
  }
}

class LaterCondition implements Condition {
  readonly source: string
  readonly #compile: () => CompiledCondition
  #compiled: CompiledCondition | null = null

  constructor(source: string, compile: () => CompiledCondition) {
    this.source = source
    this.#compile = compile
  }

  get reads(): ReadonlySet<string> {
    return this.#made().condition?.reads ?? new Set()
  }

  // Not asked for at a price: what depends on it only shows a little more (`couldEverAllow`), or was checked before.
  get constant(): Truth | null {
    return this.#compiled?.condition?.constant ?? null
  }

  readonly judge = (context: ConditionContext): Truth => this.#made().condition?.judge(context) ?? 'failed'

  #made(): CompiledCondition {
    this.#compiled ??= this.#compile()
    return this.#compiled
  }
}
