import { Validator } from '@cfworker/json-schema'
import { parseJson } from '../json-parse.ts'
import { isMembers } from './message.ts'

/**
 * Says what is wrong with a tool's arguments by its `inputSchema`, or null. The validator interprets the schema, which is
 * the server's: one that makes code of it would run what a server wrote.
 * @param definition the tool's entry as listed, a JSON text; null where nobody has seen it
 */
export function schemaFault(definition: string | null, args: string): string | null {
  if (definition === null) return 'the tool’s definition is not known'
  const entry = parseJson(definition)
  const schema = isMembers(entry) ? entry['inputSchema'] : undefined
  if (!isMembers(schema)) return 'the tool has no schema'
  const { valid, errors } = new Validator({ ...schema }, '2020-12', true).validate(parseJson(args))
  const [first] = errors.slice(-1)
  return valid ? null : `${first?.instanceLocation ?? '#'}: ${first?.error ?? 'it does not fit'}`
}
