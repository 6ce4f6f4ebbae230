import { HoopctlError } from '../../errors.ts'
import { endInWords } from '../screens/take-news.ts'
import type { ApproveParts } from './approve-parts.ts'

/** Makes how a run ends that is for one call, where that call is over. */
export function over(
  approval: string,
  { inbox }: ApproveParts,
): { readonly kind: 'failed'; readonly failure: HoopctlError } {
  const ended = inbox.ended(approval)
  const hint = 'if it is asked again, it has another id: hoopctl approve'
  return { kind: 'failed', failure: new HoopctlError('APPROVAL_OVER', endInWords(approval, ended), { hint }) }
}
