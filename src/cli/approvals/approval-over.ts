import { HoopctlError } from '../../errors.ts'
import { endInWords } from '../screens/take-news.ts'
import type { Ended } from './inbox.ts'

/** Makes the error of a run for one call, where that call is over. @param ended how; null: it is not there any more */
export function approvalOver(approval: string, ended: Ended | null): HoopctlError {
  const hint = 'if it is asked again, it has another id: hoopctl approve'
  return new HoopctlError('APPROVAL_OVER', endInWords(approval, ended), { hint })
}
