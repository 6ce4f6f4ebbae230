import type { ConditionKind } from './cel-environment.ts'
import type { CompiledCondition, ConditionCompiler } from './compile-condition.ts'
import type { Condition, Truth } from './condition.ts'
import type { ConditionContext } from './condition-context.ts'

type Compiler = Pick<ConditionCompiler, 'compile'>

/**
 * Compiles conditions when they are first judged: for a policy that was found sound before, by its digest. Loading CEL and
 * compiling them all took half of a start, and a start needs neither. Before `ready`, and should one turn out wrong after
 * all, a condition fails: it may restrict, never permit.
 */
export class LaterCompiler implements Compiler {
  readonly #load: () => Promise<Compiler>
  #compiler: Compiler | null = null

  /** @param load loads what compiles conditions */
  constructor(load: () => Promise<Compiler>) {
    this.#load = load
  }

  /** Loads what compiles conditions; from then on they can be judged. */
  readonly ready = async (): Promise<void> => {
    this.#compiler ??= await this.#load()
  }

  compile(source: string, kind: ConditionKind): CompiledCondition {
    const compile = () => this.#compiler?.compile(source, kind) ?? null
    return { condition: new LaterCondition(source, compile), fault: null }
  }
}

class LaterCondition implements Condition {
  readonly source: string
  readonly #compile: () => CompiledCondition | null
  #compiled: CompiledCondition | null = null

  constructor(source: string, compile: () => CompiledCondition | null) {
    this.source = source
    this.#compile = compile
  }

  get reads(): ReadonlySet<string> {
    return this.#made()?.condition?.reads ?? new Set()
  }

  // Not asked for at a price: what depends on it only shows a little more (`couldEverAllow`), or was checked before.
  get constant(): Truth | null {
    return this.#compiled?.condition?.constant ?? null
  }

  readonly judge = (context: ConditionContext): Truth => this.#made()?.condition?.judge(context) ?? 'failed'

  #made(): CompiledCondition | null {
    this.#compiled ??= this.#compile()
    return this.#compiled
  }
}
