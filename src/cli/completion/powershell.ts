import type { Node, Value } from './command-tree.ts'

/** Writes the completion script for PowerShell 7. Where it offers nothing, PowerShell offers files. */
export function powershellScript(tree: readonly Node[]): string {
  return `# Completion of hoopctl for PowerShell, as \`hoopctl completion powershell\` prints it. To use it, put into $PROFILE:
#   hoopctl completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName hoopctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # For each command: what may follow, and what it means. For each flag with choices: those.
    $offered = @{
${tree.flatMap(entries).join('\n')}
    }
    $path = ''
    $previous = ''
    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        $previous = $element.ToString()
        if ($previous -eq '--') { return }
        $next = "$path $previous".Trim()
        if ($offered.ContainsKey($next)) { $path = $next }
    }
    $key = if ($offered.ContainsKey("$path $previous")) { "$path $previous" } else { $path }
    $offered[$key].GetEnumerator() |
        Where-Object { $_.Key -like "$wordToComplete*" -and ($wordToComplete -like '-*' -or $_.Key -notlike '-*') } |
        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_.Key, $_.Key, 'ParameterValue', $_.Value) }
}
`
}

function entries({ path, subcommands, flags, argument }: Node): readonly string[] {
  const words = [...subcommands, ...choices(argument), ...flags]
  const ofFlags = flags.flatMap(({ name, value }) => {
    const offered = value === null ? [] : choices(value)
    return offered.length > 0 ? [entry(`${path} ${name}`, offered)] : []
  })
  return [entry(path, words), ...ofFlags]
}

function entry(key: string, words: Node['subcommands']): string {
  const pairs = words.map(
    ({ name, description }) => `            ${quoted(name)} = ${quoted(description || name)}`,
  )
  return `        ${quoted(key)} = [ordered]@{\n${pairs.join('\n')}\n        }`
}

function choices(value: Value): Node['subcommands'] {
  return value.kind === 'choices' ? value.choices.map((name) => ({ name, description: name })) : []
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
