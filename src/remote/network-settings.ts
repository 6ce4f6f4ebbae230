import { HoopctlError } from '../errors.ts'

/** How this person's network wants to be used. What `login` and `policy add` ran with is saved for `wrap`. */
export interface NetworkSettings {
  /** The URL of the proxy that https goes through. May hold a password. */
  readonly proxy: string | null
  /** Hosts that the proxy is not asked for, as in NO_PROXY. */
  readonly noProxy: string | null
  /** A PEM file of further CAs, as in NODE_EXTRA_CA_CERTS. */
  readonly caFile: string | null
  /** Whether the operating system's CAs count beside those that Node.js brings, where this Node.js can read them. */
  readonly systemCas: boolean
}

/**
 * Reads HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS, and falls back to what was saved: MCP clients pass on almost
 * nothing of a person's environment. A variable that is set and empty says "none". Throws INPUT_INVALID where the
 * environment switches certificate checks off.
 */
export function networkSettings(
  env: Readonly<Record<string, string | undefined>>,
  saved: NetworkSettings | null,
): NetworkSettings {
  refuseBlindTls(env)
  const proxy = env['HTTPS_PROXY'] ?? env['https_proxy']
  const noProxy = env['NO_PROXY'] ?? env['no_proxy']
  const caFile = env['NODE_EXTRA_CA_CERTS']
  return {
    proxy: orNone(proxy ?? saved?.proxy),
    // Exceptions belong to their proxy: saved ones say nothing about another.
    noProxy: orNone(noProxy ?? (proxy === undefined ? saved?.noProxy : null)),
    caFile: orNone(caFile ?? saved?.caFile),
    systemCas: saved?.systemCas ?? true,
  }
}

// Connections of ours check certificates whatever this variable says. But whoever set it expects that they do not, and
// libraries with connections of their own would obey it: anybody on the network could speak for the policy's source.
function refuseBlindTls(env: Readonly<Record<string, string | undefined>>): void {
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0') return
  const message = 'NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody on the network pass for any host'
  throw new HoopctlError('INPUT_INVALID', message, {
    hint: 'unset it, and name the CA that is missing: NODE_EXTRA_CA_CERTS=FILE',
  })
}

function orNone(value: string | null | undefined): string | null {
  return value === undefined || value === null || value.trim() === '' ? null : value.trim()
}
