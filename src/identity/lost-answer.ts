import type { HttpClient } from '../http.ts'

/** An HTTP client that notes whether it sent something of which nobody knows what became. */
export interface NotingHttp {
  readonly http: HttpClient
  /** Was a form sent, and no answer to it came, or none from the provider itself? */
  readonly isLost: () => boolean
}

// A gateway says these in place of whoever it had passed the request on to.
const OF_A_GATEWAY = new Set([502, 504])

/** Notes it for one exchange with a provider. What never left, because nobody was there, is not lost. */
export function noteLost(http: HttpClient): NotingHttp {
  let lost = false
  return {
    isLost: () => lost,
    http: async (url, request) => {
      if (request.method !== 'POST') return http(url, request)
      const answer = await http(url, {
        ...request,
        onSent: () => {
          lost = true
        },
      })
      lost = OF_A_GATEWAY.has(answer.status)
      return answer
    },
  }
}
