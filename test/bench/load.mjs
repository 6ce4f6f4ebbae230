import { countLines } from './lines.mjs'
import { request, requestTemplate } from './payload.mjs'

const LF = 10

/**
 * Makes one call for a result of `resultBytes`, looks into its answer, and returns what the loads below need: the
 * request and the answer's length, by which an answer of another kind is noticed without parsing them all.
 */
export async function tryCall(client, resultBytes, authorization) {
  const template = requestTemplate(resultBytes, authorization)
  const line = await client.exchange(request(template, client.takeIds(1)))
  return { template, answerBytes: line.length }
}

/** Makes `count` calls, each after the answer to the one before; returns the microseconds that each took. */
export async function oneByOne(client, { template, answerBytes }, count) {
  const firstId = client.takeIds(count)
  const took = new Float64Array(count)
  let index = 0
  let sentAt = 0
  const send = () => {
    const call = request(template, firstId + index)
    sentAt = performance.now()
    client.write(call)
  }
  const answered = client.receive(count * answerBytes, (chunk) => {
    if (chunk[chunk.length - 1] !== LF) return
    took[index] = (performance.now() - sentAt) * 1000
    index += 1
    if (index < count) send()
  })
  send()
  await answered
  return took.sort()
}

/**
 * Makes `count` calls of which `inFlight` are open at any time, each in a write of its own, as clients do that wait for
 * each answer separately. Returns the seconds until the last answer.
 */
export async function flood(client, { template, answerBytes }, count, inFlight) {
  const firstId = client.takeIds(count)
  let sent = 0
  const send = (wanted) => {
    for (const until = Math.min(sent + wanted, count); sent < until; sent += 1) {
      client.write(request(template, firstId + sent))
    }
  }
  const startedAt = performance.now()
  const answered = client.receive(count * answerBytes, (chunk) => send(countLines(chunk)))
  send(inFlight)
  await answered
  return (performance.now() - startedAt) / 1000
}
