import type { Environment } from '@marcbachmann/cel-js/evaluator'
import { celEnvironment, type ConditionKind, type RegexEngine, VARIABLES } from './cel-environment.ts'
import { explainCelError, type ConditionFault } from './cel-fault.ts'
import { faultInSyntax } from './cel-checks.ts'
import { isCelNode, literalString, meterLoops, methodCalls, variablesRead } from './cel-syntax.ts'
import { LoopMeter } from './loop-meter.ts'
import { notRewritten, rewriteMethods } from './cel-own-methods.ts'
import type { Condition, Truth } from './condition.ts'
import { type ConditionContext, emptyContext } from './condition-context.ts'

/** A compiled condition, or what is wrong with it and where in its text. */
export type CompiledCondition =
  | { readonly condition: Condition; readonly fault: null }
  | { readonly condition: null; readonly fault: ConditionFault }

/** Compiles the conditions of one policy: type-checked, `matches()` on a linear engine, loops metered. */
export class ConditionCompiler {
  readonly #regex: RegexEngine | null
  readonly #environments = new Map<ConditionKind, Environment>()
  /** By kind and text: hundreds of grants say the same of hours and clients. */
  readonly #compiled = new Map<string, CompiledCondition>()
  readonly #meter: LoopMeter

  /** @param regex null where no condition of the policy holds the word `matches` */
  constructor(regex: RegexEngine | null) {
    this.#regex = regex
    this.#meter = new LoopMeter(regex)
  }

  /** Compiles one condition about one kind of thing. Never throws. */
  compile(source: string, kind: ConditionKind): CompiledCondition {
    const key = `${kind} ${source}`
    const compiled = this.#compiled.get(key) ?? this.#compileOrExplain(source, kind)
    this.#compiled.set(key, compiled)
    return compiled
  }

  #compileOrExplain(source: string, kind: ConditionKind): CompiledCondition {
    try {
      return this.#compile(source, kind)
    } catch (error) {
      return { condition: null, fault: explainCelError(error, source, kind) }
    }
  }

  #compile(source: string, kind: ConditionKind): CompiledCondition {
    const environment = this.#environment(kind)
    const written = environment.parse(source)
    const fault = faultInSyntax(written.ast, source, kind, environment) ?? this.#faultInRegex(written.ast)
    if (fault !== null) return { condition: null, fault }
    const rewritten = rewriteMethods(source, written.ast)
    const program = rewritten === source ? written : environment.parse(rewritten)
    const left = notRewritten(program.ast)
    if (left !== null) {
      const message = `this \`${left}\` could not be given the safe engine`
      return { condition: null, fault: { offset: 0, message, hint: 'write it without a comment in between' } }
    }
    const checked = program.check()
    if (!checked.valid) return { condition: null, fault: explainCelError(checked.error, source, kind) }
    if (checked.type !== 'bool' && checked.type !== 'dyn') {
      const message = `a condition must be true or false, and this is of type ${checked.type ?? 'unknown'}`
      return { condition: null, fault: { offset: 0, message, hint: null } }
    }
    meterLoops(program.ast, this.#meter.step)
    const declared = new Set(Object.keys(VARIABLES[kind]))
    const run = (context: ConditionContext): Truth => this.#judge(program, context)
    return {
      condition: conditionOf(source, variablesRead(program.ast, declared), declared, run),
      fault: null,
    }
  }

  #environment(kind: ConditionKind): Environment {
    const made = this.#environments.get(kind) ?? celEnvironment(kind, this.#meter.match)
    this.#environments.set(kind, made)
    return made
  }

  #judge(program: (variables: object) => unknown, context: ConditionContext): Truth {
    const { marks, variables, argumentCharacters } = context
    marks.unknown = false
    marks.inexact = false
    this.#meter.start(argumentCharacters)
    // A condition that reads an argument which is not there ends in an error; nobody sees its stack, which costs most.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    try {
      const value = program(variables)
      // CEL's `||` swallows the error of a number that could not be read; the condition fails all the same.
      if (marks.inexact || this.#meter.exceeded) return 'failed'
      return typeof value === 'boolean' ? (value ? 'yes' : 'no') : 'failed'
    } catch {
      return marks.unknown ? 'unknown' : 'failed'
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  }

  #faultInRegex(tree: unknown): ConditionFault | null {
    for (const { name, operands } of methodCalls(tree)) {
      const [operand] = operands
      const pattern = name === 'matches' ? literalString(operand) : null
      if (pattern === null || !isCelNode(operand)) continue
      try {
        this.#regex?.(pattern)
      } catch {
        const message = 'this regular expression is not valid'
        return {
          offset: operand.start,
          message,
          hint: 'the syntax is that of RE2: no look-around, no back-references',
        }
      }
    }
    return null
  }
}

function conditionOf(
  source: string,
  reads: ReadonlySet<string>,
  declared: Iterable<string>,
  run: (context: ConditionContext) => Truth,
): Condition {
  // What comes out with nothing known comes out always: `false && args.x == 1` is no condition. Only where something is
  // skipped, or nothing read, can that be.
  const mayBeConstant = reads.size === 0 || /&&|\|\||\?/u.test(source)
  const constant = mayBeConstant ? run(emptyContext(declared)) : 'unknown'
  return { source, reads, constant: constant === 'unknown' ? null : constant, judge: run }
}
