/** The page's style: readable on a screen, light or dark, and on paper. Nothing in it loads anything. */
export const STYLE = `
:root { color-scheme: light dark; --line: #8886; --soft: #8882; --good: #176f2c; --warn: #8a5a00; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --good: #6fce86; --warn: #e3b341; --bad: #ff8a80 } }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 68rem; margin: 0 auto; padding: 1.5rem }
h1 { font-size: 1.4rem; margin: 0 0 .75rem; overflow-wrap: anywhere }
h2 { font-size: 1rem; margin: 0 0 .4rem; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: 7.5rem 1fr; gap: .15rem .75rem; margin: 0 }
dt { opacity: .7 }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere }
pre { font: 13px/1.4 ui-monospace, monospace; margin: 0; padding: .4rem .6rem; background: var(--soft); white-space: pre-wrap }
pre, code, .foreign { overflow-wrap: anywhere; unicode-bidi: isolate; direction: ltr }
.foreign { background: var(--soft); border-radius: 3px; padding: 0 .2em; -webkit-box-decoration-break: clone; box-decoration-break: clone; -webkit-print-color-adjust: exact; print-color-adjust: exact }
mark { background: #ffd54a; color: #000; border-radius: 2px; font-family: ui-monospace, monospace }
article { border: 1px solid var(--line); border-left-width: 5px; border-radius: 4px; padding: .6rem .8rem; margin: .6rem 0 }
article[hidden] { display: none }
section { border-left: 5px solid var(--line); padding: .2rem .8rem; margin: .6rem 0 }
section p { margin: 0 }
.answered { border-left-color: var(--good) }
.denied { border-left-color: var(--bad) }
.queued, .waiting, .unanswered { border-left-color: var(--warn) }
.outcome { float: right; font-weight: 600; margin-left: 1rem }
.answered .outcome { color: var(--good) }
.denied .outcome, .bad { color: var(--bad) }
.queued .outcome, .waiting .outcome, .unanswered .outcome, .warn { color: var(--warn) }
.cut, .digest, .note { font-size: .85em; opacity: .8; margin: .2rem 0 }
.search { position: sticky; top: 0; background: Canvas; padding: .6rem 0; margin: 0 }
.search[hidden] { display: none }
.search input { font: inherit; width: min(28rem, 70%); padding: .3rem .5rem }
@media screen { article { content-visibility: auto; contain-intrinsic-size: auto 10rem } }
@media print {
  :root { color-scheme: light; --good: #176f2c; --warn: #8a5a00; --bad: #b3261e }
  body { max-width: none; padding: 0; font-size: 10pt }
  .search { display: none }
  article, section, header { break-inside: avoid-page }
  h2 { break-after: avoid }
}
`

/**
 * The page's only script: it hides the calls that do not have all the words of the filter. Without it, all are shown. The
 * address may say what to begin with: `session-17.html#show=denied`.
 */
export const SCRIPT = `
const box = document.getElementById('filter')
const shown = document.getElementById('shown')
const calls = Array.from(document.querySelectorAll('article'), (element) => ({
  element,
  text: element.textContent.toLowerCase(),
}))
const filter = () => {
  const words = box.value.toLowerCase().split(/\\s+/).filter((word) => word !== '')
  let count = 0
  for (const { element, text } of calls) {
    element.hidden = !words.every((word) => text.includes(word))
    if (!element.hidden) count += 1
  }
  shown.textContent = count + ' of ' + calls.length
}
box.addEventListener('input', filter)
box.value = new URLSearchParams(location.hash.slice(1)).get('show') ?? ''
document.querySelector('.search').hidden = false
filter()
`
