import { realContext } from './real-context.ts'
import { wrap } from './run-wrap.ts'
import { plainWrap } from './plain-wrap.ts'

// What a client starts, again and again: the shortest way into `wrap`, bundled into one file of its own.
const argv = process.argv.slice(2)
const options = plainWrap(argv)
if (options !== null) await wrap(options, realContext(argv))
