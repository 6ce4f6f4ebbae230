import { createHash, createHmac } from 'node:crypto'
import type { Radosgw, RadosgwUser } from './radosgw.ts'

/**
 * Calls an action of the store's IAM (its query protocol, signed with version 4): the AWS SDK for that is no package of ours.
 * @returns the text of the answer
 */
export async function callIam(
  { endpoint, region }: Pick<Radosgw, 'endpoint' | 'region'>,
  user: RadosgwUser,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const { host } = new URL(endpoint)
  const body = new URLSearchParams({ Version: '2010-05-08', ...parameters }).toString()
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  const scope = `${stamp.slice(0, 8)}/${region}/iam/aws4_request`
  const names = 'content-type;host;x-amz-date'
  const type = 'application/x-www-form-urlencoded'
  const canonical = ['POST', '/', '', `content-type:${type}`, `host:${host}`, `x-amz-date:${stamp}`]
    .concat(['', names, sha256(body)])
    .join('\n')
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n')
  const key = scope
    .split('/')
    .reduce((secret: string | Buffer, part) => hmac(secret, part), `AWS4${user.secretAccessKey}`)
  const signature = hmac(key, toSign).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${user.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`
  const headers = { authorization, 'content-type': type, 'x-amz-date': stamp }
  const answer = await fetch(endpoint, { method: 'POST', headers, body })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${parameters['Action']}: ${answer.status} ${text}`)
  return text
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
