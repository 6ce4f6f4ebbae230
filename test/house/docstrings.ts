const EXPORT = /^export (?:async )?(?:function\*?|class|const) (\w+)/

/** Names the exported functions, classes and constants that no docstring stands above. Reads formatted source. */
export function undocumented(source: string): string[] {
  const lines = source.split('\n')
  return lines.flatMap((line, index) => {
    const name = EXPORT.exec(line)?.[1]
    const above = lines[index - 1]?.trimEnd() ?? ''
    return name === undefined || above.endsWith('*/') ? [] : [name]
  })
}
