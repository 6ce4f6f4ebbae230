import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What an STS of ours was asked, and what it answers: AWS's form of answer, real enough for the AWS SDK. */
export interface PlayedSts extends AsyncDisposable {
  readonly endpoint: URL
  readonly asked: URLSearchParams[]
  answer: { readonly status: number; readonly body: string }
}

/** AWS's answer to AssumeRoleWithWebIdentity. */
export const GIVEN =
  '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>' +
  '<Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s3cret</SecretAccessKey>' +
  '<SessionToken>t0ken</SessionToken><Expiration>2026-11-21T16:00:00Z</Expiration></Credentials>' +
  '</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>'

/** Starts an STS that answers each request the same. */
export async function startSts(): Promise<PlayedSts> {
  const asked: URLSearchParams[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      asked.push(new URLSearchParams(body))
      response.writeHead(sts.answer.status, { 'content-type': 'text/xml' }).end(sts.answer.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // an IP server's address is never a path
  const sts: PlayedSts = {
    endpoint: new URL(`http://127.0.0.1:${port}/`),
    asked,
    answer: { status: 200, body: GIVEN },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return sts
}
