// What a large policy costs: 10,000 rules and 500 grants beside 200 rules and 10 grants. Run by itself it prints one line
// of JSON for a process that measures; `npm run bench -- --only policy` runs those processes and reports.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { decide } from '../../src/policy/decide.ts'
import { mayActivate } from '../../src/policy/grants.ts'
import { parsePolicy } from '../../src/policy/load.ts'
import { grantNames, grantsOn, rulesInForce } from '../../src/policy/rules-in-force.ts'

const SELF = fileURLToPath(import.meta.url)
/** Rules in all, those of grants among them. */
export const SIZES = { small: { rules: 200, grants: 10 }, large: { rules: 10_000, grants: 500 } }
const RULES_IN_A_GRANT = 10
const VERBS = ['get', 'list', 'search', 'read', 'count', 'put', 'drop']
const TURNS = 15
const CALLS = 3000
const SUBJECT = {
  issuer: 'https://login.example.com',
  sub: 'ann',
  email: null,
  groups: ['team-0'],
  kind: 'human',
  claims: {},
}
const CIRCUMSTANCES = {
  subject: SUBJECT,
  client: { name: 'bench', version: '1' },
  server: 'db',
  session: { id: 's', calls: 7 },
  now: new Date('2026-11-21T09:30:00Z'),
}
const CALL = {
  kind: 'tool',
  name: 'get_orders',
  args: '{"path":"/srv/reports/q3.csv","limit":100}',
  annotations: null,
}

/** Measures both sizes, each load in a process of its own; the decisions turn about in one. */
export function measurePolicySizes() {
  const run = (what) =>
    JSON.parse(execFileSync(process.execPath, ['--expose-gc', SELF, what], { encoding: 'utf8' }))
  return { small: run('small'), large: run('large'), decisions: run('decisions') }
}

/** Prints what was measured, for people. */
export function policySizesTable({ small, large, decisions }) {
  const row = (label, one, other, more = '') =>
    `${label.padEnd(40)}${one.padStart(22)}${other.padStart(22)}${more.padStart(22)}`
  const size = ({ rules, grants }) => `${rules} rules, ${grants} grants`
  const us = (value) => `${value.toFixed(2)} us`
  const times = (one, other) => `${(other / one).toFixed(2)} times`
  const target = `${times(decisions.small.decideUs, decisions.large.decideUs)} (below 2)`
  return [
    '',
    row('a policy of', size(SIZES.small), size(SIZES.large)),
    row('its file', `${small.kib} KiB`, `${large.kib} KiB`),
    row('loading it', `${small.loadMs} ms`, `${large.loadMs} ms`),
    row('memory it keeps', `${small.heapMib} MiB`, `${large.heapMib} MiB`),
    row(
      'one decision, all grants active',
      us(decisions.small.decideUs),
      us(decisions.large.decideUs),
      target,
    ),
    row('the index anew, all grants active', us(decisions.small.indexAllUs), us(decisions.large.indexAllUs)),
    row('the index anew, three grants active', us(decisions.small.indexUs), us(decisions.large.indexUs)),
    row('who may activate what, every grant', us(decisions.small.mayUs), us(decisions.large.mayUs)),
    '',
  ].join('\n')
}

// The rules of both sizes are of the same kinds; of those that match the call there are as many in both.
function policyText({ rules, grants }) {
  const own = rules - grants * RULES_IN_A_GRANT
  const matching = [
    `allow: { tool: get_orders }, when: 'args.limit <= 1000'`,
    `deny: { tool: "*" }, when: 'has(args.path) && args.path.contains("..")'`,
    `ask: { tool: "get_*" }, when: 'has(args.limit) && args.limit > 10000'`,
    `deny: { tool: get_orders }, when: 'client.name == "cursor"'`,
  ]
  const others = Array.from({ length: own - matching.length }, (_, index) => otherRule(index))
  const granted = Array.from({ length: grants }, (_, index) => grantText(index))
  return `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: bench }
identity: { issuer: "https://login.example.com", clientId: hoopctl }
servers: { db: {} }
rules:
${[...matching, ...others].map((rule) => `  - { ${rule} }\n`).join('')}grants:
${granted.join('')}`
}

function otherRule(index) {
  const tool = `${VERBS[index % VERBS.length]}_thing_${index}`
  const forms = [
    `allow: { tool: ${tool} }`,
    `allow: { tool: [${tool}, "${tool}_*"] }, when: 'args.limit <= ${index}'`,
    `deny: { tool: "*_${tool}" }, reason: nobody needs this`,
    `allow: { resource: "file:///srv/${tool}/**" }`,
    `ask: { tool: "${tool}_and_*" }`,
  ]
  return forms[index % forms.length]
}

function grantText(index) {
  const rules = Array.from({ length: RULES_IN_A_GRANT }, (_, rule) =>
    otherRule(1_000_000 + index * 100 + rule),
  )
  return `  - name: g-${index}
    server: db
    who: { groups: [team-${index % 5}, ops] }
    when: now.getHours("Europe/Berlin") >= 7 && client.name != "cursor"
    duration: { default: 15m, max: 1h }
    rules:
${rules.map((rule) => `      - { ${rule} }\n`).join('')}`
}

async function load(size) {
  const text = Buffer.from(policyText(size))
  const { policy, problems } = await parsePolicy(text, 'bench.yaml')
  if (policy === null) throw new Error(problems[0]?.message)
  return { policy, kib: Math.round(text.length / 1024) }
}

async function loading(size) {
  await load(SIZES.small) // the libraries are loaded, and the first of all costs is not the policy's
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  const started = performance.now()
  const { policy, kib } = await load(size)
  const loadMs = Math.round(performance.now() - started)
  globalThis.gc()
  const heapMib = Math.round((process.memoryUsage().heapUsed - before) / 1024 ** 2)
  return { loadMs, heapMib, kib, rules: policy.rules.length }
}

async function decisions() {
  const measured = {}
  const of = {}
  for (const [name, size] of Object.entries(SIZES)) {
    const { policy } = await load(size)
    const names = grantNames(policy, 'db')
    of[name] = { policy, names, some: names.slice(0, 3), rules: rulesInForce(policy, 'db', names) }
    measured[name] = { decideUs: [], indexAllUs: [], indexUs: [], mayUs: [] }
  }
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const [name, { policy, names, some, rules }] of Object.entries(of)) {
      const into = measured[name]
      into.decideUs.push(timed(CALLS, () => decide(CALL, rules, CIRCUMSTANCES)))
      into.indexAllUs.push(timed(20, () => rulesInForce(policy, 'db', names)))
      into.indexUs.push(timed(200, () => rulesInForce(policy, 'db', some)))
      into.mayUs.push(
        timed(5, () => grantsOn(policy, 'db').forEach((grant) => mayActivate(grant, SUBJECT, CIRCUMSTANCES))),
      )
    }
  }
  const medians = (figures) => Object.entries(figures).map(([figure, values]) => [figure, median(values)])
  return Object.fromEntries(
    Object.entries(measured).map(([name, figures]) => [name, Object.fromEntries(medians(figures))]),
  )
}

/** Gives microseconds for one of `times` runs. */
function timed(times, work) {
  const started = performance.now()
  for (let run = 0; run < times; run += 1) work()
  return ((performance.now() - started) * 1000) / times
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

if (process.argv[1] === SELF) {
  const [what] = process.argv.slice(2)
  const result = what === 'decisions' ? await decisions() : await loading(SIZES[what])
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
