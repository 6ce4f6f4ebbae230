// usage: node scripts/test.mjs [FILTER…]
//
// Runs the tests and ends with one line: `N passed, N failed`, and `, N skipped` where there are any.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const directory = mkdtempSync(join(tmpdir(), 'hoopctl-tests-'))
const report = join(directory, 'report.json')
const { status } = spawnSync('vitest', ['run', ...reporters(), ...process.argv.slice(2)], {
  cwd: ROOT,
  env: { ...process.env, PATH: [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter) },
  stdio: ['ignore', 'inherit', 'inherit'],
})
const { passed, failed, skipped } = tally()
rmSync(directory, { recursive: true })
console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`)
process.exitCode = failed === 0 && status === 0 ? 0 : 1

function reporters() {
  return ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
}

// What fails outside of any test (a file that does not load, an error nobody awaited) counts as one failure.
function tally() {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = readReport()
  const unloaded = testResults.filter(({ status: state, assertionResults }) => {
    return state === 'failed' && assertionResults.every(({ status: outcome }) => outcome !== 'failed')
  })
  const failures = numFailedTests + unloaded.length
  const failedElsewhere = failures === 0 && status !== 0 ? 1 : 0
  return {
    passed: numPassedTests,
    failed: failures + failedElsewhere,
    skipped: numPendingTests + numTodoTests,
  }
}

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch (error) {
    console.error(`vitest left no report: ${error.message}`)
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
  }
}
