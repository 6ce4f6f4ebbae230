# Completion of hoopctl for fish, as `hoopctl completion fish` prints it. To use it:
#   hoopctl completion fish > ~/.config/fish/completions/hoopctl.fish

# Whether the words before the cursor name exactly this command.
function __hoopctl_at
    set -l typed
    for word in (commandline -opc)[2..-1]
        test "$word" = --; and return 1
        set -l next (string join ' ' $typed $word)
        contains -- $next 'wrap' 'policy' 'policy init' 'policy lint' 'policy explain' 'policy test' 'policy schema' 'sessions' 'sessions list' 'sessions show' 'sessions verify' 'pins' 'pins list' 'pins accept' 'completion'; and set typed $next
    end
    test "$typed" = "$argv"
end

# Whether the words before the cursor hold --: what follows is the command of a server.
function __hoopctl_in_command
    contains -- -- (commandline -opc)
end

complete -c hoopctl -f
complete -c hoopctl -n __hoopctl_in_command -F -a '(__fish_complete_subcommand)'
complete -c hoopctl -n '__hoopctl_at' -a wrap -d 'Run an MCP server behind the policy: put this into a client’s configuration in its place.'
complete -c hoopctl -n '__hoopctl_at' -a policy -d 'Write, check and try policies.'
complete -c hoopctl -n '__hoopctl_at' -a sessions -d 'Look at what was recorded.'
complete -c hoopctl -n '__hoopctl_at' -a pins -d 'Look at tool definitions that changed since first sight, and accept them.'
complete -c hoopctl -n '__hoopctl_at' -a completion -d 'Print the script with which a shell completes hoopctl.'
complete -c hoopctl -n '__hoopctl_at' -l version -d 'print the version'
complete -c hoopctl -n '__hoopctl_at' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at wrap' -l policy -r -F -d 'the policy to use instead of the one in the configuration directory'
complete -c hoopctl -n '__hoopctl_at wrap' -l server -x -d 'with -- COMMAND: the rules of that server of the policy hold too'
complete -c hoopctl -n '__hoopctl_at wrap' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at policy' -a init -d 'Start a server, look at what it offers, and write a policy for it to read and change.'
complete -c hoopctl -n '__hoopctl_at policy' -a lint -d 'Check policy files: each problem with its file, line and column.'
complete -c hoopctl -n '__hoopctl_at policy' -a explain -d 'Say what would become of calls under a policy, and by which rules.'
complete -c hoopctl -n '__hoopctl_at policy' -a test -d 'Run policy tests: calls, and what should become of them.'
complete -c hoopctl -n '__hoopctl_at policy' -a schema -d 'Print the JSON Schema of policy files.'
complete -c hoopctl -n '__hoopctl_at policy' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at policy init' -a '(__fish_complete_command)'
complete -c hoopctl -n '__hoopctl_at policy init' -l out -r -F -d 'where to write the policy; without it, policy.yaml in the configuration directory'
complete -c hoopctl -n '__hoopctl_at policy init' -l name -x -d 'what to call the server in the policy; without it, what it calls itself'
complete -c hoopctl -n '__hoopctl_at policy init' -l trust-hints -d 'allow at once what the server calls read-only'
complete -c hoopctl -n '__hoopctl_at policy init' -l yes -d 'start the server without asking'
complete -c hoopctl -n '__hoopctl_at policy init' -l json -d 'print what was written as JSON'
complete -c hoopctl -n '__hoopctl_at policy init' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at policy lint' -F
complete -c hoopctl -n '__hoopctl_at policy lint' -l json -d 'print the problems as JSON'
complete -c hoopctl -n '__hoopctl_at policy lint' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at policy explain' -l policy -r -F -d 'the policy; without it, the configured one'
complete -c hoopctl -n '__hoopctl_at policy explain' -l server -x -d 'the server that is called, as the policy names it; without it, one that the policy does not name'
complete -c hoopctl -n '__hoopctl_at policy explain' -l as -r -F -d 'who calls, as JSON: {"email":…,"groups":[…],"kind":"human"}'
complete -c hoopctl -n '__hoopctl_at policy explain' -l grant -x -d 'count only this grant as active; repeatable'
complete -c hoopctl -n '__hoopctl_at policy explain' -l call -x -d 'one call'
complete -c hoopctl -n '__hoopctl_at policy explain' -l calls -r -F -d 'a file with one call a line; - is stdin'
complete -c hoopctl -n '__hoopctl_at policy explain' -l json -d 'print one JSON object for each call'
complete -c hoopctl -n '__hoopctl_at policy explain' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at policy test' -F
complete -c hoopctl -n '__hoopctl_at policy test' -l json -d 'print the results as JSON'
complete -c hoopctl -n '__hoopctl_at policy test' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at policy schema' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at sessions' -a list -d 'List the recorded sessions, oldest first.'
complete -c hoopctl -n '__hoopctl_at sessions' -a show -d 'Show what happened in a session.'
complete -c hoopctl -n '__hoopctl_at sessions' -a verify -d 'Check that session logs are whole and were signed by a known device.'
complete -c hoopctl -n '__hoopctl_at sessions' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at sessions list' -l all -d 'also those in which nothing was called, like the probes of some clients'
complete -c hoopctl -n '__hoopctl_at sessions list' -l json -d 'print the list as JSON'
complete -c hoopctl -n '__hoopctl_at sessions list' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at sessions show' -l json -d 'print the records as JSON, as they stand in the log'
complete -c hoopctl -n '__hoopctl_at sessions show' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at sessions verify' -F
complete -c hoopctl -n '__hoopctl_at sessions verify' -l device -x -d 'a device key to accept beside this machine’s own; repeatable'
complete -c hoopctl -n '__hoopctl_at sessions verify' -l json -d 'print one JSON object for each session'
complete -c hoopctl -n '__hoopctl_at sessions verify' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at pins' -a list -d 'Show the definitions that were pinned; of changed ones, what changed.'
complete -c hoopctl -n '__hoopctl_at pins' -a accept -d 'Accept what a server shows now in place of what was pinned.'
complete -c hoopctl -n '__hoopctl_at pins' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at pins list' -l json -d 'print JSON'
complete -c hoopctl -n '__hoopctl_at pins list' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at pins accept' -l json -d 'print JSON'
complete -c hoopctl -n '__hoopctl_at pins accept' -l help -d 'show this help'
complete -c hoopctl -n '__hoopctl_at completion' -a 'bash zsh fish powershell'
complete -c hoopctl -n '__hoopctl_at completion' -l help -d 'show this help'
