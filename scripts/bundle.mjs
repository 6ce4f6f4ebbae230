import { join } from 'node:path'
import { rolldown } from 'rolldown'

/**
 * Bundles one entry with its dependencies: each phase becomes one file, what is left one file for each dynamic import.
 *
 * A phase is what a module of ours loads that no phase before it has loaded. A file never imports from a later one, so a
 * start reads few files, and only those that it needs: each file more costs it about a millisecond.
 *
 * @param {{ root: string, entry: string, name: string, folder: string, phases: (string | string[])[] | null, elsewhere?: Record<string, string> }} options
 *   `phases`: modules in the order in which a start loads them, after the entry; several at once: what the first and any of the others load; null: all in one file; `elsewhere`: modules that another bundle has, and its file
 * @returns {Promise<{ files: [string, Buffer][], modules: string[] }>} paths below dist/, and the modules that went in
 */
export async function bundle({ root, entry, name, folder, format, phases, elsewhere = {} }) {
  const graph = new Map()
  const remember = {
    name: 'remember-the-graph',
    moduleParsed: ({ id, importedIds }) => void graph.set(id, importedIds),
  }
  const redirect = {
    name: 'elsewhere',
    resolveId: (source) => {
      const [, file] = Object.entries(elsewhere).find(([module]) => source.endsWith(module)) ?? []
      return file === undefined ? null : { id: file, external: true }
    },
  }
  const build = await rolldown({
    cwd: root,
    input: { [name]: join(root, entry) },
    platform: 'node',
    // A native addon: the process that loads it finds it beside the package (docs/decisions/0005-keyring.md).
    external: [/^node:/u, '@napi-rs/keyring', 'react-devtools-core'], // the last is for who develops screens
    resolve: { mainFields: ['module', 'main'] },
    transform: { target: 'node22', define: { 'process.env.NODE_ENV': '"production"' } },
    plugins: [remember, redirect],
    preserveEntrySignatures: 'allow-extension',
    checks: { ineffectiveDynamicImport: false, bundlerTimings: false },
    logLevel: 'warn',
  })
  let assigned = null
  const phaseOf = (id) => {
    const whole = (module) => join(root, module)
    assigned ??= assign(
      whole(entry),
      (phases ?? []).map((phase) => [phase].flat().map(whole)),
      graph,
    )
    return assigned.get(id)
  }
  const extension = format === 'cjs' ? 'cjs' : 'js'
  const { output } = await build.generate({
    format,
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `${folder}/[name]-[hash].${extension}`,
    banner: format === 'cjs' ? `'use strict'` : '', // ES modules are strict by themselves
    sourcemap: true,
    comments: { legal: false }, // dist/THIRD-PARTY-LICENSES.txt has the whole texts
    codeSplitting:
      phases === null
        ? false
        : {
            includeDependenciesRecursively: false,
            groups: [
              {
                debugName: 'phases',
                name: (id) => phaseOf(id) ?? null,
                test: (id) => phaseOf(id) !== undefined,
              },
            ],
          },
  })
  await build.close()
  const files = output.map(({ fileName, code, source }) => [fileName, Buffer.from(inAscii(code) ?? source)])
  return { files, modules: [...graph.keys()] }
}

// V8 keeps a text that is not ASCII at two bytes a character. Outside of strings and patterns such characters stand in comments only.
function inAscii(code) {
  if (/\\[^\0-\x7f]/.test(code ?? ''))
    throw new Error('a character behind a backslash would become another one')
  return code?.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * Gives each module that a phase reaches by static imports the name of the first phase that does. Not the entry itself: it
 * waits at its top level for what the later phases do, and they would wait for it.
 */
function assign(entry, phases, graph) {
  const assigned = new Map([[entry, undefined]])
  for (const phase of [[entry], ...phases.map((each) => [each].flat())]) {
    const name = `${phase.length > 1 ? 'shared-' : ''}${/([^/]+)\.ts$/u.exec(phase[0])?.[1]}`
    const [first, ...others] = phase.map((module) => reached(module, graph))
    for (const id of first) {
      if (!assigned.has(id) && isShared(id, others)) assigned.set(id, name)
    }
  }
  return assigned
}

function isShared(id, others) {
  return others.length === 0 || others.some((reach) => reach.has(id))
}

/** The modules that one loads by static imports, itself among them. */
function reached(module, graph) {
  const reach = new Set()
  const left = [module]
  while (left.length > 0) {
    const id = left.pop()
    if (reach.has(id) || !graph.has(id)) continue
    reach.add(id)
    left.push(...graph.get(id))
  }
  return reach
}
