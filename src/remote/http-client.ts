import { HoopctlError } from '../errors.ts'
import type { HttpAnswer, HttpClient, HttpRequest } from '../http.ts'
import { exchange } from './exchange.ts'
import { isLoopback } from './loopback.ts'
import { type Network, openNetwork } from './network.ts'
import type { NetworkSettings } from './network-settings.ts'
import { isPassing, pauseBefore, WAITING, type Waiting } from './retry.ts'
import { type Failure, failureOf, unreachable } from './unreachable.ts'

/**
 * Makes the client that everything goes through that leaves this machine: certificates are always checked, proxies and
 * CAs are the person's, plain http reaches loopback only, redirects are answers. The limit in time is for a request with
 * all its repetitions. Settings are read with the first request, which throws INPUT_INVALID where they are wrong.
 */
export function createHttpClient(settings: NetworkSettings, waiting: Waiting = WAITING): HttpClient {
  let network: Promise<Network> | null = null
  const opened = async (): Promise<Network> => {
    network ??= openNetwork(settings)
    try {
      return await network
    } catch (error) {
      network = null // a CA file that is mended meanwhile is read again
      throw error
    }
  }
  return async (url, request) => {
    refuseUnsafe(url)
    const { fresh, kept } = await opened()
    const signal = AbortSignal.any([
      AbortSignal.timeout(request.timeoutMs),
      ...(request.signal === undefined ? [] : [request.signal]),
    ])
    // A kept connection may break under a request, and nobody knows whether it was read.
    const dispatcher = request.retries > 0 ? kept : fresh
    return repeated(() => exchange(dispatcher, url, request, signal), { url, request, signal, waiting })
  }
}

interface Course {
  readonly url: URL
  readonly request: HttpRequest
  readonly signal: AbortSignal
  readonly waiting: Waiting
}

async function repeated(attempt: () => Promise<HttpAnswer>, course: Course): Promise<HttpAnswer> {
  const { request, signal, waiting } = course
  const end = performance.now() + request.timeoutMs
  for (let made = 1; ; made += 1) {
    const outcome = await outcomeOf(attempt, course)
    const again = 'error' in outcome ? outcome.again : isPassing(outcome)
    const answer = 'error' in outcome ? null : outcome
    const pause = again && made <= request.retries ? pauseBefore(made, answer, waiting) : null
    // What is known now is worth more than running out of time.
    if (pause === null || performance.now() + pause >= end) {
      if ('error' in outcome) throw outcome.error
      return outcome
    }
    await waiting.pause(pause, signal).catch(() => {
      throw tooLate(course)
    })
  }
}

async function outcomeOf(attempt: () => Promise<HttpAnswer>, course: Course): Promise<HttpAnswer | Failure> {
  try {
    return await Promise.race([attempt(), abortOf(course.signal)])
  } catch (error) {
    if (error instanceof HoopctlError) throw error
    if (course.signal.aborted) throw tooLate(course)
    const failure = failureOf(course.url.host, error)
    if (failure === null) throw error
    return failure
  }
}

// undici heeds the signal once it is connected, and not before.
function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error)
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

function tooLate({ url, request }: Course): HoopctlError {
  if (request.signal?.aborted === true)
    return unreachable(`\`${url.host}\` had not answered when nobody waited any more`, 'try again')
  const message = `\`${url.host}\` did not answer within ${request.timeoutMs / 1000} s`
  return unreachable(message, 'try again; where the way out is a proxy, set HTTPS_PROXY')
}

function refuseUnsafe(url: URL): void {
  if (url.username !== '' || url.password !== '') {
    const hint = 'take the part before `@` out: URLs end up in logs'
    throw new HoopctlError('INPUT_INVALID', `the URL of \`${url.host}\` holds credentials`, { hint })
  }
  if (url.protocol === 'https:') return
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return
  const what = url.protocol === 'http:' ? 'http without TLS' : `\`${url.protocol}\``
  throw new HoopctlError('INPUT_INVALID', `\`${url.host}\` may not be asked over ${what}`, {
    hint: 'use https; plain http goes to this machine only (localhost)',
  })
}
