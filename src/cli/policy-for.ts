import { HoopctlError } from '../errors.ts'
import type { SoundPolicies } from '../policy/load.ts'
import type { Early } from '../policy/read-telling.ts'
import type { Policy } from '../policy/policy.ts'
import type { PolicyFeed } from '../shim/feeds.ts'
import type { SharedState } from '../state/shared-state.ts'
import type { AssumeRole } from './central/open-central.ts'
import { chooseSource } from './choose-source.ts'
import type { Context } from './context.ts'
import type { WrapOptions } from './wrap-target.ts'

/** What `wrap` needs to know of the command line to choose its policy. */
type Asked = Pick<WrapOptions, 'policy' | 'command' | 'server'>

/** What a central policy is loaded with. */
export interface CentralParts {
  /** Is told the servers of a policy that may be used, as soon as they are known to be sound. */
  readonly early?: Early
  /** Takes back what `early` did: another policy came, of whose servers `early` is told next. */
  readonly undo?: () => void
  readonly sound?: SoundPolicies
  readonly assume?: AssumeRole
  /** Tells the person what went wrong while the policy was refreshed. */
  readonly tell: (line: string) => void
}

/** The policy that a run of `wrap` is under. */
export type WrapPolicy =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'central'
      /** The policy at this moment; `feed` has it, and each that comes after it. */
      readonly policy: Policy
      readonly feed: PolicyFeed
      /** Whether `early` was told of this policy's servers: not where it is blocked, or where a command is wrapped. */
      readonly early: boolean
      /** What processes share, open until `close`. */
      readonly state: SharedState
      close(): void
    }
  /** Nothing to decide by, which a person may mend while the client runs: answer, deny, and say this. */
  | { readonly kind: 'none-yet'; readonly why: string; readonly help: string }

/**
 * Finds the policy that a run of `wrap` is under. Throws what only an edit of a file mends, and what must not be passed by:
 * NO_POLICY, MANAGED_LOCK, INPUT_INVALID, POLICY_ALTERED and POLICY_INVALID where no good copy is kept; USAGE for a command
 * that a signed policy does not let anybody wrap. Loads nothing more for a policy that is a file.
 */
export async function policyFor(asked: Asked, context: Context, parts: CentralParts): Promise<WrapPolicy> {
  const chosen = await chooseSource(asked.policy, context)
  if (chosen.kind === 'file') return chosen
  const { loadForWrap } = await import('./central/load-for-wrap.ts')
  const early = asked.command === null ? parts : withoutEarly(parts)
  const loaded = await loadForWrap(chosen.source, context, early)
  if (loaded.kind === 'none-yet') return loaded
  try {
    refuseUnlisted(asked, loaded.policy)
  } catch (failure) {
    loaded.close()
    throw failure
  }
  return loaded
}

// Whether any command may be wrapped is known only when all of the policy is.
function withoutEarly({ early: _early, undo: _undo, ...parts }: CentralParts): CentralParts {
  return parts
}

function refuseUnlisted({ command, server }: Asked, { name, unlisted, servers }: Policy): void {
  if (command === null) return
  const known = [...servers.values()].flatMap((one) => (one.run === null ? [] : [one.name]))
  const hint = `run a server that it names: hoopctl wrap ${known.join(' | ') || 'NAME'}`
  if (unlisted === 'deny') {
    throw new HoopctlError(
      'USAGE',
      `the signed policy \`${name}\` lets nobody wrap a command that it does not name`,
      {
        hint,
      },
    )
  }
  if (server === undefined) return
  throw new HoopctlError(
    'USAGE',
    '`--server` needs an unsigned policy: here a server is what the policy runs',
    {
      hint,
    },
  )
}
