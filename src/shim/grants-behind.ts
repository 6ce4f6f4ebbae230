/** Names the grants without which a decision would be another; what the policy's own rules give as well uses up none. */
export function grantsBehind(rules: readonly string[]): string[] {
  const grants = rules.map((rule) => /^grants\.([^.]+)\./.exec(rule)?.[1])
  const named = grants.filter((grant) => grant !== undefined)
  return named.length < rules.length ? [] : [...new Set(named)]
}
