import * as v from 'valibot'
import type { Problem } from './problem.ts'
import { checkShape } from './shape-fault.ts'
import { decodeSource, type SourceText } from './source-text.ts'
import { parseYaml } from './yaml.ts'
import { plainValue, type YamlNode } from './yaml-node.ts'

// A library's stock message quotes what stands there, and a proxy's URL may hold a password: each has words of ours.
const NO_TEXT = 'this must be text'
const text = v.pipe(
  v.string(NO_TEXT),
  v.minLength(1, 'this must not be empty'),
  v.maxLength(4096, 'this is too long'),
)
const mapping = 'this must be a mapping'
const absolute = v.pipe(text, v.regex(/^\//u, 'this must be an absolute path'))

const policy = v.strictObject(
  {
    url: text,
    trust: v.pipe(
      v.string('this must be text: put the digest in quotes'),
      v.regex(/^[0-9a-f]{64}$/u, 'the digest of a trust document is 64 digits and letters from `a` to `f`'),
    ),
    region: v.optional(text),
    role: v.optional(text),
    endpoint: v.optional(text),
  },
  mapping,
)

const named = { issuer: text, clientId: text }

const ConfigFile = v.strictObject(
  {
    policy: v.optional(policy),
    network: v.optional(
      v.strictObject(
        {
          proxy: v.optional(text),
          noProxy: v.optional(text),
          caFile: v.optional(absolute),
          systemCas: v.optional(v.boolean('this must be `true` or `false`')),
        },
        mapping,
      ),
    ),
    tokens: v.optional(v.record(v.string(), v.unknown(), mapping)),
    signIn: v.optional(
      v.strictObject({ ...named, earlier: v.optional(v.array(v.strictObject(named, mapping))) }, mapping),
    ),
    workload: v.optional(
      v.strictObject(
        {
          file: v.optional(absolute),
          issuer: v.optional(text),
          clientId: v.optional(text),
          keyFile: v.optional(absolute),
          secretFile: v.optional(absolute),
          parameters: v.optional(v.record(v.string(), text, mapping)),
        },
        mapping,
      ),
    ),
  },
  mapping,
)

const ManagedFile = v.strictObject(
  {
    policy,
    identity: v.optional(v.strictObject({ issuer: text, clientId: v.optional(text) }, mapping)),
    home: v.optional(
      v.pipe(text, v.regex(/^(?:\/|~\/)[^\0]*$/u, 'this must be an absolute path, or begin with `~/`')),
    ),
  },
  mapping,
)

/** The person's own settings, as they stand in `config.yaml`. */
export type ConfigInFile = v.InferOutput<typeof ConfigFile>

/** What an administrator fixes for a machine, as it stands in `managed.yaml`. */
export type ManagedInFile = v.InferOutput<typeof ManagedFile>

/** What came of a file of settings: null where anything is wrong with it. */
export interface ReadSettings<T> {
  readonly settings: T | null
  readonly problems: readonly Problem[]
}

/** Reads `config.yaml`, as strictly as a policy. A file without anything but comments is no settings. */
export function readConfigFile(bytes: Uint8Array, path: string): ReadSettings<ConfigInFile> {
  const { source, problem } = decodeSource(bytes, path)
  if (problem === null && isBlank(source)) return { settings: {}, problems: [] }
  return read(ConfigFile, bytes, path)
}

/** Reads `managed.yaml`, as strictly as a policy. */
export function readManagedFile(bytes: Uint8Array, path: string): ReadSettings<ManagedInFile> {
  return read(ManagedFile, bytes, path)
}

function read<const T extends v.GenericSchema>(
  schema: T,
  bytes: Uint8Array,
  path: string,
): ReadSettings<v.InferOutput<T>> {
  const { source, problem } = decodeSource(bytes, path)
  if (problem !== null) return { settings: null, problems: [problem] }
  const { root, problems } = parseYaml(source)
  if (root === null) return { settings: null, problems }
  const misfit = noMapping(root, source)
  if (misfit !== null) return { settings: null, problems: [misfit] }
  const shape = checkShape(schema, root, plainValue(root), source)
  return { settings: shape.output, problems: shape.problems }
}

function noMapping(root: YamlNode, source: SourceText): Problem | null {
  return root.kind === 'map' ? null : source.problem(root.offset, mapping)
}

function isBlank({ text }: SourceText): boolean {
  return text.split(/\r\n|\n|\r/u).every((line) => /^\s*(?:#.*)?$/u.test(line))
}
