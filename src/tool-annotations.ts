import type { ToolAnnotations } from './decision.ts'

/**
 * Reads the annotations of a tool's definition. Defaults as in every revision of the protocol: an unhinted tool writes,
 * destroys and reaches out.
 */
export function annotationsOf(definition: unknown): ToolAnnotations {
  const hints = memberOf(definition, 'annotations')
  const hint = (name: string, absent: boolean) => {
    const value = memberOf(hints, name)
    return typeof value === 'boolean' ? value : absent
  }
  const title = memberOf(hints, 'title')
  return {
    title: typeof title === 'string' ? title : '',
    readOnlyHint: hint('readOnlyHint', false),
    destructiveHint: hint('destructiveHint', true),
    idempotentHint: hint('idempotentHint', false),
    openWorldHint: hint('openWorldHint', true),
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}
