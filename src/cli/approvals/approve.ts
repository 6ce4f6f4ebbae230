import { readApprovalId } from '../../approval-id.ts'
import { type ErrorCode, HoopctlError } from '../../errors.ts'
import { didYouMean } from '../../policy/near-miss.ts'
import { quoted } from '../../quoted.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import type { Only } from '../screens/state.ts'
import type { ApproveParts, Outcome } from './approve-parts.ts'
import { examine } from './examine.ts'
import { approvalOver } from './approval-over.ts'
import { isAskedTwice, SAME_ID } from './same-id.ts'

/**
 * Shows what waits for an answer, and takes answers; with an id, until that one call is answered. Throws NO_TERMINAL,
 * UNKNOWN_APPROVAL, APPROVAL_OVER, APPROVAL_ALTERED and NOT_APPROVER, and CANCELLED where Control-C or a signal ended it.
 */
export async function approve(
  id: string | undefined,
  open: () => Promise<ApproveParts>,
  context: Context,
): Promise<void> {
  if (context.stdin.isTTY !== true || context.stdout.isTTY !== true) throw noTerminal(id)
  const parts = await open()
  try {
    const only = id === undefined ? null : findCall(id, parts, context.now())
    tell(await showScreen(only, parts, context), only, context)
  } finally {
    parts.inbox.close()
  }
}

async function showScreen(only: Only | null, parts: ApproveParts, context: Context): Promise<Outcome> {
  const { ApprovalLoop } = await import('./approval-loop.ts')
  const { terminalDisplay } = await import('../screens/terminal-display.tsx')
  return new ApprovalLoop(only, parts, context, (from) => terminalDisplay(context, from)).run()
}

function tell(outcome: Outcome, only: Only | null, context: Context): void {
  switch (outcome.kind) {
    case 'answered':
      return void context.stdout.write(`${outcome.said}\n`)
    case 'failed':
      throw outcome.failure
    case 'interrupt': {
      const hint = 'what waits goes on waiting: hoopctl approve'
      throw new HoopctlError('CANCELLED', 'you left before you answered', { hint, cause: outcome.signal })
    }
    case 'quit': {
      if (only === null) return
      const hint = `it goes on waiting: hoopctl approve ${only.approval}`
      throw new HoopctlError('CANCELLED', `${only.approval} was not answered`, { hint })
    }
  }
}

/** Finds the call that a run is for, and refuses what nobody here can answer with a yes. */
function findCall(typed: string, { inbox, own }: ApproveParts, now: Date): Only {
  const id = readApprovalId(typed)
  const waiting = inbox.waiting()
  const entry = waiting.find(({ question }) => question.approval === id)
  if (id === null || entry === undefined) {
    const ended = id === null ? null : inbox.ended(id)
    if (id !== null && ended !== null) throw approvalOver(id, ended)
    const ids = waiting.map(({ question }) => question.approval)
    throw unknown(typed, id === null ? 'no id' : 'an id', ids)
  }
  const { offer } = examine(entry, own(entry.question), now)
  if (isAskedTwice(id, waiting)) throw refused('APPROVAL_ALTERED', id, SAME_ID)
  if (offer.kind === 'deny-only' && offer.code !== null) throw refused(offer.code, id, offer.why)
  return entry.question
}

function refused(code: ErrorCode, id: string, why: string): HoopctlError {
  const hint = 'to see it, and to deny it: hoopctl approve'
  return new HoopctlError(code, `${id} cannot be approved: ${why}`, { hint })
}

function unknown(typed: string, as: 'an id' | 'no id', ids: readonly string[]): HoopctlError {
  const meant = didYouMean(typed.toUpperCase(), ids)
  const elsewhere =
    as === 'an id' && meant === ''
      ? '. A call waits for the user and the HOOPCTL_HOME that its `hoopctl wrap` runs under, or in the team’s store of the policy'
      : ''
  const hint = `see what waits: hoopctl approve${elsewhere}`
  return new HoopctlError('UNKNOWN_APPROVAL', `no call with the id \`${visible(typed)}\` waits${meant}`, {
    hint,
  })
}

function noTerminal(id: string | undefined): HoopctlError {
  const command = ['hoopctl', 'approve', ...(id === undefined ? [] : [visible(quoted(id))])].join(' ')
  const hint = `run it in a terminal of its own, without a pipe: ${command}`
  return new HoopctlError('NO_TERMINAL', 'a person answers at a terminal, and there is none here', { hint })
}
