import { StandIn, type StandInParts } from './stand-in.ts'

const UNREACHABLE = 8

/** Answers a client while no log can be opened: the server is not started, each request hears why. Returns the exit code. */
export async function runUnrecorded(parts: StandInParts): Promise<number> {
  await new StandIn(parts).ended
  return UNREACHABLE
}
