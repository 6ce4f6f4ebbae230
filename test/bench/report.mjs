import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { FIGURES } from './figures.mjs'

const LABEL_WIDTH = 40
const COLUMN_WIDTH = 22

/** Sums the samples up: medians, spreads, ratios to `direct` and to `relay`, and what became of the targets. */
export function summarize(contenders, samples) {
  const figures = FIGURES.map((figure) => {
    const results = {}
    for (const { name } of contenders) results[name] = resultOf(figure.name, name, samples)
    return { ...figure, results }
  }).filter(({ results }) => Object.values(results).some((result) => result !== null))
  return {
    machine: machine(),
    figures,
    targets: figures.flatMap(judgements),
    failures: Object.fromEntries(samples.failures),
  }
}

/** Prints a summary as two tables for people: the figures, and the targets. */
export function table({
  machine: { cpu, cores, memoryGb, platform, node, load },
  figures,
  targets,
  failures,
}) {
  const names = Object.keys(figures[0]?.results ?? {})
  const lines = [
    `${cpu}, ${cores} cores, ${memoryGb} GB, ${platform}, Node ${node}; load before ${load}`,
    'Medians; below each: least..most of the samples, then the ratio to direct and to the relay (medians of the turns).',
    '',
    row('', names),
    ...figures.flatMap((figure) => rowsOf(figure, names)),
    '',
    `${'target: wrap against the relay'.padEnd(LABEL_WIDTH)}${'wanted'.padStart(COLUMN_WIDTH)}${'reached'.padStart(COLUMN_WIDTH)}`,
    ...targets.map(targetRow),
  ]
  for (const [name, why] of Object.entries(failures)) lines.push('', `${name}: n/a: ${why}`)
  return `${lines.join('\n')}\n`
}

function resultOf(figure, name, samples) {
  const values = samples.of(figure, name)
  if (values.length === 0 || samples.failures.has(name)) return null
  return {
    median: median(values),
    least: Math.min(...values),
    most: Math.max(...values),
    samples: values.length,
    toDirect: ratio(values, samples.of(figure, 'direct')),
    toRelay: ratio(values, samples.of(figure, 'relay')),
    moreThanRelay: difference(values, samples.of(figure, 'relay')),
  }
}

// Samples of one turn belong together: what slows the machine for a while slows both.
function ratio(values, others) {
  if (others.length !== values.length) return null
  return median(values.map((value, index) => value / others[index]))
}

function difference(values, others) {
  if (others.length !== values.length) return null
  return median(values.map((value, index) => value - others[index]))
}

function judgements({ target, signedTarget = null, ...figure }) {
  const { label, results } = figure
  const plain = target === null ? [] : [judge(figure, target, results.wrap)]
  const signed = { ...figure, label: `${label}, signed` }
  return signedTarget === null ? plain : [...plain, judge(signed, signedTarget, results.signed)]
}

function judge({ name, unit, label }, target, result) {
  const { toRelay = null, moreThanRelay = null } = result ?? {}
  const { ratioAtMost, ratioAtLeast, moreAtMost } = target
  if (moreAtMost !== undefined) {
    const met = moreThanRelay === null ? null : moreThanRelay <= moreAtMost
    return { name, label, wanted: `at most +${moreAtMost} ${unit}`, reached: moreThanRelay, unit, met }
  }
  const met = toRelay === null ? null : toRelay <= (ratioAtMost ?? Infinity) && toRelay >= (ratioAtLeast ?? 0)
  const wanted = ratioAtMost === undefined ? `at least ${ratioAtLeast}` : `at most ${ratioAtMost}`
  return { name, label, wanted, reached: toRelay, unit: null, met }
}

function rowsOf({ label, unit, results }, names) {
  const cells = (show) => names.map((name) => (results[name] === null ? 'n/a' : show(results[name])))
  const ratioText = (value) => (value === null ? '–' : value.toFixed(2))
  return [
    row(
      `${label}, ${unit}`,
      cells(({ median: value }) => number(value)),
    ),
    row(
      '',
      cells(({ least, most }) => `${number(least)}..${number(most)}`),
    ),
    row(
      '',
      cells(({ toDirect, toRelay }) => `${ratioText(toDirect)}  ${ratioText(toRelay)}`),
    ),
  ]
}

function row(label, cells) {
  return `${label.padEnd(LABEL_WIDTH)}${cells.map((cell) => cell.padStart(COLUMN_WIDTH)).join('')}`
}

function targetRow({ label, wanted, reached, unit, met }) {
  const value = reached === null ? 'n/a' : unit === null ? reached.toFixed(2) : `${number(reached)} ${unit}`
  const verdict = met === null ? '' : met ? '  met' : '  NOT met'
  return `${label.padEnd(LABEL_WIDTH)}${wanted.padStart(COLUMN_WIDTH)}${value.padStart(COLUMN_WIDTH)}${verdict}`
}

function number(value) {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en')
  return value.toFixed(Math.abs(value) >= 100 ? 0 : 1)
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2
}

function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    load: loadavg()[0].toFixed(1),
  }
}
