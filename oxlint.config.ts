// How the house is kept: which room may import what, who may touch the process, and how code is written.
// Each rule has a planted fault in test/house.test.ts: a linter that checks nothing looks like a clean house.
import { defineConfig } from 'oxlint'

/** The rooms of src/ and the rooms that each may import from. What two siblings need is a leaf (src/*.ts). */
const ROOMS = {
  cli: ['shim', 'policy', 'identity', 'audit', 'remote', 'state'],
  shim: ['policy', 'identity', 'audit', 'remote', 'state'],
  policy: [],
  identity: [],
  audit: [],
  remote: [],
  state: [],
} satisfies Record<string, readonly string[]>
type Room = keyof typeof ROOMS | 'leaves'

/** Packages, and the rooms where they may be used. */
const HOMES: readonly { readonly packages: readonly string[]; readonly rooms: readonly Room[] }[] = [
  { packages: ['commander', 'ink', 'react', 'execa'], rooms: ['cli'] },
  { packages: ['@modelcontextprotocol/*'], rooms: ['cli'] },
  { packages: ['js-yaml', 'valibot', '@valibot/*', '@marcbachmann/cel-js', 're2js'], rooms: ['policy'] },
  { packages: ['openid-client', 'jose', '@napi-rs/keyring', '@aws-sdk/client-sts'], rooms: ['identity'] },
  { packages: ['@aws-sdk/client-s3', 'undici'], rooms: ['remote'] },
  { packages: ['uqr', 'diff', '@cfworker/json-schema'], rooms: ['cli'] },
  { packages: ['node:sqlite'], rooms: ['state'] },
  { packages: ['node:child_process'], rooms: ['cli', 'shim', 'identity'] },
  {
    packages: ['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls'],
    rooms: ['identity', 'remote'],
  },
  // `process` and `console` are globals; as imports they would pass by the rules below.
  { packages: ['node:process', 'node:console'], rooms: [] },
]

/** The modules of the outer world: clock, network, disk. */
const WORLD = [
  'fs',
  'fs/*',
  'os',
  'child_process',
  'cluster',
  'dgram',
  'dns',
  'dns/*',
  'http',
  'https',
  'http2',
]
  .concat([
    'inspector',
    'net',
    'perf_hooks',
    'readline',
    'repl',
    'sqlite',
    'timers',
    'timers/*',
    'tls',
    'tty',
  ])
  .concat(['worker_threads'])
  .map((name) => `node:${name}`)

interface Pattern {
  group: string[]
  message: string
}

const NO_DRAWERS: Pattern = {
  group: ['**/{utils,util,helpers,common,shared,index,misc}.ts', '**/{utils,util,helpers,common,shared}/**'],
  message: 'name a file for the one thing in it',
}

function imports(room: Room, world: 'allowed' | 'pure'): ['error', { patterns: Pattern[] }] {
  const open: readonly string[] = room === 'leaves' ? [] : [room, ...ROOMS[room]]
  const rooms = Object.keys(ROOMS).filter((other) => !open.includes(other))
  const elsewhere = HOMES.filter(({ rooms: homes }) => !homes.includes(room))
  // Both, because a pattern does not reach what a package exports beside its main entry.
  const packages = elsewhere.flatMap(({ packages: names }) => names).flatMap((name) => [name, `${name}/**`])
  const patterns: Pattern[] = [
    NO_DRAWERS,
    { group: packages, message: `not in ${room}: this package has another home` },
  ]
  if (rooms.length > 0) {
    const group = rooms.map((other) => `**/${other}/**`)
    patterns.push({
      group,
      message: `${room} may not know that room: imports point down, never up or sideways`,
    })
  }
  if (world === 'pure') {
    patterns.push({ group: WORLD, message: `${room} is pure: what it needs of the world is handed in` })
  }
  return ['error', { patterns }]
}

const PROCESS_PROPERTIES = [
  'stdin',
  'stdout',
  'stderr',
  'exit',
  'exitCode',
  'reallyExit',
  'abort',
  'argv',
  'env',
  'cwd',
]
const NOT_OUTSIDE_CLI = PROCESS_PROPERTIES.map((property) => ({
  object: 'process',
  property,
  message: 'only src/cli prints, reads the environment and sets exit codes: take it as an argument',
}))

