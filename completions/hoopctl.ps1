# Completion of hoopctl for PowerShell, as `hoopctl completion powershell` prints it. To use it, put into $PROFILE:
#   hoopctl completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName hoopctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # For each command: what may follow, and what it means. For each flag with choices: those.
    $offered = @{
        '' = [ordered]@{
            'login' = 'Sign in with the company’s identity provider; the policy names it, or you do.'
            'logout' = 'End the sign-in at the provider and here, and with it every grant that was activated.'
            'whoami' = 'Show who the policy takes you for.'
            'status' = 'Show who you are, which policy holds, what is active and which sessions run.'
            'wrap' = 'Run an MCP server behind the policy: put this into a client’s configuration in its place.'
            'grants' = 'List the grants that you may have: which are active and for how long, and what each allows.'
            'request' = 'Activate a grant for a while: in all running sessions, within a second.'
            'revoke' = 'End an active grant now, in all running sessions, within a second.'
            'approve' = 'Answer the calls that wait for a person: a screen that shows each as it will run.'
            'policy' = 'Write, check, try and sign policies.'
            'sessions' = 'Look at what was recorded.'
            'pins' = 'Look at tool definitions that changed since first sight, and accept them.'
            'completion' = 'Print the script with which a shell completes hoopctl.'
            '--version' = 'print the version'
            '--help' = 'show this help'
        }
        'login' = [ordered]@{
            '--issuer' = 'the identity provider, where no policy names one'
            '--client-id' = 'hoopctl’s name there'
            '--device' = 'type a code into any browser, on any machine: the default'
            '--browser' = 'sign in with a browser on this machine, which comes back by itself'
            '--store' = 'keep the tokens there; absent: in the keychain, else in a file'
            '--workload' = 'no person: a token that the platform keeps in this file; `client`: see below'
            '--key-file' = 'with `--workload client`: the private key (PEM) that the client signs with'
            '--secret-file' = 'with `--workload client`: the client’s secret'
            '--parameter' = 'with `--workload client`: sent along, such as resource=…'
            '--json' = 'print who signed in as JSON'
            '--help' = 'show this help'
        }
        'login --store' = [ordered]@{
            'keychain' = 'keychain'
            'file' = 'file'
        }
        'logout' = [ordered]@{
            '--help' = 'show this help'
        }
        'whoami' = [ordered]@{
            '--policy' = 'under this policy file'
            '--json' = 'print JSON'
            '--help' = 'show this help'
        }
        'status' = [ordered]@{
            '--policy' = 'under this policy file'
            '--json' = 'print JSON'
            '--help' = 'show this help'
        }
        'wrap' = [ordered]@{
            '--policy' = 'the policy to use instead of the one in the configuration directory'
            '--server' = 'with -- COMMAND: the rules of that server of the policy hold too'
            '--grant' = 'start this session grant and no other; may be repeated'
            '--reason' = 'why, for the records of the session grants that start'
            '--help' = 'show this help'
        }
        'grants' = [ordered]@{
            '--policy' = 'look into this policy file'
            '--json' = 'print JSON'
            '--help' = 'show this help'
        }
        'request' = [ordered]@{
            '--for' = 'for how long: 45s, 30m, 4h'
            '--reason' = 'why; sessions record it'
            '--device' = 'sign in with a code on another screen, where the provider can'
            '--policy' = 'under this policy file'
            '--json' = 'print the grant as JSON'
            '--help' = 'show this help'
        }
        'revoke' = [ordered]@{
            '--all' = 'end all that is active'
            '--policy' = 'look for the name in this policy file'
            '--json' = 'print what was ended as JSON'
            '--help' = 'show this help'
        }
        'approve' = [ordered]@{
            '--policy' = 'decide by this policy file'
            '--help' = 'show this help'
        }
        'policy' = [ordered]@{
            'init' = 'Start a server, look at what it offers, and write a policy for it to read and change.'
            'lint' = 'Check policy files: each problem with its file, line and column.'
            'explain' = 'Say what would become of calls under a policy, and by which rules.'
            'test' = 'Run policy tests: calls, and what should become of them.'
            'schema' = 'Print the JSON Schema of policy files.'
            'keygen' = 'Make a key that signs policies, encrypted with a passphrase, and print its public half.'
            'trust' = 'Say whose signatures policies need, or sign such a document that others have made.'
            'sign' = 'Sign a policy, or add a signature to one that others have signed.'
            'verify' = 'Check a signed policy: its signatures, its version and expiry, and that it loads.'
            'add' = 'Take the signed policy of a company from where it is served, and trust its signers from now on.'
            'show' = 'Show the policy in force: who signed it, until when it holds, when it was last confirmed.'
            'refresh' = 'Look for a newer policy now; running sessions take it up at once.'
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
        'policy keygen' = [ordered]@{
            '--out' = 'where to write the private key; nothing is overwritten'
            '--json' = 'print the public key as JSON'
            '--help' = 'show this help'
        }
        'policy trust' = [ordered]@{
            '--out' = 'where to write it; one that is there gets signatures added'
            '--key' = 'private keys that sign it, as `policy keygen` writes them'
            '--signer' = 'public keys to trust: beside those of --key in a first document, and nobody else in a later one'
            '--threshold' = 'how many of them must sign; without it, as before, and at first 1'
            '--previous' = 'the trust document before it, whose keys must sign too'
            '--min-version' = 'replaces the policy version below which laptops go back no more'
            '--json' = 'print what was written as JSON'
            '--help' = 'show this help'
        }
        'policy sign' = [ordered]@{
            '--key' = 'private keys, as `policy keygen` writes them'
            '--trust' = 'the trust document that says who may sign'
            '--out' = 'where to write the signed policy; signatures that are there stay'
            '--json' = 'print what was written as JSON'
            '--help' = 'show this help'
        }
        'policy verify' = [ordered]@{
            '--trust' = 'the trust document that says who may sign'
            '--name' = 'what the policy must be called; without it, its name is only shown'
            '--json' = 'print what was verified as JSON'
            '--help' = 'show this help'
        }
        'policy add' = [ordered]@{
            '--trust' = 'the digest of a trust document, as `policy trust` prints it'
            '--region' = 'for s3: the region of the bucket'
            '--role' = 'for s3: the role to assume with the sign-in'
            '--yes' = 'do not ask'
            '--json' = 'print what was taken as JSON'
            '--help' = 'show this help'
        }
        'policy show' = [ordered]@{
            '--yaml' = 'print the policy itself'
            '--json' = 'print JSON'
            '--help' = 'show this help'
        }
        'policy refresh' = [ordered]@{
            '--json' = 'print the policy in force as JSON'
            '--help' = 'show this help'
        }
        'sessions' = [ordered]@{
            'list' = 'List the recorded sessions, oldest first; with filters, those that fit all of them.'
            'show' = 'Show what happened in a session, with the number of each record, as `verify` names them.'
            'replay' = 'Play a session back on a screen: at speed, step by step, from denial to denial; `?` there names the keys.'
            'upload' = 'Send the sessions that were recorded under the policy in force to the destinations that it names.'
            'verify' = 'Check that session logs are whole and were signed by a known device.'
            'export' = 'Write the exchanges of a session for other programs, or as a page for people.'
            'prune' = 'Remove the logs of old sessions that were recorded under the policy in force, once every destination that it names was read and holds all of them.'
            'hold' = 'Hold a session: `sessions prune` keeps its log, however old it is, until you release it.'
            '--help' = 'show this help'
        }
        'sessions list' = [ordered]@{
            '--person' = 'whose: the email or `sub` of whoever was signed in'
            '--server' = 'of which server, as SERVER shows it'
            '--tool' = 'in which this tool was called'
            '--effect' = 'in which a call (of --tool, if named) was first decided so: allow, ask or deny'
            '--since' = 'that were running then or began later: 2026-11-21T09:14:07Z, 2026-11-21, or 7d for days ago'
            '--until' = 'that began by then: a time like that of --since'
            '--text' = 'whose log holds this, in any case: in arguments, results, reasons; reads the logs, so it takes longer'
            '--all' = 'also those in which nothing was called, like the probes of some clients'
            '--pruned' = 'in place of them, those whose logs were pruned because they were old: when, and where they lay then'
            '--json' = 'print the list as JSON'
            '--help' = 'show this help'
        }
        'sessions show' = [ordered]@{
            '--follow' = 'go on while the session runs, until it ends or you press Ctrl-C'
            '--json' = 'print the records as JSON, as they stand in the log'
            '--help' = 'show this help'
        }
        'sessions replay' = [ordered]@{
            '--help' = 'show this help'
        }
        'sessions upload' = [ordered]@{
            '--policy' = 'the policy; absent: the one that `wrap` would use'
            '--again' = 'look for all of them anew: a destination may have lost what it was seen to hold'
            '--check' = 'send no session: only try whether each destination could be read and written now, and leave nothing there'
            '--for' = 'go on for so long, and send what is recorded meanwhile: 50s'
            '--json' = 'print what was sent as JSON'
            '--help' = 'show this help'
        }
        'sessions verify' = [ordered]@{
            '--device' = 'a device key to accept beside this machine’s own; repeatable'
            '--remote' = 'compare logs of this machine with what the destinations of the policy hold'
            '--copy-of' = 'of a directory: what it was copied from, where its checkpoints say that objects lie'
            '--policy' = 'with --remote or a URL: the policy; absent: the one that `wrap` would use'
            '--json' = 'print one JSON object for each session'
            '--help' = 'show this help'
        }
        'sessions export' = [ordered]@{
            '--format' = 'JSON Lines, CSV, OCSF events (API Activity), or one HTML page that works offline'
            '--out' = 'write a file, for this user only, in place of what it holds; absent: stdout'
            '--help' = 'show this help'
        }
        'sessions export --format' = [ordered]@{
            'jsonl' = 'jsonl'
            'csv' = 'csv'
            'ocsf' = 'ocsf'
            'html' = 'html'
        }
        'sessions prune' = [ordered]@{
            '--policy' = 'the policy; absent: the one that `wrap` would use'
            '--older-than' = 'how long ago the last record must be, such as 90d; absent: `audit.retain` of the policy.'
            '--dry-run' = 'remove nothing, and say what would be removed'
            '--json' = 'print what was removed and what was kept as JSON'
            '--help' = 'show this help'
        }
        'sessions hold' = [ordered]@{
            '--reason' = 'why; whoever lists or prunes sessions reads it'
            '--release' = 'end the hold'
            '--json' = 'print what holds it as JSON'
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
