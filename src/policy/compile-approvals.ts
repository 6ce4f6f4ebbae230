import { Secret } from '../secret.ts'
import type { ApprovalSettings, ObjectPlace, Webhook } from './policy.ts'
import type { ProblemList } from './problem-list.ts'
import type { ApprovalsInFile } from './schema-approval.ts'
import { checkAddress } from './check-address.ts'
import type { YamlPath } from './yaml-node.ts'

const DEFAULT_MAX_WAITING = 20

/** Compiles `approvals`. What is wrong with it is noted. Under an unsigned policy nothing leaves the machine. */
export function compileApprovals(
  approvals: ApprovalsInFile | undefined,
  signed: boolean,
  problems: ProblemList,
): ApprovalSettings {
  const { maxWaiting = DEFAULT_MAX_WAITING, store, notify = [] } = approvals ?? {}
  const to = store === undefined ? null : compileStore(store, problems)
  const hooks = notify.map((hook, index) => compileWebhook(hook, ['approvals', 'notify', index], problems))
  if (signed) return { maxWaiting, store: to, notify: hooks }
  if (store !== undefined) warnOfUnsigned('store', problems)
  if (notify.length > 0) warnOfUnsigned('notify', problems)
  return { maxWaiting, store: null, notify: [] }
}

function warnOfUnsigned(key: 'store' | 'notify', problems: ProblemList): void {
  const message = `\`approvals.${key}\` is not used: this policy is not signed, so nothing leaves the machine`
  problems.warn(problems.offset(['approvals', key]), message, 'sign it: hoopctl policy sign')
}

function compileStore(
  { url, region, role, endpoint }: NonNullable<ApprovalsInFile['store']>,
  problems: ProblemList,
): ObjectPlace {
  if (endpoint !== undefined) checkAddress(endpoint, ['approvals', 'store', 'endpoint'], problems)
  return { url, region: region ?? null, role: role ?? null, endpoint: endpoint ?? null }
}

function compileWebhook(
  { url, arguments: told, key, keyFile }: NonNullable<ApprovalsInFile['notify']>[number],
  path: YamlPath,
  problems: ProblemList,
): Webhook {
  checkAddress(url, [...path, 'url'], problems)
  if (key !== undefined && keyFile !== undefined)
    problems.atKey([...path, 'keyFile'], 'there are `key` and `keyFile`: one of them is enough')
  return {
    url,
    arguments: told ?? false,
    key: key === undefined ? null : new Secret(key),
    keyFile: keyFile ?? null,
  }
}
