import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { ROOT } from './repo.ts'

const FOLDER = join(ROOT, 'test', 'clients', 'python')
const ENVIRONMENT = join(FOLDER, '.venv')
const PYTHON = join(ENVIRONMENT, 'bin', 'python')

/**
 * Returns a Python that has the stock Python SDK, in an environment of its own that is made on first use; or why there
 * is none: not every machine reaches an index of Python packages.
 */
export async function pythonWithSdk(): Promise<{ readonly python: string } | { readonly missing: string }> {
  const requirements = join(FOLDER, 'requirements.txt')
  const wanted = await readFile(requirements, 'utf8')
  const mark = join(ENVIRONMENT, 'installed')
  if ((await readFile(mark, 'utf8').catch(() => null)) === wanted) return { python: PYTHON }
  await rm(ENVIRONMENT, { recursive: true, force: true })
  const quiet = ['--quiet', '--disable-pip-version-check', '--retries', '0']
  try {
    await execa('python3', ['-m', 'venv', ENVIRONMENT])
    await execa(PYTHON, ['-m', 'pip', 'install', ...quiet, '--no-deps', '-r', requirements])
    await execa(PYTHON, ['-c', 'import mcp.server.stdio'])
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) }
  }
  await writeFile(mark, wanted)
  return { python: PYTHON }
}
