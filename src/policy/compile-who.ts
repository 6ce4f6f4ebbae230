import type { Who } from '../approval.ts'
import type { ProblemList } from './problem-list.ts'
import type { WhoInFile } from './schema-who.ts'
import type { YamlPath } from './yaml-node.ts'

/** Compiles whom something is for; what is wrong with it is noted. The path ends with its key. */
export function compileWho(who: WhoInFile, path: YamlPath, problems: ProblemList): Who {
  if (who === 'everyone') return who
  const key = String(path.at(-1))
  if (who.groups === undefined && who.emails === undefined) {
    const hint = `name \`groups\` or \`emails\`, or write \`${key}: everyone\``
    problems.atValue(path, `\`${key}\` names nobody`, hint)
  }
  who.emails?.forEach((email, index) => checkEmail(email, [...path, 'emails', index], problems))
  return { groups: who.groups ?? [], emails: who.emails ?? [] }
}

/** Notes an error where a text is no email address. */
export function checkEmail(email: string, path: YamlPath, problems: ProblemList): void {
  if (/^[^\s@]+@[^\s@]+$/u.test(email)) return
  problems.atValue(path, `\`${email}\` is no email address`, 'groups stand under `groups`')
}
