import * as v from 'valibot'

// The words that the schema of a policy file is made of.

/** Adds the description that editors show. */
export const described = <const T extends v.GenericSchema>(schema: T, text: string) =>
  v.pipe(schema, v.description(text))

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/u
/** Is a name that rules and grants are cited by. */
export const name = v.pipe(
  v.string(),
  v.regex(NAME, 'a name is up to 64 letters, digits, `-` and `_`, and begins with one of the first two'),
)
const DOTTED_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/u
/** Is a name of a server or a policy. */
export const dottedName = v.pipe(
  v.string(),
  v.regex(
    DOTTED_NAME,
    'a name is up to 64 letters, digits, `.`, `-` and `_`, and begins with one of the first two',
  ),
)
/** Is a time such as `30s`. */
export const time = v.pipe(
  v.string(),
  v.regex(/^[1-9][0-9]{0,8}[smhd]$/u, 'a time is written like `30s`, `5m`, `4h`, `90d`'),
)
/** Is a size such as `64KiB`. */
export const size = v.pipe(
  v.string(),
  v.regex(/^[1-9][0-9]{0,8}(?:KiB|MiB|GiB)$/u, 'a size is written like `64KiB`, `64MiB`, `1GiB`'),
)
/** Is a whole number from 1 on. */
export const count = v.pipe(
  v.number(),
  v.integer('this must be a whole number'),
  v.minValue(1, 'this must be at least 1'),
  v.maxValue(1_000_000_000, 'this must be at most 1000000000'),
)
/** Is some text. */
export const text = v.pipe(
  v.string(),
  v.minLength(1, 'this must not be empty'),
  v.maxLength(2048, 'this is longer than 2048 characters'),
)
/** Is an absolute path. */
export const path = v.pipe(v.string(), v.regex(/^\//u, 'this must be an absolute path'))
/** Is the name of an environment variable. */
export const variable = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, 'this is no name of an environment variable'),
)

const pattern = v.pipe(
  v.string(),
  v.minLength(1, 'a pattern must not be empty'),
  v.maxLength(1024, 'a pattern is at most 1024 characters'),
)
/** Is one, or a list of at least one. */
export const oneOrMore = <const T extends v.GenericSchema>(schema: T) =>
  v.union([schema, v.pipe(v.array(schema), v.minLength(1, 'this list is empty, so it matches nothing'))])

/** Is one pattern or a list of them. */
export const patterns = oneOrMore(pattern)
/** Is a condition in CEL. */
export const condition = described(
  v.pipe(v.string(), v.maxLength(8192, 'a condition is at most 8192 characters')),
  'A CEL condition, checked when the policy is loaded. Write `when: |` and the condition on the next line where YAML would take it apart.',
)
