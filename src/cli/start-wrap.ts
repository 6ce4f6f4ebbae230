// What a client starts, again and again: the shortest way into `wrap`, in a bundle of its own (scripts/build.mjs).
import { plainWrap } from './plain-wrap.ts'
import { realContext } from './real-context.ts'
import { wrap } from './run-wrap.ts'

const argv = process.argv.slice(2)
const options = plainWrap(argv)
if (options !== null) void realContext(argv).then((context) => wrap(options, context))
