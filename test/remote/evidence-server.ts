import type { ServerResponse } from 'node:http'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import {
  type Answering,
  answerWith,
  type HttpsServer,
  type SeenRequest,
  startHttpsServer,
} from './https-server.ts'

/** A web server with a certificate of its own CA that keeps what is put there, and replaces nothing. */
export interface EvidenceServer extends HttpsServer {
  /** What it keeps, by the path as the server decodes it: the names of files. */
  readonly objects: Map<string, Uint8Array>
  /** Answers so in place of what it would; null: it is honest. */
  lie: Answering | null
  /** Which paths nobody may write. */
  refuses: (path: string) => boolean
}

/** Says whether a token may write and read. */
export type Admits = (token: string) => boolean | Promise<boolean>

/** Starts it, with no folder in it. */
export async function startEvidenceServer(admits: Admits): Promise<EvidenceServer> {
  const objects = new Map<string, Uint8Array>()
  const state: Pick<EvidenceServer, 'lie' | 'refuses'> = { lie: null, refuses: () => false }
  const server = await startHttpsServer((request, response, raw) => {
    void admitted(request, admits).then((isIn) => {
      if (!isIn) return answerWith(401)(request, response, raw)
      if (state.refuses(request.url)) return answerWith(403)(request, response, raw)
      return (state.lie ?? honest(objects))(request, response, raw)
    })
  })
  return Object.assign(state, server, { objects })
}

/** Admits access tokens that a provider signed for an audience. */
export function tokensOf(issuer: string, audience: string): Admits {
  return async (token) => {
    const keys = (await (await fetch(`${issuer}/jwks`)).json()) as JSONWebKeySet
    return jwtVerify(token, createLocalJWKSet(keys), { issuer, audience, typ: 'at+jwt' }).then(
      () => true,
      () => false,
    )
  }
}

async function admitted({ headers }: SeenRequest, admits: Admits): Promise<boolean> {
  const [scheme, token, ...rest] = (headers['authorization'] ?? '').split(' ')
  return scheme === 'Bearer' && token !== undefined && rest.length === 0 && admits(token)
}

function honest(objects: Map<string, Uint8Array>) {
  return ({ method, url, headers, body }: SeenRequest, response: ServerResponse): void => {
    const path = decodeURIComponent(url)
    const there = objects.get(path)
    if (headers['if-match'] !== undefined && there === undefined) return void response.writeHead(412).end()
    if (method === 'GET') {
      if (there === undefined) return void response.writeHead(404).end('nothing here')
      return void response.writeHead(200, { etag: `"${there.length}"` }).end(there)
    }
    if (method !== 'PUT' || headers['if-none-match'] !== '*') return void response.writeHead(405).end()
    if (there !== undefined) return void response.writeHead(412).end()
    objects.set(path, body)
    response.writeHead(201).end()
  }
}
