import { hash } from 'node:crypto'
import type { ExportItem, LogEnd, SessionFacts } from './exported-call.ts'
import { SCRIPT, STYLE } from './html-assets.ts'
import { callHtml, timeHtml } from './html-call.ts'
import { contextHtml } from './html-context.ts'
import { foreignHtml, foreignName } from './html-text.ts'

/** Writes exchanges as one HTML page that needs nothing else: no other file, no network, and only our own script runs. */
export function* htmlPage(items: Iterable<ExportItem>): Generator<string, void, undefined> {
  for (const item of items) {
    if (item.item === 'session') yield headHtml(item.session)
    else if (item.item === 'context') yield contextHtml(item.context)
    else if (item.item === 'call') yield callHtml(item.call)
    else yield endHtml(item.end)
  }
}

// Should a text of a session ever get out of its place: nothing but these two, byte for byte, is run or applied, and
// nothing is loaded or sent.
const CSP = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  `script-src 'sha256-${hash('sha256', SCRIPT, 'base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

function headHtml(session: SessionFacts): string {
  const title = `Session ${session.session ?? 'without a readable header'}, number ${session.number ?? '?'}`
  const facts = [
    ['started', `${timeHtml(session.started)} (all times are UTC)`],
    ['server', foreignName(session.server)],
    ['machine', `${foreignName(session.osUser)} on ${foreignName(session.host)}`],
    ['recorded by', `hoopctl ${foreignName(session.hoopctl)}`],
    ['device', `<code>${foreignName(session.device)}</code>`],
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${CSP}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width">
<title>${foreignHtml(title.slice(0, 200))}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${foreignHtml(title.slice(0, 200))}</h1>
<dl>${facts.map(([name, html]) => `<dt>${name}</dt><dd>${html}</dd>`).join('')}</dl>
<p class="note">What the log says: who it was, by which policy and grants, and where that changed; exchange by exchange, in the order in
which they ended. Whether to believe it says
<code>hoopctl sessions verify</code>. <mark>\\u{…}</mark> stands for a character that would not be seen or would deceive.</p>
</header>
<p class="search" hidden><label>Show those with: <input id="filter" type="search" autocomplete="off"></label>
<output id="shown"></output></p>
<main>
`
}

function endHtml({ end, at, calls, refused, unreadable, unmatched }: LogEnd): string {
  const ended =
    end === null
      ? '<p class="warn">No end is recorded: the session is running, was killed, or its end was cut off.</p>'
      : `<p>Ended ${timeHtml(at)}: ${foreignName(end)}. ${calls} exchanges.</p>`
  const refusals = `<p>${refused} lines or notifications were refused; hoopctl sessions show has them.</p>`
  const left = unreadable + unmatched
  const leftOut = `<p class="bad">${left} lines are no records, or fit no exchange, and were left out.</p>`
  return `</main>
<footer>${ended}${refused === 0 ? '' : refusals}${left === 0 ? '' : leftOut}</footer>
<script>${SCRIPT}</script>
</body>
</html>
`
}
