import { join } from 'node:path'
import { rolldown } from 'rolldown'

/**
 * Bundles one entry with its dependencies: each phase becomes one file, what is left one file for each dynamic import.
 *
 * A phase is what a module of ours loads that no phase before it has loaded. A file never imports from a later one, so a
 * start reads few files, and only those that it needs: each file more costs it about a millisecond.
 *
 * @param {{ root: string, entry: string, name: string, folder: string, phases: string[] | null, elsewhere?: Record<string, string> }} options
 *   `phases`: modules in the order in which a start loads them, after the entry; null: all in one file; `elsewhere`: modules that another bundle has, and its file
 * @returns {Promise<{ files: [string, Buffer][], modules: string[] }>} paths below dist/, and the modules that went in
 */
export async function bundle({ root, entry, name, folder, phases, elsewhere = {} }) {
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
    assigned ??= assign(
      [entry, ...(phases ?? [])].map((phase) => join(root, phase)),
      graph,
    )
    return assigned.get(id)
  }
  const { output } = await build.generate({
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: `${folder}/[name]-[hash].js`,
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
  const files = output.map(({ fileName, code, source }) => [fileName, Buffer.from(code ?? source)])
  return { files, modules: [...graph.keys()] }
}

/**
 * Gives each module that a phase reaches by static imports the name of the first phase that does. Not the entry itself: it
 * waits at its top level for what the later phases do, and they would wait for it.
 */
function assign(phases, graph) {
  const [entry] = phases
  const assigned = new Map([[entry, undefined]])
  for (const phase of phases) {
    const name = /([^/]+)\.ts$/u.exec(phase)?.[1] ?? 'phase'
    const left = phase === entry ? [...(graph.get(entry) ?? [])] : [phase]
    while (left.length > 0) {
      const id = left.pop()
      if (assigned.has(id) || !graph.has(id)) continue
      assigned.set(id, name)
      left.push(...graph.get(id))
    }
  }
  return assigned
}
