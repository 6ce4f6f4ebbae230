import { type Event, EVENT_ID, parseEvents, YAMLException } from 'js-yaml'
import type { Problem } from './problem.ts'
import type { SourceText } from './source-text.ts'
import { explainYamlError } from './yaml-fault.ts'
import type { YamlNode } from './yaml-node.ts'
import { YamlReader } from './yaml-reader.ts'

const MAX_DEPTH = 48

/** Reads a YAML file strictly: one document, and whatever two readers could read differently is a problem. */
export function parseYaml(source: SourceText): { root: YamlNode | null; problems: Problem[] } {
  let events: Event[]
  try {
    events = parseEvents(source.text, { maxDepth: MAX_DEPTH })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    return { root: null, problems: [explainYamlError(error, source)] }
  }
  const documents = events.filter((event) => event.type === EVENT_ID.DOCUMENT)
  const [first] = documents
  if (first?.type !== EVENT_ID.DOCUMENT)
    return { root: null, problems: [source.problem(0, 'the file is empty')] }
  if (documents.length > 1) {
    const offset = source.text.search(/(?<=\n|\r)(?:---|\.\.\.)/u)
    return {
      root: null,
      problems: [source.problem(Math.max(offset, 0), 'the file holds more than one document')],
    }
  }
  if (first.directives.length > 0) {
    const offset = source.text.search(/^%/mu)
    return {
      root: null,
      problems: [source.problem(offset, 'YAML directives are not used here', 'delete the line')],
    }
  }
  const reader = new YamlReader(source, events)
  const root = reader.read()
  return { root: reader.problems.length > 0 ? null : root, problems: reader.problems }
}
