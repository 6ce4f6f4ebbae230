import { checkAddress } from '../policy/address.ts'

/** A template of addresses, as a completion names it. */
export interface Template {
  readonly uriTemplate: string
  /** The variables that the client has chosen already, without the one that is being completed. */
  readonly known: ReadonlyMap<string, string>
}

/** A template with the known variables in place; `open`: is another left? Then all that is known is in normal form. */
export type Filled =
  | { readonly ok: true; readonly text: string; readonly open: boolean }
  | { readonly ok: false; readonly why: string }

const EXPRESSION = /\{([^{}]*)\}/gu
// No operator in front, no list, no modifier behind (RFC 6570, section 3.2.2).
const SIMPLE = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u
// What one server encodes and the next puts into the address as it is, where it would mean something else.
const RESERVED = /[%/\\?#{}]/u

/** Puts the known variables into a template. What two servers could expand to two addresses is refused. */
export function fillTemplate({ uriTemplate, known }: Template): Filled {
  if ([...known.values()].some((value) => RESERVED.test(value)))
    return refused('a variable of the template holds a character that means something in an address')
  const used = new Set<string>()
  let open = false
  const text = uriTemplate.replace(EXPRESSION, (expression, name: string) => {
    const value = known.get(name)
    if (value === undefined || !SIMPLE.test(name)) {
      open = true
      return expression
    }
    used.add(name)
    return encodeURIComponent(value).replace(/[!'()*]/gu, escaped)
  })
  if (used.size < known.size) return refused('a variable with a value stands in no simple `{name}` of it')
  if (open && !isNormal(text)) return refused('the template is no address in normal form')
  return { ok: true, text, open }
}

// A letter in each place that is left: what stands around them must be as it would be in a read.
function isNormal(template: string): boolean {
  const [literal = ''] = template.split('{', 1)
  return literal.includes(':') && checkAddress(template.replace(EXPRESSION, 'x')).ok
}

// RFC 6570 encodes these too.
function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

function refused(why: string): Filled {
  return { ok: false, why }
}
