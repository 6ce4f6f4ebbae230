import type { Who } from '../approval.ts'

/** Says who is meant: `everyone`, or `the groups \`dba\`, \`ops\` and ann@acme.example`. */
export function whoInWords(who: Who): string {
  if (who === 'everyone') return 'everyone'
  const quoted = who.groups.map((group) => `\`${group}\``).join(', ')
  const groups = who.groups.length === 0 ? [] : [`the group${who.groups.length === 1 ? '' : 's'} ${quoted}`]
  return [...groups, ...(who.emails.length === 0 ? [] : [who.emails.join(', ')])].join(' and ')
}

/**
 * Says whether somebody is meant: in any of the groups, or with any of the emails. Both are compared as they are
 * written: an issuer that tells `Ann@` from `ann@` means two people.
 */
export function isOneOf(
  who: Who,
  { groups, email }: { readonly groups: readonly string[]; readonly email: string | null },
): boolean {
  if (who === 'everyone') return true
  return who.groups.some((group) => groups.includes(group)) || (email !== null && who.emails.includes(email))
}
