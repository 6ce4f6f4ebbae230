import type { Call, Circumstances, Decision, ToolAnnotations } from '../../src/decision.ts'
import { decide } from '../../src/policy/decide.ts'
import { parsePolicy } from '../../src/policy/load.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { printProblem } from '../../src/policy/problem.ts'
import { rulesInForce } from '../../src/policy/rules-in-force.ts'

const HEAD = 'apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: try }\n'

/** Puts the head of a policy before sections; the sections begin on line 4. */
export function policyText(sections: string): string {
  return HEAD + sections
}

/** Compiles a policy of these sections; throws what is wrong with it. */
export async function policyOf(sections: string): Promise<Policy> {
  const { policy, problems } = await parsePolicy(Buffer.from(policyText(sections)), 'p.yaml')
  if (policy === null) throw new Error(problems.map(printProblem).join('\n'))
  return policy
}

/** Prints everything that is wrong with a policy of these sections. */
export async function problemsOf(sections: string): Promise<string> {
  const { problems } = await parsePolicy(Buffer.from(policyText(sections)), 'p.yaml')
  return problems.map(printProblem).join('\n')
}

/** Circumstances in which nothing is special, but for what is given. */
export function circumstances(changes: Partial<Circumstances> = {}): Circumstances {
  return {
    subject: { issuer: 'local', sub: 'ann', email: null, groups: ['dev'], kind: 'human', claims: {} },
    client: { name: 'claude-code', version: '2.1' },
    server: null,
    session: { id: 's1', calls: 3 },
    now: new Date('2026-11-21T09:30:00Z'),
    ...changes,
  }
}

/** A call of a tool; `args` is JSON text. */
export function tool(name: string, args = '{}', annotations: ToolAnnotations | null = null): Call {
  return { kind: 'tool', name, args, annotations }
}

/** Decides a call under a policy of these sections. */
export async function decided(
  sections: string,
  call: Call,
  changes: Partial<Circumstances> = {},
): Promise<Decision> {
  const under = circumstances(changes)
  return decide(call, rulesInForce(await policyOf(sections), under.server), under)
}

/** Says what becomes of a call of the tool `t` when an allow rule with this condition is the only one. */
export async function allowedWhen(
  when: string,
  args: string,
  changes: Partial<Circumstances> = {},
): Promise<'allow' | 'deny'> {
  const sections = `rules:\n  - allow: { tool: t }\n    when: ${JSON.stringify(when)}\n`
  const { effect } = await decided(sections, tool('t', args), changes)
  return effect === 'allow' ? 'allow' : 'deny'
}

/** Says whether a condition fails on a call, rather than holding or not: then a deny matches and an allow does not. */
export async function outcomeOf(when: string, args: string): Promise<'yes' | 'no' | 'failed'> {
  const allows = (await allowedWhen(when, args)) === 'allow'
  const deny = `rules:\n  - allow: { tool: "*" }\n  - deny: { tool: t }\n    when: ${JSON.stringify(when)}\n`
  const denies = (await decided(deny, tool('t', args))).effect === 'deny'
  if (allows) return 'yes'
  return denies ? 'failed' : 'no'
}