// A clock, the network and the process make a decision depend on more than its arguments.
const IMPURE = ['process', 'fetch', 'Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate']
  .concat(['WebSocket', 'EventSource', 'globalThis', 'global'])
  .map((name) => ({ name, message: 'policy is pure: what it needs is an argument; a leaf parses instants' }))

const LEAF_IMPURE = IMPURE.filter(({ name }) => name !== 'Date')

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  categories: { correctness: 'error' },
  options: { typeAware: true },
  ignorePatterns: ['dist', 'completions', 'schema'],
  rules: {
    'eslint/max-depth': ['error', 3],
    'eslint/max-lines': ['error', { max: 250 }],
    'eslint/no-empty': 'error',
    // Control and invisible characters are what some of our expressions are about; they are written as escapes.
    'eslint/no-control-regex': 'off',
    'eslint/no-misleading-character-class': ['error', { allowEscape: true }],
    'eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    'eslint/no-var': 'error',
    'eslint/prefer-const': 'error',
    'eslint/eqeqeq': ['error', 'always', { null: 'ignore' }],
    'eslint/no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'] }],
    'import/no-cycle': 'error',
    'oxc/no-barrel-file': ['error', { threshold: 0 }],
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'unicorn/prefer-node-protocol': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/ban-ts-comment': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-deprecated': 'error',
    'typescript/no-unnecessary-type-assertion': 'error',
  },
  overrides: [
    {
      files: ['src/**'],
      rules: {
        'eslint/max-lines-per-function': ['error', { max: 40 }],
        'eslint/no-console': 'error',
        'eslint/no-restricted-properties': ['error', ...NOT_OUTSIDE_CLI],
        'import/no-default-export': 'error',
        'typescript/no-non-null-assertion': 'error',
        'typescript/no-unsafe-argument': 'error',
        'typescript/no-unsafe-assignment': 'error',
        'typescript/no-unsafe-call': 'error',
        'typescript/no-unsafe-member-access': 'error',
        'typescript/no-unsafe-return': 'error',
      },
    },
    { files: ['src/**/*.tsx'], rules: { 'eslint/max-lines-per-function': ['error', { max: 60 }] } },
    {
      files: ['src/*.ts'],
      rules: {
        'eslint/no-restricted-imports': imports('leaves', 'pure'),
        'eslint/no-restricted-globals': ['error', ...LEAF_IMPURE],
      },
    },
    {
      files: ['src/cli/**'],
      rules: {
        'eslint/no-restricted-imports': imports('cli', 'allowed'),
        'eslint/no-restricted-properties': 'off',
        // `console` buffers and formats as it likes; commands write to the streams that they were given.
        'eslint/no-console': 'error',
      },
    },
    { files: ['src/shim/**'], rules: { 'eslint/no-restricted-imports': imports('shim', 'allowed') } },
    {
      files: ['src/policy/**'],
      rules: {
        'eslint/no-restricted-imports': imports('policy', 'pure'),
        'eslint/no-restricted-globals': ['error', ...IMPURE],
      },
    },
    {
      files: ['src/policy/load.ts'],
      rules: { 'eslint/no-restricted-imports': imports('policy', 'allowed') },
    },
    { files: ['src/identity/**'], rules: { 'eslint/no-restricted-imports': imports('identity', 'allowed') } },
    { files: ['src/audit/**'], rules: { 'eslint/no-restricted-imports': imports('audit', 'allowed') } },
    { files: ['src/remote/**'], rules: { 'eslint/no-restricted-imports': imports('remote', 'allowed') } },
    { files: ['src/state/**'], rules: { 'eslint/no-restricted-imports': imports('state', 'allowed') } },
    {
      files: ['test/**'],
      rules: {
        'eslint/max-lines': ['error', { max: 400 }], // a table of cases is long and still read one by one
        'typescript/no-deprecated': 'off', // old clients and servers are what some tests are about
      },
    },
    // The launcher must be read by versions of Node.js that are too old.
    { files: ['bin/**'], rules: { 'eslint/no-var': 'off' } },
  ],
})
