import { Box, Text } from 'ink'
import type { Line, Span, Tone } from './line.ts'

/** What is drawn, and whether with colours. */
export interface ScreenProps {
  readonly lines: readonly Line[]
  readonly colour: boolean
}

/** Draws the lines of a screen, and nothing else: what stands in them was decided before. Props in, text out. */
export function ApprovalsScreen({ lines, colour }: ScreenProps) {
  return (
    <Box flexDirection="column">
      {lines.map((line, index) => (
        <ScreenLine key={index} line={line} colour={colour} />
      ))}
    </Box>
  )
}

// A line that is too long is cut, never wrapped: its rest would stand where our own words begin.
function ScreenLine({ line, colour }: { readonly line: Line; readonly colour: boolean }) {
  const isEmpty = line.every(({ text }) => text === '')
  return (
    <Text wrap="truncate">
      {isEmpty ? ' ' : line.map((piece, index) => <Piece key={index} piece={piece} colour={colour} />)}
    </Text>
  )
}

function Piece({ piece, colour }: { readonly piece: Span; readonly colour: boolean }) {
  return <Text {...(colour ? COLOURED : PLAIN)[piece.tone]}>{piece.text}</Text>
}

interface Drawn {
  readonly bold?: boolean
  readonly dimColor?: boolean
  readonly inverse?: boolean
  readonly color?: string
}

// Without colour the strength of a tone is left; what it means is said in words anyway.
const PLAIN: Readonly<Record<Tone, Drawn>> = {
  plain: {},
  title: { bold: true },
  quiet: {},
  good: {},
  warn: { bold: true },
  bad: { bold: true },
  mark: { inverse: true },
  chosen: { inverse: true },
}

const COLOURED: Readonly<Record<Tone, Drawn>> = {
  ...PLAIN,
  quiet: { dimColor: true },
  good: { color: 'green' },
  warn: { color: 'yellow' },
  bad: { color: 'red', bold: true },
  mark: { inverse: true, color: 'magenta' },
}
