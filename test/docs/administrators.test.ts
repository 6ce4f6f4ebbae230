import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeBlocks, page } from './markdown.ts'
import { notExpired } from './not-expired.ts'
import { reader } from './reader.ts'
import { commandAndOutput, missingLines } from './shown-output.ts'

describe('docs/administrators.md, typed by an administrator', () => {
  const administrators = page('docs/administrators.md')
  const someone = reader({ HOOPCTL_PASSPHRASE: 'a passphrase of the documentation' })
  afterAll(() => someone[Symbol.asyncDispose]())
  beforeAll(() => {
    const [policy] = codeBlocks(administrators, 'yaml')
    writeFileSync(join(someone.folder, 'acme.yaml'), notExpired(policy?.text ?? ''), { mode: 0o600 })
  })

  // One after the other, in one folder: each stands on what those before it have written.
  const steps = codeBlocks(administrators, 'walk').flatMap(({ at, text }) =>
    text
      .split(/^\$ /m)
      .slice(1)
      .map((part) => ({ at, ...commandAndOutput(part) })),
  )
  it.each(steps)('given `$command` at $at, prints what is shown', async ({ command, shown }) => {
    const { output, exitCode } = await someone.types(command)
    const missing = shown.trim() === '' ? [] : missingLines(shown, output)
    expect({ missing, exitCode, output }).toEqual({ missing: [], exitCode: 0, output })
  })
})
