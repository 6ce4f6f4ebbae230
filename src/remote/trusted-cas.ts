import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as tls from 'node:tls'
import { HoopctlError } from '../errors.ts'
import type { NetworkSettings } from './network-settings.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/gu

/**
 * Gathers whom connections trust: the CAs of Node.js, of the operating system and of the person's file. Throws
 * INPUT_INVALID where the file cannot be read, or holds no certificate: it was named because something needs it.
 */
export function trustedCas(settings: NetworkSettings): string[] {
  const fromFile = settings.caFile === null ? [] : readCas(settings.caFile)
  // The system tells each several times, and OpenSSL reads each: 57 ms, and 20 with each once.
  return [...new Set([...tls.rootCertificates, ...(settings.systemCas ? systemCas() : []), ...fromFile])]
}

// Node.js 22.15 and 24 can; before them the CA file is the way.
function systemCas(): string[] {
  const get: unknown = Reflect.get(tls, 'getCACertificates')
  return typeof get === 'function' ? tls.getCACertificates('system') : []
}

function readCas(path: string): string[] {
  try {
    const found = readFileSync(path, 'latin1').match(CERTIFICATE) ?? []
    // OpenSSL stops in silence at the first one that it cannot read.
    for (const certificate of found) void new X509Certificate(certificate)
    if (found.length > 0) return found
  } catch (error) {
    throw badFile(`the CA file \`${path}\` cannot be read`, error)
  }
  throw badFile(`the CA file \`${path}\` holds no certificate`, undefined)
}

function badFile(message: string, cause: unknown): HoopctlError {
  const hint = 'set NODE_EXTRA_CA_CERTS to a PEM file with the certificates of your CA'
  return new HoopctlError('INPUT_INVALID', message, { hint, cause })
}
