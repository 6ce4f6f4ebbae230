import { FACTS } from './ocsf-facts.ts'

/** Lists what is wrong with an event by the facts of the schema: of each fault where it is, and what. */
export function ocsfFaults(event: unknown): readonly string[] {
  return [...objectFaults(event, 'event', 'event'), ...uidFaults(event)]
}

type Members = Readonly<Record<string, unknown>>

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectFaults(value: unknown, kind: string, at: string): readonly string[] {
  const facts = FACTS[kind]
  if (!isMembers(value) || facts === undefined) return [`${at}: is no ${kind}`]
  const { required, atLeastOne, attributes, enums = {} } = facts
  const missing = required.filter((name) => !(name in value)).map((name) => `${at}.${name}: is required`)
  const none =
    atLeastOne?.some((name) => name in value) === false ? [`${at}: has none of ${atLeastOne.join(', ')}`] : []
  const members = Object.entries(value).flatMap(([name, member]) => {
    const type = attributes[name]
    return type === undefined
      ? [`${at}.${name}: is not in the schema`]
      : typeFaults(member, type, `${at}.${name}`)
  })
  const numbers = Object.entries(enums).flatMap(([name, captions]) => enumFaults(value, name, captions, at))
  return [...missing, ...none, ...members, ...numbers]
}

function typeFaults(value: unknown, type: string, at: string): readonly string[] {
  if (type.endsWith('[]')) {
    if (!Array.isArray(value)) return [`${at}: is no list`]
    return value.flatMap((each: unknown, index) => typeFaults(each, type.slice(0, -2), `${at}[${index}]`))
  }
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value) ? [] : [`${at}: is no integer`]
    case 'string':
    case 'boolean':
      return typeof value === type ? [] : [`${at}: is no ${type}`]
    case 'json':
      return value === undefined ? [`${at}: is nothing`] : []
    case 'unused':
      return [`${at}: has facts that nobody has written down`]
    default:
      return objectFaults(value, type, at)
  }
}

// `severity_id` has the sibling `severity`, `class_uid` has `class_name`. Of 99, Other, the sibling says what the source says.
function enumFaults(
  value: Members,
  name: string,
  captions: Readonly<Record<number, string>>,
  at: string,
): readonly string[] {
  const number = value[name]
  if (number === undefined) return []
  const caption = typeof number === 'number' ? captions[number] : undefined
  if (caption === undefined) return [`${at}.${name}: ${JSON.stringify(number)} is none of its values`]
  const sibling = [name.replace(/_id$/, ''), name.replace(/_u?id$/, '_name')].find(
    (each) => each !== name && each in value,
  )
  const told = sibling === undefined ? undefined : value[sibling]
  if (told === undefined || number === 99)
    return number === 99 && told === undefined ? [`${at}: does not say what`] : []
  return told === caption
    ? []
    : [`${at}.${name}: ${JSON.stringify(number)} is ${caption}, not ${JSON.stringify(told)}`]
}

// type_uid is class_uid * 100 + activity_id, and type_name their names; the class's number begins with its category's.
function uidFaults(event: unknown): readonly string[] {
  if (!isMembers(event)) return []
  const [type, of, activity, category] = ['type_uid', 'class_uid', 'activity_id', 'category_uid'].map(
    (name) => Number(event[name]),
  )
  const faults = []
  if (type !== (of ?? 0) * 100 + (activity ?? 0))
    faults.push('event.type_uid: is not of this class and activity')
  if (Math.floor((of ?? 0) / 1000) !== category) faults.push('event.class_uid: is of another category')
  const named = `${String(event['class_name'])}: ${String(event['activity_name'])}`
  if (event['type_name'] !== named) faults.push(`event.type_name: is not ${named}`)
  return faults
}
