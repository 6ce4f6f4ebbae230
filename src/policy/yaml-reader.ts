import {
  type AliasEvent,
  type Event,
  EVENT_ID,
  getScalarValue,
  type MappingEvent,
  SCALAR_STYLE,
  type ScalarEvent,
} from 'js-yaml'
import type { Problem } from './problem.ts'
import type { SourceText } from './source-text.ts'
import type { ListNode, MapNode, ScalarNode, YamlNode } from './yaml-node.ts'
import { hintAfterWhen } from './yaml-fault.ts'
import { plainScalar } from './yaml-scalar.ts'

// An alias costs one line and stands for everything below its anchor: nine lines of nine make a billion nodes.
const MAX_NODES_BY_ALIAS = 10_000

/** Makes nodes of js-yaml's events, for one document, and collects what is wrong on the way. */
export class YamlReader {
  readonly problems: Problem[] = []
  readonly #source: SourceText
  readonly #events: readonly Event[]
  readonly #anchors = new Map<string, { node: YamlNode; size: number } | null>()
  #next = 1
  #nodes = 0
  #nodesByAlias = 0
  #exploded = false

  constructor(source: SourceText, events: readonly Event[]) {
    this.#source = source
    this.#events = events
  }

  /** Reads the whole document. */
  read(): YamlNode {
    return this.#node(0)
  }

  /** @param parentOffset stands for a node that is empty and so has no place of its own */
  #node(parentOffset: number): YamlNode {
    const event = this.#events[this.#next++]
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) {
      throw new Error('the events of the YAML reader do not fit together')
    }
    if (event.type === EVENT_ID.ALIAS) return this.#alias(event)
    this.#refuseTag(event)
    const name = event.anchorStart >= 0 ? this.#source.text.slice(event.anchorStart, event.anchorEnd) : null
    if (name !== null) this.#anchors.set(name, null)
    const before = this.#nodes++
    const node = this.#content(event, parentOffset)
    if (name !== null) this.#anchors.set(name, { node, size: this.#nodes - before })
    return node
  }

  #content(event: Exclude<Event, AliasEvent>, parentOffset: number): YamlNode {
    if (event.type === EVENT_ID.SCALAR) return this.#scalar(event, parentOffset)
    if (event.type === EVENT_ID.MAPPING) return this.#map(event)
    return this.#list('start' in event ? event.start : parentOffset)
  }

  #list(offset: number): ListNode {
    const items: YamlNode[] = []
    while (!this.#atEnd()) items.push(this.#node(offset))
    return { kind: 'list', offset, items }
  }

  #map(event: MappingEvent): MapNode {
    const entries = new Map<string, { keyOffset: number; value: YamlNode }>()
    while (!this.#atEnd()) {
      const key = this.#node(event.start)
      const value = this.#node(key.offset)
      const name = this.#keyOf(key)
      if (name === null) continue
      if (entries.has(name))
        this.#complain(key.offset, `the key \`${name}\` stands here twice`, 'delete one of them')
      entries.set(name, { keyOffset: key.offset, value })
    }
    return { kind: 'map', offset: event.start, entries }
  }

  #atEnd(): boolean {
    if (this.#events[this.#next]?.type !== EVENT_ID.POP) return false
    this.#next++
    return true
  }

  #keyOf(key: YamlNode): string | null {
    if (key.kind === 'scalar' && key.value === '<<' && key.plain) {
      this.#complain(key.offset, 'merge keys (`<<`) are not used here', 'write the entries out')
      return null
    }
    if (key.kind === 'scalar' && typeof key.value === 'string') return key.value
    const message =
      key.kind === 'scalar' ? `the key \`${key.source}\` is not text` : 'a key must be a plain word'
    this.#complain(key.offset, message, 'put it in quotes')
    return null
  }

  #alias(event: AliasEvent): YamlNode {
    const name = this.#source.text.slice(event.anchorStart, event.anchorEnd)
    const anchor = this.#anchors.get(name)
    if (anchor === undefined || anchor === null) {
      const message =
        anchor === null
          ? `the alias \`*${name}\` stands inside its own anchor`
          : `there is no anchor for the alias \`*${name}\``
      this.#complain(event.anchorStart - 1, message, 'put a pattern that begins with `*` in quotes')
      return textNode(event.anchorStart - 1, '')
    }
    this.#nodes += anchor.size
    this.#nodesByAlias += anchor.size
    if (this.#nodesByAlias <= MAX_NODES_BY_ALIAS) return anchor.node
    if (!this.#exploded) {
      const message = `the aliases up to \`*${name}\` stand for more than ${MAX_NODES_BY_ALIAS} entries`
      this.#complain(event.anchorStart - 1, message, 'write fewer aliases')
    }
    this.#exploded = true
    return textNode(event.anchorStart - 1, '')
  }

  #scalar(event: ScalarEvent, parentOffset: number): ScalarNode {
    const { text } = this.#source
    const source = event.tagStart >= 0 && event.valueStart < 0 ? 'tagged' : getScalarValue(text, event)
    const offset = offsetOfScalar(event, parentOffset)
    const offsetOf = (position: number): number => sourceOffset(text, event, position)
    const read = event.style === SCALAR_STYLE.PLAIN ? plainScalar(source) : null
    if (read !== null && read.trap !== null)
      this.#complain(offset, read.trap, `put it in quotes where text is meant: "${source}"`)
    const plain = read === null || read.trap !== null ? null : read
    return {
      kind: 'scalar',
      offset,
      end: event.valueEnd,
      value: plain === null ? source : plain.value,
      source,
      plain: plain !== null,
      date: plain?.date ?? false,
      offsetOf,
    }
  }

  #refuseTag(event: Exclude<Event, AliasEvent>): void {
    if (!('tagStart' in event) || event.tagStart < 0) return
    const tag = this.#source.text.slice(event.tagStart, event.tagEnd)
    this.#complain(
      event.tagStart,
      `YAML takes \`${tag}\` for a tag, and tags are not used here`,
      'put the text in quotes',
    )
  }

  #complain(offset: number, message: string, hint: string): void {
    const problem = this.#source.problem(offset, message)
    const hintHere = hintAfterWhen(problem.text.slice(0, problem.column - 1)) ?? hint
    this.problems.push({ ...problem, hint: hintHere })
  }
}

function textNode(offset: number, value: string): ScalarNode {
  const place = { offset, end: offset, offsetOf: () => offset }
  return { kind: 'scalar', ...place, value, source: value, plain: false, date: false }
}

function offsetOfScalar({ valueStart, style, tagStart }: ScalarEvent, parentOffset: number): number {
  if (valueStart < 0) return tagStart < 0 ? parentOffset : tagStart
  return style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED
    ? valueStart - 1
    : valueStart
}

const MAX_MAPPED_CHARACTERS = 4096

// The end of the shortest piece of the source that decodes to more than `position` characters is where that one stands.
function sourceOffset(text: string, event: ScalarEvent, position: number): number {
  if (event.fast) return event.valueStart + position
  const last = Math.min(event.valueEnd, event.valueStart + MAX_MAPPED_CHARACTERS)
  // STRIP (2): the line break that a cut block would get at its end is none of its characters.
  for (let end = event.valueStart; end <= last; end++) {
    if (getScalarValue(text, { ...event, valueEnd: end, chomping: 2 }).length > position) return end - 1
  }
  // Behind the last character, where an expression ends too early.
  return event.valueStart + text.slice(event.valueStart, last).trimEnd().length
}
