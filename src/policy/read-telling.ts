import { type ParsedText, takeTree } from './parsed-payload.ts'
import type { Server } from './policy.ts'
import { parseHead } from './policy-head.ts'
import { readSections } from './read-sections.ts'
import type { SourceText } from './source-text.ts'
import { parseYaml } from './yaml.ts'
import type { YamlNode } from './yaml-node.ts'

type Servers = ReadonlyMap<string, Server>

/**
 * Is told the servers as soon as they and the policy's metadata are known to be sound, before the rules are read or compiled:
 * starting a server and compiling hundreds of conditions take about as long, and can be done side by side. The policy
 * may still be refused. Told again where all of the text says otherwise than its head: what was told before is void.
 */
export type Early = (servers: Servers) => Promise<void> | void

/** How a policy is read. */
export interface Reading {
  readonly now: Date | null
  readonly signed: boolean
  readonly early: Early | undefined
}

/**
 * Reads the sections of a policy, and tells of its servers as soon as they are known; twice where the head of the text says
 * others than all of it.
 */
export async function readTelling(
  bytes: Uint8Array,
  source: SourceText,
  { early, ...options }: Reading,
): Promise<ReturnType<typeof readSections>> {
  const known = takeTree(bytes)
  const forecast = early === undefined ? null : await tellForecast(known ?? parseHead(source), options, early)
  const { root, problems } = known?.isWhole === true ? { ...known, problems: [] } : parseYaml(source)
  if (root === null) return { problems }
  if (isSignedFile(root)) return { problems: [source.problem(0, SIGNED, SIGNED_HINT)] }
  const sections = readSections({ root, source }, options)
  if ('problems' in sections) return sections
  if (isSame(forecast, sections.servers)) return { ...sections, servers: forecast }
  // Nothing is started for a policy that time has already ended.
  if (!sections.list.hasErrors) await early?.(sections.servers)
  return sections
}

// Whatever goes wrong with a forecast says nothing: all of the text is read next.
async function tellForecast(
  head: ParsedText | null,
  options: Parameters<typeof readSections>[1],
  early: Early,
): Promise<Servers | null> {
  if (head === null || head.isWhole) return null
  const sections = readSections(head, options)
  if ('problems' in sections || sections.list.hasErrors) return null
  try {
    await early(sections.servers)
    return sections.servers
  } catch {
    return null
  }
}

function isSame(forecast: Servers | null, servers: Servers): forecast is Servers {
  return forecast !== null && JSON.stringify([...forecast]) === JSON.stringify([...servers])
}

const SIGNED = 'this is a signed policy, and a policy file is wanted here'
const SIGNED_HINT = 'look at it with `hoopctl policy verify`, or use it with `hoopctl policy add`'

function isSignedFile(root: YamlNode): boolean {
  return root.kind === 'map' && root.entries.has('payload') && root.entries.has('signatures')
}
