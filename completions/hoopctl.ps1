# Completion of hoopctl for PowerShell, as `hoopctl completion powershell` prints it. To use it, put into $PROFILE:
#   hoopctl completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName hoopctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # For each command: what may follow, and what it means. For each flag with choices: those.
    $offered = @{
        '' = [ordered]@{
            'wrap' = 'Run an MCP server behind the policy: put this into a client’s configuration in its place.'
            'policy' = 'Write, check and try policies.'
            'sessions' = 'Look at what was recorded.'
            'pins' = 'Look at tool definitions that changed since first sight, and accept them.'
            'completion' = 'Print the script with which a shell completes hoopctl.'
            '--version' = 'print the version'
            '--help' = 'show this help'
        }
        'wrap' = [ordered]@{
            '--policy' = 'the policy to use instead of the one in the configuration directory'
            '--server' = 'with -- COMMAND: the rules of that server of the policy hold too'
            '--help' = 'show this help'
        }
        'policy' = [ordered]@{
            'init' = 'Start a server, look at what it offers, and write a policy for it to read and change.'
            'lint' = 'Check policy files: each problem with its file, line and column.'
            'explain' = 'Say what would become of calls under a policy, and by which rules.'
            'test' = 'Run policy tests: calls, and what should become of them.'
            'schema' = 'Print the JSON Schema of policy files.'
            '--help' = 'show this help'
        }
        'policy init' = [ordered]@{
            '--out' = 'where to write the policy; without it, policy.yaml in the configuration directory'
            '--name' = 'what to call the server in the policy; without it, what it calls itself'
            '--trust-hints' = 'allow at once what the server calls read-only'
            '--yes' = 'start the server without asking'
            '--json' = 'print what was written as JSON'
            '--help' = 'show this help'
        }
        'policy lint' = [ordered]@{
            '--json' = 'print the problems as JSON'
            '--help' = 'show this help'
        }
        'policy explain' = [ordered]@{
            '--policy' = 'the policy; without it, the configured one'
            '--server' = 'the server that is called, as the policy names it; without it, one that the policy does not name'
            '--as' = 'who calls, as JSON: {"email":…,"groups":[…],"kind":"human"}'
            '--grant' = 'count only this grant as active; repeatable'
            '--call' = 'one call'
            '--calls' = 'a file with one call a line; - is stdin'
            '--json' = 'print one JSON object for each call'
            '--help' = 'show this help'
        }
        'policy test' = [ordered]@{
            '--json' = 'print the results as JSON'
            '--help' = 'show this help'
        }
        'policy schema' = [ordered]@{
            '--help' = 'show this help'
        }
        'sessions' = [ordered]@{
            'list' = 'List the recorded sessions, oldest first.'
            'show' = 'Show what happened in a session.'
            'verify' = 'Check that session logs are whole and were signed by a known device.'
            '--help' = 'show this help'
        }
        'sessions list' = [ordered]@{
            '--all' = 'also those in which nothing was called, like the probes of some clients'
            '--json' = 'print the list as JSON'
            '--help' = 'show this help'
        }
        'sessions show' = [ordered]@{
            '--json' = 'print the records as JSON, as they stand in the log'
            '--help' = 'show this help'
        }
        'sessions verify' = [ordered]@{
            '--device' = 'a device key to accept beside this machine’s own; repeatable'
            '--json' = 'print one JSON object for each session'
            '--help' = 'show this help'
        }
        'pins' = [ordered]@{
            'list' = 'Show the definitions that were pinned; of changed ones, what changed.'
            'accept' = 'Accept what a server shows now in place of what was pinned.'
            '--help' = 'show this help'
        }
        'pins list' = [ordered]@{
            '--json' = 'print JSON'
            '--help' = 'show this help'
        }
        'pins accept' = [ordered]@{
            '--json' = 'print JSON'
            '--help' = 'show this help'
        }
        'completion' = [ordered]@{
            'bash' = 'bash'
            'zsh' = 'zsh'
            'fish' = 'fish'
            'powershell' = 'powershell'
            '--help' = 'show this help'
        }
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
