/** As much of oidc-provider as our provider for tests uses: the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export interface GrantContext {
    readonly oidc: {
      readonly client?: { readonly clientId: string; grantTypeAllowed(type: string): boolean }
      readonly params?: Readonly<Record<string, unknown>>
    }
  }

  export const errors: { readonly InvalidTarget: new (description?: string) => Error }

  export default class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>)
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    on(
      event: 'grant.success' | 'grant.error' | 'grant.revoked',
      listener: (context: GrantContext) => void,
    ): this
    on(event: 'server_error', listener: (context: GrantContext, error: Error) => void): this
  }
}
