import type { ProblemList } from './problem-list.ts'
import { faultOfWebAddress } from './web-address.ts'
import type { YamlPath } from './yaml-node.ts'

/** Notes what is wrong with an address, if anything is. It is not repeated: a password may stand in it. */
export function checkAddress(text: string, path: YamlPath, problems: ProblemList): void {
  const fault = faultOfWebAddress(text)
  if (fault !== null) problems.atValue(path, `this address cannot be used: ${fault}`)
}
