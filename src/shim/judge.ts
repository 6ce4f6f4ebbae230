import type { Call, Circumstances, Decision, ToolAnnotations } from '../decision.ts'
import { decide } from '../policy/decide.ts'
import { isListed } from '../policy/listing.ts'
import type { MethodRow } from './methods.ts'
import type { Matter } from './read-request.ts'
import { circumstances, type Shim } from './shim.ts'
import { fillTemplate, type Template } from './template.ts'

type Client = Circumstances['client']

/** Decides what one request of the client is about. Pure but for the clock: counting is the caller's. */
export function judge(matter: Matter, row: MethodRow, client: Client, shim: Shim): Decision {
  switch (matter.kind) {
    case 'none':
    case 'listen': // its addresses are decided one by one, and refused ones taken out
      return { effect: 'allow', rules: [], why: row.why, reasons: [] }
    case 'call':
      return judgeCall(matter.call, shim, client)
    case 'template':
      return judgeTemplate(matter, shim, client)
    case 'task':
      return judgeTask(matter.task, shim)
    default:
      return matter satisfies never
  }
}

/** Decides one call by the rules in force now. A tool whose definition changed is denied whatever they say. */
export function judgeCall(call: Call, shim: Shim, client: Client = shim.progress.client): Decision {
  const { blocked } = shim.standing
  if (blocked !== null) return { effect: 'deny', rules: [], why: blocked.why, reasons: [] }
  if (call.kind === 'serverRequest')
    return withoutAsking(decide(call, shim.standing.rules, circumstances(shim, client)))
  if (call.kind !== 'tool') return decide(call, shim.standing.rules, circumstances(shim, client))
  const definition = shim.definitions.get(call.name)
  if (definition?.changed === true) {
    const why = 'its definition is not the one that was pinned'
    return { effect: 'deny', rules: ['definitions'], why, reasons: [] }
  }
  return decide(
    new KnownTool(call, definition?.annotations ?? null),
    shim.standing.rules,
    circumstances(shim, client),
  )
}

/** Denies what would have to wait for a person, where nothing can wait. */
export function withoutAsking(decision: Decision): Decision {
  if (decision.effect !== 'ask') return decision
  const { rules, reasons } = decision
  return {
    effect: 'deny',
    rules,
    why: 'a rule asks, and nobody can be asked about this kind of request',
    reasons,
  }
}

/** A call of a tool together with what is known of the tool. */
class KnownTool {
  readonly kind = 'tool'
  readonly annotations: ToolAnnotations | null
  readonly #call: Extract<Call, { readonly kind: 'tool' }>

  constructor(call: Extract<Call, { readonly kind: 'tool' }>, annotations: ToolAnnotations | null) {
    this.#call = call
    this.annotations = annotations
  }

  get name(): string {
    return this.#call.name
  }

  get args(): string {
    return this.#call.args
  }
}

// What a completion tells is what a list would tell, so the rule of lists holds, also for what the client has filled in.
function judgeTemplate(template: Template, shim: Shim, client: Client): Decision {
  const filled = fillTemplate(template)
  if (!filled.ok) return deniedTemplate(filled.why)
  const { text, open } = filled
  const decision = open
    ? judgeOpen(text, shim, client)
    : judgeCall({ kind: 'resource', uri: text }, shim, client)
  if (decision.effect === 'deny' || shim.templates.has(template.uriTemplate)) return decision
  return deniedTemplate('no `resources/templates/list` of this session has shown the template')
}

function judgeOpen(uriTemplate: string, shim: Shim, client: Client): Decision {
  const listed = isListed(
    { kind: 'resourceTemplate', uriTemplate },
    shim.standing.listed,
    circumstances(shim, client),
  )
  if (listed) return { effect: 'allow', rules: [], why: 'the template is listed', reasons: [] }
  return deniedTemplate(`no rule in force covers the template \`${uriTemplate}\``)
}

function deniedTemplate(why: string): Decision {
  return { effect: 'deny', rules: [], why, reasons: [] }
}

/** Decides what a task may still be read of, or tell, by the call that made it and the rules of now. */
export function judgeTask(id: string, shim: Shim): Decision {
  const task = shim.tasks.get(id)
  if (task === undefined)
    return { effect: 'deny', rules: [], why: 'no allowed call of this session made it', reasons: [] }
  return judgeSent(task.call, shim)
}

/** Decides what comes of a call that was let through. One that was asked about is not asked about again. */
export function judgeSent(call: Call, shim: Shim): Decision {
  const decision = judgeCall(call, shim)
  if (decision.effect !== 'ask') return decision
  const { rules, reasons } = decision
  return { effect: 'allow', rules, why: 'its call was let through', reasons }
}
