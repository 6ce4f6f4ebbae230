import { type AuthorizedKey, readAuthorizedKey } from './authorized-key.ts'
import { checkEmail } from './compile-who.ts'
import { faultOfPoint } from './ed25519-point.ts'
import type { Person } from './policy.ts'
import type { ProblemList } from './problem-list.ts'
import type { PersonInFile } from './schema-people.ts'
import type { YamlPath } from './yaml-node.ts'

/** What the keys of people are compiled with. */
interface PeopleTools {
  readonly problems: ProblemList
  /** Was this very file found sound before? Then what is dear is not looked at again. */
  readonly sound: boolean
}

/** Compiles `people`; what is wrong with them is noted. */
export function compilePeople(people: readonly PersonInFile[], tools: PeopleTools): Person[] {
  const { problems } = tools
  const persons = new Set<string>()
  const owners = new Map<string, number>()
  return people.map((person, index) => {
    const path = ['people', index]
    const { issuer, sub, email, groups = [] } = person
    const id = JSON.stringify([issuer, sub])
    // One person in two entries would be two whose yes counts.
    if (persons.has(id))
      problems.atValue([...path, 'sub'], `\`${sub}\` stands here twice`, 'put all their keys into one entry')
    persons.add(id)
    if (email !== undefined) checkEmail(email, [...path, 'email'], problems)
    const keys = person.keys.flatMap((line, at) => {
      const key = compileKey(line, [...path, 'keys', at], tools)
      if (key !== null) claimKey(key, index, { owners, path: [...path, 'keys', at], problems })
      return key === null ? [] : [key]
    })
    return { issuer, sub, email: email ?? null, groups, keys }
  })
}

interface Claiming {
  /** Who has each key so far, by its place among the people. */
  readonly owners: Map<string, number>
  readonly path: YamlPath
  readonly problems: ProblemList
}

// The blob names the type too, so it alone says which key it is.
function claimKey({ base64 }: AuthorizedKey, person: number, { owners, path, problems }: Claiming): void {
  const owner = owners.get(base64)
  owners.set(base64, owner ?? person)
  if (owner === undefined) return
  const message =
    owner === person
      ? 'this key stands here twice'
      : 'another person has this key too: whose answer would it be'
  problems.atValue(path, message, 'each key belongs to one person, once')
}

function compileKey(line: string, path: YamlPath, { problems, sound }: PeopleTools): AuthorizedKey | null {
  const read = readAuthorizedKey(line)
  if (!read.ok) {
    problems.atValue(path, read.why, read.hint)
    return null
  }
  const { key, parts } = read
  const [point] = parts
  if (point === undefined) {
    const message = 'of this key only the type is here, so nobody can answer with it'
    problems.warn(problems.offset(path), message, 'copy the whole line of the file whose name ends in `.pub`')
    return null
  }
  if (!sound && key.type.includes('ed25519')) {
    const fault = faultOfPoint(point)
    if (fault !== null) problems.atValue(path, `this is no key that can be trusted: ${fault}`)
  }
  return key
}
