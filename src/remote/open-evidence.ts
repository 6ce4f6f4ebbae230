import { fileURLToPath } from 'node:url'
import { HoopctlError } from '../errors.ts'
import type { HttpClient } from '../http.ts'
import type { AwsSettings } from './aws-settings.ts'
import { evidenceDirectory } from './evidence-directory.ts'
import type { EvidenceKeeping } from './evidence-keeping.ts'
import { evidenceS3 } from './evidence-s3.ts'
import type { EvidenceStore } from './evidence-store.ts'

/** What a place for evidence may need of the world. */
export interface EvidenceOptions {
  readonly http: HttpClient
  readonly aws: AwsSettings
  /** How a bucket is asked to keep what is put there; absent: as it does by default. */
  readonly keeping?: EvidenceKeeping
}

/**
 * Opens a place for evidence, `s3://BUCKET/PREFIX` or `file:///DIRECTORY`; nothing is read or written yet. Throws
 * INPUT_INVALID for URLs that name no such place.
 */
export function openEvidence(url: string, { http, aws, keeping }: EvidenceOptions): EvidenceStore {
  const base = new URL(url.endsWith('/') ? url : `${url}/`)
  if (base.protocol === 's3:') return evidenceS3(base, http, aws, keeping)
  if (base.protocol === 'file:') return evidenceDirectory(fileURLToPath(base))
  const hint = 'write s3://BUCKET/PREFIX, or file:///DIRECTORY'
  throw new HoopctlError('INPUT_INVALID', `\`${base.protocol}//\` is no place that evidence is sent to`, {
    hint,
  })
}
