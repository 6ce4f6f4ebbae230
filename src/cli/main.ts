import { realContext } from './real-context.ts'
import { run } from './run.ts'

const argv = process.argv.slice(2)

await run(argv, await realContext(argv))
