import type { Question } from '../../src/approval.ts'
import { type Examined, examine } from '../../src/cli/approvals/examine.ts'
import { giveApproval, giveDenial } from '../../src/cli/approvals/give-answer.ts'
import { openApprovals } from '../../src/cli/approvals/open-approvals.ts'
import type { TestProvider, User } from '../identity/provider.ts'
import { fakeContext } from './fake-context.ts'
import type { GrantHolder, Surroundings } from './grant-holder.ts'
import type { Outcome } from './hoopctl.ts'

/** What somebody else does once they are told what to type. */
export type Reaction = (question: Question, second: SecondPerson) => Promise<unknown>

/** Somebody else on the same machine, whom nobody knows by a sign-in. */
export interface SecondPerson {
  /** Looks at what waits, as the screen does. */
  look(): Examined
  /** Says yes; signs in as this user where that is wanted. */
  agree(user?: User): Promise<unknown>
  deny(message: string | null): Promise<unknown>
}

/** Runs a command that asks a second person, who reacts once it says what they type. */
export async function withSecondPerson(
  holder: GrantHolder,
  server: TestProvider | null,
  args: readonly string[],
  react: Reaction,
  surroundings: Surroundings = {},
): Promise<Outcome & { readonly reacted: unknown }> {
  let text = ''
  const reactions: Promise<unknown>[] = []
  const onStderr = (chunk: string) => {
    text += chunk
    const [, id] = /hoopctl approve (A-\w{8})\n/.exec(text) ?? []
    if (id !== undefined && reactions.length === 0) reactions.push(reactTo(id, holder, server, react))
  }
  const outcome = await holder.hoopctl(args, { ...surroundings, onStderr })
  const [reacted] = await Promise.all(reactions)
  return { ...outcome, reacted }
}

async function reactTo(id: string, holder: GrantHolder, server: TestProvider | null, react: Reaction) {
  const env = { HOOPCTL_HOME: holder.home, HOME: holder.home, PATH: process.env['PATH'] ?? '' }
  const now = () => new Date()
  const parts = await openApprovals(undefined, fakeContext({ env, now }).context)
  try {
    const entry = parts.inbox.waiting().find(({ question }) => question.approval === id)
    if (entry === undefined) throw new Error(`${id} does not wait`)
    const look = () => examine(entry, parts.own(entry.question), now())
    const second: SecondPerson = {
      look,
      agree: async (user = 'bob') => {
        const pages: Promise<unknown>[] = []
        const show = (shown: string) => {
          const [url] = /http:\S+\/auth\?\S+/.exec(shown) ?? []
          if (url !== undefined && server !== null) pages.push(server.answerBrowser(url, user))
        }
        const said = await giveApproval({ examined: look(), remember: false, edit: null }, parts, now, show)
        await Promise.all(pages)
        return said
      },
      deny: (message) => giveDenial(look(), message, parts, now()),
    }
    return await react(entry.question, second)
  } finally {
    parts.inbox.close()
  }
}
