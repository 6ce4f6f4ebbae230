// @ts-check
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { claimsOf } from './people.mjs'

/**
 * @typedef {object} RunningProvider
 * @property {string} issuer
 * @property {() => Promise<void>} close
 */

/**
 * Starts the company's OpenID provider: a real one (oidc-provider), on loopback, in this process.
 * @returns {Promise<RunningProvider>}
 */
export async function startProvider() {
  /** @type {import('node:http').RequestListener} */
  let answer = () => undefined
  const server = createServer((request, response) => answer(request, response))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = server.address()
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const speakAgain = silenceConsole()
  const { default: Provider } = await import('oidc-provider')
  answer = new Provider(issuer, configuration()).callback()
  const close = async () => {
    server.close()
    server.closeAllConnections()
    speakAgain()
  }
  return { issuer, close }
}

// As long as it lives, the provider warns of what would be wrong in a company: pages that take any password, a memory that
// ends with the process, texts of its own.
function silenceConsole() {
  const { warn, info } = console
  console.warn = console.info = () => undefined
  return () => Object.assign(console, { warn, info })
}

const CLIENT = {
  token_endpoint_auth_method: 'none',
  application_type: 'native',
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/callback'], // with any port, since it is a native application's (RFC 8252)
}
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'

function configuration() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    clients: [
      { ...CLIENT, client_id: 'hoopctl', grant_types: [DEVICE, 'authorization_code', 'refresh_token'] },
      {
        ...CLIENT,
        client_id: 'hoopctl-approve',
        grant_types: ['authorization_code'],
        require_auth_time: true,
      },
    ],
    features: {
      devInteractions: { enabled: true },
      deviceFlow: { enabled: true },
      revocation: { enabled: true },
    },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomUUID()] },
    scopes: ['openid', 'email', 'groups', 'offline_access'],
    claims: { email: ['email', 'email_verified'], groups: ['groups'] },
    conformIdTokenClaims: false, // claims of scopes go into the ID token, as most providers do it
    findAccount: (/** @type {unknown} */ _context, /** @type {string} */ sub) => ({
      accountId: sub,
      claims: () => claimsOf(sub),
    }),
    issueRefreshToken: (
      /** @type {unknown} */ _context,
      /** @type {{ grantTypeAllowed(type: string): boolean }} */ client,
    ) => client.grantTypeAllowed('refresh_token'),
    pkce: { required: () => true },
    ttl: { AccessToken: 600, AuthorizationCode: 60, DeviceCode: 600, IdToken: 3600, Interaction: 600 },
  }
}
