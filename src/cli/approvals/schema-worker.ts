import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { Validator } from '@cfworker/json-schema'

/** What the worker is given. Nothing here needs a module of ours: in the bundle they stand beside all that a shim loads. */
export interface SchemaWork {
  readonly kind: 'check a schema'
  readonly schema: object
  readonly args: unknown
}

/** What it says: that it has begun, and then, what it found. */
export type SchemaNews =
  | { readonly kind: 'begun' }
  | { readonly kind: 'found'; readonly valid: boolean; readonly error: string | null }

/** This file, which the worker runs. */
export const SCHEMA_WORKER = new URL(import.meta.url)

function isSchemaWork(data: unknown): data is SchemaWork {
  return typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'check a schema'
}

function say(news: SchemaNews): void {
  parentPort?.postMessage(news)
}

if (!isMainThread && isSchemaWork(workerData)) {
  say({ kind: 'begun' })
  const { valid, errors } = new Validator(workerData.schema, '2020-12', false).validate(workerData.args)
  say({ kind: 'found', valid, error: errors.at(-1)?.error ?? null })
}
