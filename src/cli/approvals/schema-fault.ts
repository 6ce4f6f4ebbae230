import { Worker } from 'node:worker_threads'
import { parseJson } from '../../json-parse.ts'
import { visible } from '../../visible.ts'
import type { SchemaNews, SchemaWork } from './schema-worker.ts'

/** So long, from when the check began, a schema may keep whoever waits for it. */
const CHECK_MS = 1000
const MOST_HEAP_MB = 128

const UNREADABLE = 'the schema of its tool cannot be read'
const TOO_LONG = 'the schema of its tool takes too long to check'

/**
 * Says why a tool does not take these arguments, by its `inputSchema`, or null. The schema is the server's, so it is
 * interpreted, in a thread that is ended when it takes too long: a validator that makes code of it would run what a server
 * wrote, and a pattern such as `^(a+)+$` never ends. One that cannot be read accepts nothing, because the model was told
 * another one than could be checked.
 * @param definitionText the tool's entry as listed, a JSON text; null where nobody has seen it
 */
export async function schemaFault(args: unknown, definitionText: string | null): Promise<string | null> {
  try {
    const definition: unknown = definitionText === null ? null : parseJson(definitionText)
    if (typeof definition !== 'object' || definition === null || !('inputSchema' in definition))
      return 'its tool has no schema to check the arguments by'
    const { inputSchema } = definition
    if (typeof inputSchema !== 'object' || inputSchema === null) return 'the schema of its tool is no object'
    // Loaded here only for where it lies.
    const { SCHEMA_WORKER } = await import('./schema-worker.ts')
    return await checked(SCHEMA_WORKER, { kind: 'check a schema', schema: inputSchema, args })
  } catch {
    return UNREADABLE
  }
}

async function checked(file: URL, work: SchemaWork): Promise<string | null> {
  const ended = Promise.withResolvers<string | null>()
  const worker = new Worker(file, {
    workerData: work,
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
  })
  let limit: NodeJS.Timeout | undefined
  worker.on('message', (news: SchemaNews) => {
    if (news.kind === 'found') return ended.resolve(faultOf(news))
    // From here on: how long a thread takes to start says nothing of the schema.
    limit = setTimeout(() => ended.resolve(TOO_LONG), CHECK_MS)
  })
  worker.on('error', () => ended.resolve(UNREADABLE)).on('exit', () => ended.resolve(UNREADABLE))
  try {
    return await ended.promise
  } finally {
    clearTimeout(limit)
    await worker.terminate()
  }
}

function faultOf({ valid, error }: Extract<SchemaNews, { kind: 'found' }>): string | null {
  return valid ? null : `its tool does not take them: ${visible(error ?? 'no reason given')}`
}
