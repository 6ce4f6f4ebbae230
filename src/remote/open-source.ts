import type { HttpClient } from '../http.ts'
import type { AwsSettings } from './aws-settings.ts'
import { fileSource } from './file-source.ts'
import { httpsSource } from './https-source.ts'
import type { ObjectSource } from './object-source.ts'
import { badUrl, pathOf } from './policy-place.ts'
import { s3Source } from './s3-source.ts'

/** What a source may need of the world. */
export interface SourceOptions {
  readonly http: HttpClient
  readonly aws: AwsSettings
}

/** Opens the place that a base URL (which ends in `/`) names. Throws INPUT_INVALID for schemes that there are not. */
export function openSource(base: URL, { http, aws }: SourceOptions): ObjectSource {
  switch (base.protocol) {
    case 'https:':
    case 'http:': // the client lets it reach loopback only
      return httpsSource(base, http)
    case 's3:':
      return s3Source(base, http, aws)
    case 'file:':
      return fileSource(pathOf(base))
    default:
      throw badUrl(`\`${base.protocol}//\` is no place that policies come from`)
  }
}
