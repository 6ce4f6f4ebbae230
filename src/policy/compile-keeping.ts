import { compileTime } from './compile-time.ts'
import type { Keeping } from './policy.ts'
import type { ProblemList } from './problem-list.ts'
import type { KeptInFile } from './schema-keeping.ts'
import type { YamlPath } from './yaml-node.ts'

/** A destination, as far as what it is asked for goes. */
export interface KeepingPlace extends KeptInFile {
  readonly url: string
  readonly role: string | undefined
}

// What AWS takes at most: a hundred years.
const LONGEST_LOCK = '36500d'
const KEY_ARN = /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\//u

/** Compiles how a bucket is asked to keep objects; null: nothing is asked for. What is wrong with it is noted. */
export function compileKeeping(
  { url, role, encryption, kmsKey, lock }: KeepingPlace,
  path: YamlPath,
  problems: ProblemList,
): Keeping | null {
  const asked = Object.entries({ encryption, kmsKey, lock }).filter(([, value]) => value !== undefined)
  if (asked.length === 0) return null
  if (!url.startsWith('s3:')) {
    for (const [key] of asked) problems.atKey([...path, key], `only a bucket (\`s3://\`) has \`${key}\``)
    return null
  }
  if (kmsKey !== undefined) checkKey(kmsKey, { encryption, role }, path, problems)
  const forMs = compileTime(lock?.for, [...path, 'lock', 'for'], problems, LONGEST_LOCK)
  return {
    encryption: encryption ?? null,
    kmsKey: kmsKey ?? null,
    lock: lock === undefined || forMs === null ? null : { mode: lock.mode, forMs },
  }
}

function checkKey(
  kmsKey: string,
  { encryption, role }: Pick<KeepingPlace, 'encryption' | 'role'>,
  path: YamlPath,
  problems: ProblemList,
): void {
  if (encryption !== 'aws:kms') {
    const hint = 'write `encryption: aws:kms` beside it, or leave it out'
    problems.atKey([...path, 'kmsKey'], '`kmsKey` is used with `encryption: aws:kms` only', hint)
  } else if (role !== undefined && !KEY_ARN.test(kmsKey)) {
    const message = 'this is not the ARN of a key, so AWS will not let `role` use it: rights are given by ARN'
    const hint = 'write arn:aws:kms:REGION:ACCOUNT:key/ID'
    problems.warn(problems.offset([...path, 'kmsKey']), message, hint)
  }
}
