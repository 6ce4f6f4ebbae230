import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../e2e/repo.ts'

/** A page of the documentation; `path` is relative to the clone. */
export interface Page {
  readonly path: string
  readonly text: string
}

/** A fenced block of code. */
export interface CodeBlock {
  /** What stands behind the fence: `yaml`, `json`, `console`; empty where nothing does. */
  readonly language: string
  readonly text: string
  /** Where it is, for people: `README.md:12`. */
  readonly at: string
}

/** Reads every page: those beside package.json and those below docs/. */
export function pages(): readonly Page[] {
  const beside = readdirSync(ROOT)
  const below = readdirSync(join(ROOT, 'docs'), { recursive: true }).map((name) => join('docs', String(name)))
  return [...beside, ...below].filter((path) => path.endsWith('.md')).map(page)
}

/** Reads one page. */
export function page(path: string): Page {
  return { path, text: readFileSync(join(ROOT, path), 'utf8') }
}

/** Extracts the fenced blocks of a page in one language. */
export function codeBlocks({ path, text }: Page, language: string): readonly CodeBlock[] {
  const found = text.matchAll(/^```(\w*)\n(.*?)^```$/gms)
  return [...found].flatMap(([, name = '', code = ''], _index) => {
    const line = text.slice(0, text.indexOf(code)).split('\n').length
    return name === language ? [{ language: name, text: code, at: `${path}:${line}` }] : []
  })
}

/** Takes the code out of a page, fenced and in line: what is left is prose and links. */
export function withoutCode({ text }: Page): string {
  return text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, '')
}
