import type { Environment } from '@marcbachmann/cel-js/evaluator'
import { type ConditionKind, fieldsOf, VARIABLES } from './cel-environment.ts'
import { type ConditionFault, unknownField } from './cel-fault.ts'
import { type CelNode, isCelNode, literalString, methodCalls, nodesOf } from './cel-syntax.ts'

/** Finds what the library's type check lets through and would only fail, or mislead, when a call comes. */
export function faultInSyntax(
  tree: unknown,
  source: string,
  kind: ConditionKind,
  environment: Environment,
): ConditionFault | null {
  for (const node of nodesOf(tree)) {
    const fault =
      faultInHas(node, source, kind) ?? faultInMap(node) ?? faultInLiteralCall(node, source, environment)
    if (fault !== null) return fault
  }
  for (const call of methodCalls(tree)) {
    if (call.name === 'json') {
      const message = '`json()` is not available: it rounds numbers'
      return { offset: call.node.start, message, hint: null }
    }
    const zone = /^get[A-Z]/u.test(call.name) ? literalString(call.operands[0]) : null
    if (zone !== null && !isTimeZone(zone)) {
      const offset = isCelNode(call.operands[0]) ? call.operands[0].start : call.node.start
      return {
        offset,
        message: `unknown time zone \`${zone}\``,
        hint: 'write a name such as `Europe/Berlin`',
      }
    }
  }
  return null
}

// `has(tool.nme)` is simply false to the library, for ever.
function faultInHas(node: CelNode, source: string, kind: ConditionKind): ConditionFault | null {
  if (node.op !== 'call' || !Array.isArray(node.args) || node.args[0] !== 'has') return null
  const path: { readonly name: string; readonly end: number }[] = []
  let at: unknown = Array.isArray(node.args[1]) ? node.args[1][0] : null
  while (isCelNode(at) && at.op === '.' && Array.isArray(at.args)) {
    path.unshift({ name: String(at.args[1]), end: at.end })
    at = at.args[0]
  }
  if (!isCelNode(at) || at.op !== 'id' || typeof at.args !== 'string' || !(at.args in VARIABLES[kind]))
    return null
  const names = [at.args]
  for (const { name, end } of path) {
    const fields = fieldsOf(kind, names)
    if (fields.length === 0) return null
    if (!fields.includes(name)) return unknownField(name, end - name.length, source, kind)
    names.push(name)
  }
  return null
}

// The library leaves these keys out of a map, and a map with a key left out compares equal to the wrong thing.
function faultInMap(node: CelNode): ConditionFault | null {
  if (node.op !== 'map' || !Array.isArray(node.args)) return null
  for (const entry of node.args as unknown[]) {
    const key: unknown = Array.isArray(entry) ? entry[0] : null
    const text = literalString(key)
    if (text !== null && !['__proto__', 'constructor', 'prototype'].includes(text)) continue
    const offset = isCelNode(key) ? key.start : node.start
    if (isCelNode(key) && key.op === 'value' && text === null) continue
    return {
      offset,
      message: 'a key of a map must be written out, and none of `constructor`, `prototype`, `__proto__`',
      hint: null,
    }
  }
  return null
}

// `timestamp("2026")` fails whenever it is evaluated: say so now.
function faultInLiteralCall(node: CelNode, source: string, environment: Environment): ConditionFault | null {
  if (node.op !== 'call' || !Array.isArray(node.args)) return null
  const [name, operands] = node.args as unknown[]
  if (name !== 'timestamp' && name !== 'duration') return null
  if (!Array.isArray(operands) || literalString(operands[0]) === null) return null
  try {
    environment.evaluate(source.slice(node.start, node.end))
    return null
  } catch {
    const hint =
      name === 'timestamp' ? 'write it like `2026-12-20T00:00:00Z`' : 'write it like `90s` or `1h30m`'
    return { offset: node.start, message: `this is no ${name}`, hint }
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
