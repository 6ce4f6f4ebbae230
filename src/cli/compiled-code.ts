import { closeSync, fstatSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { constants, Script, type ScriptOptions } from 'node:vm'
import { replaceWhole } from './replace-whole.ts'

/** Loads by id, or runs the file at a path, and gives what it exports. */
type Load = (id: string) => unknown

/** The function that a CommonJS file is the body of. */
type Body = (exports: object, load: Load, module: { exports: object }, file: string, folder: string) => void

const KEPT_MS = 30 * 24 * 3600 * 1000

/**
 * Runs the files of a bundle, each with what V8 made of it in an earlier process. The cache of Node.js keeps only what V8
 * compiles before a file first runs, which leaves most functions out: `wrap` compiled 760 of them again at each start.
 *
 * V8 believes what it is given, so the directory is one that nobody else may enter, and code is written twice: what a failing
 * disk changed differs, and comparing costs a start 5 ms less than loading what makes digests. Code is kept for one file whose
 * name tells its content, as bundlers name them (and for its size, and when it was last changed), and for one Node.js.
 */
export class CompiledCode {
  #directory: string | null
  readonly #load: Load
  readonly #modules = new Map<string, { exports: object }>()
  readonly #unkept = new Map<string, Script>()

  /**
   * @param directory where compiled code is kept, or null for nowhere
   * @param load loads what is no file of the bundle
   */
  constructor(directory: string | null, load: Load) {
    this.#directory = directory
    this.#load = load
  }

  /** Runs the file that a bundle begins with. Its name tells nothing of its content, so its code is not kept. Throws what it throws. */
  run(path: string): unknown {
    return this.#run(path, new Script(inFunction(readFileSync(path, 'utf8')), optionsFor(path)))
  }

  #part(path: string): unknown {
    const known = this.#modules.get(path)
    return known === undefined ? this.#run(path, this.#compile(path)) : known.exports
  }

  #run(path: string, script: Script): unknown {
    const module = { exports: {} }
    this.#modules.set(path, module)
    const folder = dirname(path)
    const load = (id: string) => (id.startsWith('.') ? this.#part(join(folder, id)) : this.#load(id))
    try {
      const body = script.runInThisContext() as Body
      body(module.exports, load, module, path, folder)
    } catch (failure) {
      this.#modules.delete(path)
      throw failure
    }
    return module.exports
  }

  /**
   * Keeps what V8 has made so far of the files of which nothing was kept; from then on nothing is. Must come before flags of
   * V8 are set: it takes nothing back that was made under others. Never throws: the next start is slower, not wrong.
   */
  keep(): void {
    const directory = this.#directory
    this.#directory = null
    if (directory === null || this.#unkept.size === 0) return
    try {
      removeOld(directory)
      for (const [path, script] of this.#unkept) {
        const code = script.createCachedData()
        replaceWhole(path, Buffer.concat([code, code]), 0o600)
      }
    } catch {
      // No room, or no directory any more.
    }
    this.#unkept.clear()
  }

  #compile(path: string): Script {
    const { name, source } = readNamed(path)
    const text = inFunction(source)
    if (this.#directory === null) return new Script(text, optionsFor(path))
    const kept = join(this.#directory, name)
    const cachedData = readWhole(kept)
    const script = new Script(text, { ...optionsFor(path), ...(cachedData === null ? {} : { cachedData }) })
    if (cachedData === null || script.cachedDataRejected === true) this.#unkept.set(kept, script)
    return script
  }
}

function inFunction(source: string): string {
  return `(function (exports, require, module, __filename, __dirname) {${source}\n})`
}

function optionsFor(filename: string): ScriptOptions {
  return { filename, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }
}

// One file, also where another version takes its place meanwhile; and its name is older than what is read, never newer.
function readNamed(path: string): { readonly name: string; readonly source: string } {
  const file = openSync(path, 'r')
  try {
    const { size, ctimeMs } = fstatSync(file)
    const name = `${basename(path)}-${size}-${ctimeMs}-${process.version}-${process.arch}`
    return { name, source: readFileSync(file, 'utf8') }
  } finally {
    closeSync(file)
  }
}

function readWhole(path: string): Buffer | null {
  try {
    const twice = readFileSync(path)
    const code = twice.subarray(0, twice.length / 2)
    return code.equals(twice.subarray(code.length)) ? code : null
  } catch {
    return null // not there, in nearly all cases
  }
}

// Of versions that are gone. What is in use is written anew, once in that time.
function removeOld(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isFile() && Date.now() - statSync(path).mtimeMs > KEPT_MS) rmSync(path, { force: true })
  }
}
