import * as v from 'valibot'
import { described, text } from './schema-words.ts'

const someone = <const T extends v.GenericSchema>(schema: T) =>
  v.pipe(v.array(schema), v.minLength(1, 'this list is empty, so it matches nobody'))

const who = v.union(
  [
    v.literal('everyone'),
    v.strictObject({
      groups: v.optional(described(someone(text), 'Members of any of these groups.')),
      emails: v.optional(described(someone(text), 'Whoever has proven one of these email addresses.')),
    }),
  ],
  'this names nobody: write `everyone`, or a mapping of `groups`, `emails` or both',
)

/** Makes the shape of whom something is for, with the description that editors show. */
export const whoIs = (description: string) => described(who, description)

export type WhoInFile = v.InferOutput<typeof who>
