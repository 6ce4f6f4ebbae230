import type { ConfigInFile } from '../policy/settings-file.ts'
import type { Config } from './config-file.ts'
import { policySource } from './policy-source.ts'

const HEAD = `# Written by \`hoopctl policy add\` and \`hoopctl login\`. You may edit it; they keep what they do not change, but no comments.
`

/** Makes the person's settings of what stands in the file. */
export function configOf({ policy, network, tokens, signIn, workload }: ConfigInFile): Config {
  return {
    policy: policy === undefined ? null : policySource(policy),
    network:
      network === undefined
        ? null
        : {
            proxy: network.proxy ?? null,
            noProxy: network.noProxy ?? null,
            caFile: network.caFile ?? null,
            systemCas: network.systemCas ?? true,
          },
    tokens: tokens ?? null,
    signIn: signIn === undefined ? null : { ...signIn, earlier: signIn.earlier ?? [] },
    workload: workload ?? null,
  }
}

/** Writes the person's settings as YAML: sections in blocks, each value as JSON, which YAML reads as the same. */
export function configText({ policy, network, tokens, signIn, workload }: Config): string {
  const parts = [
    section('policy', policy),
    section('network', network),
    section('tokens', tokens, JSON.stringify), // whatever its keys are: `on` would not be text
    section('signIn', signIn === null ? null : { ...signIn, earlier: orNull(signIn.earlier) }),
    section('workload', workload),
  ]
  return HEAD + parts.join('')
}

function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list
}

function section(name: string, values: object | null, keyOf = (key: string) => key): string {
  const said = Object.entries(values ?? {}).filter(([, value]) => value !== null && value !== undefined)
  const lines = said.map(([key, value]) => `  ${keyOf(key)}: ${JSON.stringify(value)}\n`)
  return lines.length === 0 ? '' : `${name}:\n${lines.join('')}`
}
