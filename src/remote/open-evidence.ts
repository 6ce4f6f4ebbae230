import { fileURLToPath } from 'node:url'
import { HoopctlError } from '../errors.ts'
import type { HttpClient } from '../http.ts'
import type { AwsSettings } from './aws-settings.ts'
import { evidenceDirectory } from './evidence-directory.ts'
import { type BearerToken, evidenceHttps } from './evidence-https.ts'
import type { EvidenceKeeping } from './evidence-keeping.ts'
import { evidenceS3 } from './evidence-s3.ts'
import type { EvidenceStore } from './evidence-store.ts'

/** What a place for evidence may need of the world. */
export interface EvidenceOptions {
  readonly http: HttpClient
  readonly aws: AwsSettings
  /** Of a web server; absent: nothing is sent to any. */
  readonly bearer?: BearerToken | undefined
  /** How a bucket is asked to keep what is put there; absent: as it does by default. */
  readonly keeping?: EvidenceKeeping
}

/**
 * Opens a place for evidence, `s3://BUCKET/PREFIX`, `https://HOST/PATH` or `file:///DIRECTORY`; nothing is read or written
 * yet. Throws INPUT_INVALID for URLs that name no such place.
 */
export function openEvidence(url: string, options: EvidenceOptions): EvidenceStore {
  const { http, aws, bearer, keeping } = options
  const base = new URL(url.endsWith('/') ? url : `${url}/`)
  if (base.protocol === 's3:') return evidenceS3(base, http, aws, keeping)
  if (base.protocol === 'file:') return evidenceDirectory(fileURLToPath(base))
  // The client lets http reach loopback only.
  if (base.protocol === 'https:' || base.protocol === 'http:') {
    if (bearer === undefined) throw noToken(base)
    return evidenceHttps(base, http, bearer)
  }
  const hint = 'write s3://BUCKET/PREFIX, https://HOST/PATH, or file:///DIRECTORY'
  throw new HoopctlError('INPUT_INVALID', `\`${base.protocol}//\` is no place that evidence is sent to`, {
    hint,
  })
}

function noToken({ host }: URL): HoopctlError {
  const hint = 'name it in `audit.upload.to` of a signed policy, with `audience`'
  return new HoopctlError('INPUT_INVALID', `there is no access token for \`${host}\``, { hint })
}
