import { accessSync, constants } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'

/** A user of the store, with the keys that sign for it. */
export interface RadosgwUser {
  readonly arn: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A real S3, STS and IAM server with nothing in it. Stopped and removed at the end. */
export interface Radosgw extends AsyncDisposable {
  /** S3, STS and IAM all answer here: `http://127.0.0.1:PORT`. */
  readonly endpoint: string
  /** The same over https; null where no certificate was given. */
  readonly tlsEndpoint: string | null
  readonly region: string
  /** May make buckets, roles, OpenID providers. */
  readonly admin: RadosgwUser
  /** May nothing; the caller of AssumeRole. */
  readonly plain: RadosgwUser
  /** Reads the server's log: requests, and why it refused some. */
  readonly log: () => Promise<string>
}

/** How a store differs from the usual one. */
export interface RadosgwOptions {
  /** The shortest session that STS gives, in seconds; absent: 900, as at AWS. */
  readonly minSessionSeconds?: number
  /** Files with a certificate and its key: the store speaks https as well. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
}

const SCRIPT = join(import.meta.dirname, 'radosgw.sh')
const PROGRAMS = ['ceph', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin']

/** Says why there can be no store on this machine; null: there can. For `describe.skipIf`, and for its title. */
export function whyNoRadosgw(): string | null {
  if (PROGRAMS.every((program) => isOnPath(program))) return null
  // The script installs them itself, where it may.
  if (isOnPath('apt-get') && process.getuid?.() === 0) return null
  return 'no radosgw on this machine, and it cannot be installed from here (Debian packages, by root)'
}

/** Starts a store of its own for one test file: about a second, and some more where it must be installed first. */
export async function startRadosgw(options: RadosgwOptions = {}): Promise<Radosgw> {
  const directory = await mkdtemp(join(tmpdir(), 'hoopctl-radosgw-'))
  const stop = async (): Promise<void> => {
    await execa('bash', [SCRIPT, 'stop', directory])
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const { stdout } = await execa('bash', [SCRIPT, 'start', directory], { env: environment(options) })
    return store(settingsOf(stdout), stop)
  } catch (error) {
    await stop()
    throw error
  }
}

function store(settings: ReadonlyMap<string, string>, stop: () => Promise<void>): Radosgw {
  const get = (name: string): string => {
    const value = settings.get(name)
    if (value === undefined) throw new Error(`radosgw.sh did not say ${name}`)
    return value
  }
  const user = (name: string): RadosgwUser => ({
    arn: get(`RGW_${name}_ARN`),
    accessKeyId: get(`RGW_${name}_ACCESS_KEY_ID`),
    secretAccessKey: get(`RGW_${name}_SECRET_ACCESS_KEY`),
  })
  return {
    endpoint: get('RGW_ENDPOINT'),
    tlsEndpoint: settings.get('RGW_TLS_ENDPOINT') ?? null,
    region: get('RGW_REGION'),
    admin: user('ADMIN'),
    plain: user('PLAIN'),
    log: () => readFile(get('RGW_LOG'), 'utf8'),
    [Symbol.asyncDispose]: stop,
  }
}

function settingsOf(lines: string): Map<string, string> {
  return new Map(
    lines.split('\n').flatMap((line) => {
      const [, name, value] = /^(\w+)=(.*)$/u.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, value] as const]
    }),
  )
}

function environment({ minSessionSeconds, tls }: RadosgwOptions): Record<string, string> {
  return {
    ...(minSessionSeconds === undefined ? {} : { RGW_STS_MIN_SECONDS: String(minSessionSeconds) }),
    ...(tls === undefined ? {} : { RGW_TLS_CERT: tls.certFile, RGW_TLS_KEY: tls.keyFile }),
  }
}

function isOnPath(program: string): boolean {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return directories.some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
