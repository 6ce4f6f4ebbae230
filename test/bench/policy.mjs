// A policy of the size of a company's: 200 rules, 50 of them with a condition on arguments. Of those, 8 are about the
// call that the benchmark makes; each is evaluated for each call, and none of them refuses it.
const ON_EVERY_CALL = [
  `deny: { tool: "*" }, when: 'has(args.path) && args.path.contains("..")'`,
  `deny: { tool: "*" }, when: 'has(args.path) && (args.path.startsWith("/etc/") || args.path.endsWith(".pem"))'`,
  `deny: { tool: "*" }, when: 'has(args.limit) && args.limit > 10000'`,
  `deny: { tool: "*" }, when: 'has(args.url) && !args.url.startsWith("https://")'`,
  `ask: { tool: "*" }, when: 'has(args.recursive) && args.recursive == true'`,
  `ask: { tool: [echo, write_*] }, when: 'has(args.mode) && args.mode in ["write", "append"]'`,
  `allow: { tool: echo }, when: 'args.limit <= 1000 && args.mode == "read"'`,
  `allow: { tool: "e*" }, when: 'args.path.startsWith("/srv/reports/") && client.name == "bench"'`,
]
const AREAS = ['orders', 'billing', 'stock', 'people', 'reports', 'tickets', 'builds', 'deploys']
const VERBS = ['get', 'list', 'search', 'read', 'count']
const RULES = 200
const CONDITIONS = 50

/** Writes the policy whose server `bench` is `command` with `args`, as YAML (JSON strings are YAML). */
export function benchPolicy(command, args) {
  const rules = [...ON_EVERY_CALL, ...otherConditions(CONDITIONS - ON_EVERY_CALL.length), ...resources()]
  rules.push(...otherTools(RULES - rules.length))
  return `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: bench }
servers:
  bench:
    run: { command: ${JSON.stringify(command)}, args: ${JSON.stringify(args)} }
rules:
${rules.map((rule) => `  - { ${rule} }\n`).join('')}`
}

function otherConditions(count) {
  const forms = [
    (tool) => `allow: { tool: ${tool} }, when: 'args.limit <= 500'`,
    (tool) =>
      `allow: { tool: ${tool} }, when: 'args.path.startsWith("/srv/") && !args.path.contains("private")'`,
    (tool) => `ask: { tool: ${tool} }, when: 'size(args.ids) > 20'`,
    (tool) => `deny: { tool: ${tool} }, when: 'args.region in ["cn-north-1", "us-gov-west-1"]'`,
  ]
  return Array.from({ length: count }, (_, index) => forms[index % forms.length](`${name(index)}_of`))
}

function resources() {
  return AREAS.flatMap((area) => [
    `allow: { resource: "file:///srv/${area}/**" }`,
    `deny: { resource: "file:///srv/${area}/private/**" }`,
    `allow: { prompt: "${area}_*" }`,
  ])
}

function otherTools(count) {
  const forms = [
    (tool) => `allow: { tool: ${tool} }`,
    (tool) => `allow: { tool: [${tool}_by_id, ${tool}_by_name] }`,
    (tool) => `ask: { tool: "${tool}_and_*" }`,
    (tool) => `deny: { tool: "*_${tool}_forever" }, reason: nobody needs this`,
  ]
  return Array.from({ length: count }, (_, index) => forms[index % forms.length](name(index)))
}

function name(index) {
  return `${VERBS[index % VERBS.length]}_${AREAS[index % AREAS.length]}_${index}`
}
