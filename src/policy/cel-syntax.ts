/** A node of the CEL library's syntax tree, as far as it is looked at here. */
export interface CelNode {
  readonly op: string
  readonly args: unknown
  readonly start: number
  readonly end: number
  readonly meta: { readonly evaluate?: unknown; readonly alternate?: unknown }
  readonly setMeta: (key: string, value: unknown) => unknown
}

/** Tells a node from the names, literals and lists that stand beside nodes in a tree. */
export function isCelNode(value: unknown): value is CelNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value && 'setMeta' in value
}

/** Walks a tree as it was written: macros by their arguments, not by what they expand to. */
export function nodesOf(value: unknown, found: CelNode[] = []): CelNode[] {
  if (Array.isArray(value)) {
    for (const member of value) nodesOf(member, found)
  } else if (isCelNode(value)) {
    found.push(value)
    nodesOf(value.args, found)
  }
  return found
}

/** A method call, `receiver.name(operands)`. */
export interface MethodCall {
  readonly node: CelNode
  readonly name: string
  readonly receiver: CelNode
  readonly operands: readonly unknown[]
}

/** Finds the method calls in a tree. */
export function methodCalls(tree: unknown): MethodCall[] {
  const calls: MethodCall[] = []
  for (const node of nodesOf(tree)) {
    if (node.op !== 'rcall' || !Array.isArray(node.args)) continue
    const [name, receiver, operands] = node.args as unknown[]
    if (typeof name !== 'string' || !isCelNode(receiver) || !Array.isArray(operands)) continue
    calls.push({ node, name, receiver, operands })
  }
  return calls
}

/** Gives a node's text where it is a literal string, else null. */
export function literalString(node: unknown): string | null {
  return isCelNode(node) && node.op === 'value' && typeof node.args === 'string' ? node.args : null
}

/** Names the variables that an expression reads; `tool.annotations` too, unless only `tool.name` is read. */
export function variablesRead(tree: unknown, declared: ReadonlySet<string>): Set<string> {
  const read = new Set<string>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit)
    if (!isCelNode(value)) return
    if (value.op === 'id' && typeof value.args === 'string') {
      if (declared.has(value.args)) read.add(value.args)
      if (value.args === 'tool') read.add('tool.annotations')
    } else if (isToolName(value)) read.add('tool')
    else visit(value.args)
  }
  visit(tree)
  return read
}

function isToolName({ op, args }: CelNode): boolean {
  if (op !== '.' || !Array.isArray(args)) return false
  const [left, field] = args as unknown[]
  return field === 'name' && isCelNode(left) && left.op === 'id' && left.args === 'tool'
}

/**
 * Calls `spend` before each step of each macro (`all`, `exists`, `map`, …) of a checked tree. The library has no limit
 * on what a loop over an agent's arguments may cost; its steps are nodes whose evaluation can be wrapped.
 */
export function meterLoops(value: unknown, spend: () => void): void {
  if (Array.isArray(value)) {
    for (const member of value) meterLoops(member, spend)
  } else if (isCelNode(value)) {
    const expanded = value.meta.alternate
    if (isCelNode(expanded) && expanded.op === 'comprehension') meterStep(expanded, spend)
    meterLoops(value.args, spend)
  }
}

function meterStep({ args }: CelNode, spend: () => void): void {
  const step = typeof args === 'object' && args !== null && 'step' in args ? args.step : null
  if (!isCelNode(step) || typeof step.meta.evaluate !== 'function')
    throw new Error('a loop cannot be metered')
  const evaluate = step.meta.evaluate
  step.setMeta('evaluate', (...operands: unknown[]): unknown => {
    spend()
    const value: unknown = Reflect.apply(evaluate, step, operands)
    return value
  })
}
