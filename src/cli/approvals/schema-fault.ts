import { Validator } from '@cfworker/json-schema'
import { parseJson } from '../../json-parse.ts'
import { visible } from '../../visible.ts'

/**
 * Says why a tool does not take these arguments, by its `inputSchema`, or null. The schema is the server's, so it is
 * interpreted: a validator that makes code of it would run what a server wrote. One that cannot be read accepts nothing,
 * because the model was told another one than could be checked.
 * @param definitionText the tool's entry as listed, a JSON text; null where nobody has seen it
 */
export function schemaFault(args: unknown, definitionText: string | null): string | null {
  try {
    const definition: unknown = definitionText === null ? null : parseJson(definitionText)
    if (typeof definition !== 'object' || definition === null || !('inputSchema' in definition))
      return 'its tool has no schema to check the arguments by'
    const { inputSchema } = definition
    if (typeof inputSchema !== 'object' || inputSchema === null) return 'the schema of its tool is no object'
    const { valid, errors } = new Validator(inputSchema, '2020-12', false).validate(args)
    const last = errors.at(-1)
    return valid ? null : `its tool does not take them: ${visible(last?.error ?? 'no reason given')}`
  } catch {
    return 'the schema of its tool cannot be read'
  }
}
