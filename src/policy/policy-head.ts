import type { ParsedText } from './parsed-payload.ts'
import { SourceText } from './source-text.ts'
import { parseYaml } from './yaml.ts'

/**
 * Reads a policy's text without its long sections, `rules` and `grants`: what a server is started by stands in the others, and
 * is read in a fraction of the time. null where they are less than half of the text, or the rest cannot be read alone.
 *
 * It is a forecast: a line inside a text in quotes may look like the beginning of a section. What is read of it counts once
 * all of the text was read and says the same.
 */
export function parseHead(source: SourceText): ParsedText | null {
  const head = headOf(source.text)
  if (head.length > source.text.length / 2) return null
  const shorter = new SourceText(head, source.path)
  const { root } = parseYaml(shorter)
  return root === null ? null : { source: shorter, root, isWhole: false }
}

function headOf(text: string): string {
  let head = ''
  let from = 0
  for (const { index } of text.matchAll(/^(?:rules|grants):/gmu)) {
    head += text.slice(from, Math.max(from, index))
    from = nextSection(text, index)
  }
  return head + text.slice(from)
}

// The items of a list may stand as far left as the key that it is under.
function nextSection(text: string, index: number): number {
  const section = /^[^\s#-]/gmu
  section.lastIndex = index + 1
  return section.exec(text)?.index ?? text.length
}
