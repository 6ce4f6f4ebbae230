# Completion of hoopctl for bash, as `hoopctl completion bash` prints it. To use it, put into ~/.bashrc:
#   eval "$(hoopctl completion bash)"

_hoopctl() {
  local IFS=$'\n' current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} path='' index next
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ ${COMP_WORDS[index]} == -- ]]; then
      # What follows is the command of a server.
      if ((index + 1 == COMP_CWORD)); then _hoopctl_offer commands; else _hoopctl_offer files; fi
      return
    fi
    next="${path:+$path }${COMP_WORDS[index]}"
    case $next in
      'login' | 'logout' | 'whoami' | 'status' | 'wrap' | 'grants' | 'request' | 'revoke' | 'approve' | 'policy' | 'policy init' | 'policy lint' | 'policy explain' | 'policy test' | 'policy schema' | 'policy keygen' | 'policy trust' | 'policy sign' | 'policy verify' | 'policy add' | 'policy show' | 'policy refresh' | 'sessions' | 'sessions list' | 'sessions show' | 'sessions replay' | 'sessions upload' | 'sessions verify' | 'sessions export' | 'sessions prune' | 'sessions hold' | 'pins' | 'pins list' | 'pins accept' | 'completion') path=$next ;;
    esac
  done
  case "$path $previous" in
    'login --issuer') return ;;
    'login --client-id') return ;;
    'login --store') _hoopctl_offer words 'keychain' 'file'; return ;;
    'login --workload') _hoopctl_offer files; return ;;
    'login --key-file') _hoopctl_offer files; return ;;
    'login --secret-file') _hoopctl_offer files; return ;;
    'login --parameter') return ;;
    'whoami --policy') _hoopctl_offer files; return ;;
    'status --policy') _hoopctl_offer files; return ;;
    'wrap --policy') _hoopctl_offer files; return ;;
    'wrap --server') return ;;
    'wrap --grant') return ;;
    'wrap --reason') return ;;
    'grants --policy') _hoopctl_offer files; return ;;
    'request --for') return ;;
    'request --reason') return ;;
    'request --policy') _hoopctl_offer files; return ;;
    'revoke --policy') _hoopctl_offer files; return ;;
    'approve --policy') _hoopctl_offer files; return ;;
    'policy init --out') _hoopctl_offer files; return ;;
    'policy init --name') return ;;
    'policy explain --policy') _hoopctl_offer files; return ;;
    'policy explain --server') return ;;
    'policy explain --as') _hoopctl_offer files; return ;;
    'policy explain --grant') return ;;
    'policy explain --call') return ;;
    'policy explain --calls') _hoopctl_offer files; return ;;
    'policy keygen --out') return ;;
    'policy trust --out') _hoopctl_offer files; return ;;
    'policy trust --key') return ;;
    'policy trust --signer') return ;;
    'policy trust --threshold') return ;;
    'policy trust --previous') _hoopctl_offer files; return ;;
    'policy trust --min-version') return ;;
    'policy sign --key') return ;;
    'policy sign --trust') _hoopctl_offer files; return ;;
    'policy sign --out') _hoopctl_offer files; return ;;
    'policy verify --trust') _hoopctl_offer files; return ;;
    'policy verify --name') return ;;
    'policy add --trust') return ;;
    'policy add --region') return ;;
    'policy add --role') return ;;
    'sessions list --person') return ;;
    'sessions list --server') return ;;
    'sessions list --tool') return ;;
    'sessions list --effect') return ;;
    'sessions list --since') return ;;
    'sessions list --until') return ;;
    'sessions list --text') return ;;
    'sessions upload --policy') _hoopctl_offer files; return ;;
    'sessions upload --for') return ;;
    'sessions verify --device') return ;;
    'sessions verify --copy-of') return ;;
    'sessions verify --policy') _hoopctl_offer files; return ;;
    'sessions export --format') _hoopctl_offer words 'jsonl' 'csv' 'ocsf' 'html'; return ;;
    'sessions export --out') _hoopctl_offer files; return ;;
    'sessions prune --policy') _hoopctl_offer files; return ;;
    'sessions prune --older-than') return ;;
    'sessions hold --reason') return ;;
  esac
  case $path in
    '') if [[ $current == -* ]]; then _hoopctl_offer words '--version' '--help'; else _hoopctl_offer words 'login' 'logout' 'whoami' 'status' 'wrap' 'grants' 'request' 'revoke' 'approve' 'policy' 'sessions' 'pins' 'completion'; fi ;;
    'login') if [[ $current == -* ]]; then _hoopctl_offer words '--issuer' '--client-id' '--device' '--browser' '--store' '--workload' '--key-file' '--secret-file' '--parameter' '--json' '--help'; fi ;;
    'logout') if [[ $current == -* ]]; then _hoopctl_offer words '--help'; fi ;;
    'whoami') if [[ $current == -* ]]; then _hoopctl_offer words '--policy' '--json' '--help'; fi ;;
    'status') if [[ $current == -* ]]; then _hoopctl_offer words '--policy' '--json' '--help'; fi ;;
    'wrap') if [[ $current == -* ]]; then _hoopctl_offer words '--policy' '--server' '--grant' '--reason' '--help'; fi ;;
    'grants') if [[ $current == -* ]]; then _hoopctl_offer words '--policy' '--json' '--help'; fi ;;
    'request') if [[ $current == -* ]]; then _hoopctl_offer words '--for' '--reason' '--device' '--policy' '--json' '--help'; fi ;;
    'revoke') if [[ $current == -* ]]; then _hoopctl_offer words '--all' '--policy' '--json' '--help'; fi ;;
    'approve') if [[ $current == -* ]]; then _hoopctl_offer words '--policy' '--help'; fi ;;
    'policy') if [[ $current == -* ]]; then _hoopctl_offer words '--help'; else _hoopctl_offer words 'init' 'lint' 'explain' 'test' 'schema' 'keygen' 'trust' 'sign' 'verify' 'add' 'show' 'refresh'; fi ;;
    'policy init') if [[ $current == -* ]]; then _hoopctl_offer words '--out' '--name' '--trust-hints' '--yes' '--json' '--help'; else _hoopctl_offer commands; fi ;;
    'policy lint') if [[ $current == -* ]]; then _hoopctl_offer words '--json' '--help'; else _hoopctl_offer files; fi ;;
    'policy explain') if [[ $current == -* ]]; then _hoopctl_offer words '--policy' '--server' '--as' '--grant' '--call' '--calls' '--json' '--help'; fi ;;
    'policy test') if [[ $current == -* ]]; then _hoopctl_offer words '--json' '--help'; else _hoopctl_offer files; fi ;;
    'policy schema') if [[ $current == -* ]]; then _hoopctl_offer words '--help'; fi ;;
    'policy keygen') if [[ $current == -* ]]; then _hoopctl_offer words '--out' '--json' '--help'; fi ;;
    'policy trust') if [[ $current == -* ]]; then _hoopctl_offer words '--out' '--key' '--signer' '--threshold' '--previous' '--min-version' '--json' '--help'; fi ;;
    'policy sign') if [[ $current == -* ]]; then _hoopctl_offer words '--key' '--trust' '--out' '--json' '--help'; else _hoopctl_offer files; fi ;;
    'policy verify') if [[ $current == -* ]]; then _hoopctl_offer words '--trust' '--name' '--json' '--help'; else _hoopctl_offer files; fi ;;
    'policy add') if [[ $current == -* ]]; then _hoopctl_offer words '--trust' '--region' '--role' '--yes' '--json' '--help'; fi ;;
    'policy show') if [[ $current == -* ]]; then _hoopctl_offer words '--yaml' '--json' '--help'; fi ;;
    'policy refresh') if [[ $current == -* ]]; then _hoopctl_offer words '--json' '--help'; fi ;;
    'sessions') if [[ $current == -* ]]; then _hoopctl_offer words '--help'; else _hoopctl_offer words 'list' 'show' 'replay' 'upload' 'verify' 'export' 'prune' 'hold'; fi ;;
    'sessions list') if [[ $current == -* ]]; then _hoopctl_offer words '--person' '--server' '--tool' '--effect' '--since' '--until' '--text' '--all' '--pruned' '--json' '--help'; fi ;;
    'sessions show') if [[ $current == -* ]]; then _hoopctl_offer words '--follow' '--json' '--help'; else _hoopctl_offer files; fi ;;
    'sessions replay') if [[ $current == -* ]]; then _hoopctl_offer words '--help'; else _hoopctl_offer files; fi ;;
    'sessions upload') if [[ $current == -* ]]; then _hoopctl_offer words '--policy' '--again' '--check' '--for' '--json' '--help'; fi ;;
    'sessions verify') if [[ $current == -* ]]; then _hoopctl_offer words '--device' '--remote' '--copy-of' '--policy' '--json' '--help'; else _hoopctl_offer files; fi ;;
    'sessions export') if [[ $current == -* ]]; then _hoopctl_offer words '--format' '--out' '--help'; else _hoopctl_offer files; fi ;;
    'sessions prune') if [[ $current == -* ]]; then _hoopctl_offer words '--policy' '--older-than' '--dry-run' '--json' '--help'; fi ;;
    'sessions hold') if [[ $current == -* ]]; then _hoopctl_offer words '--reason' '--release' '--json' '--help'; fi ;;
    'pins') if [[ $current == -* ]]; then _hoopctl_offer words '--help'; else _hoopctl_offer words 'list' 'accept'; fi ;;
    'pins list') if [[ $current == -* ]]; then _hoopctl_offer words '--json' '--help'; fi ;;
    'pins accept') if [[ $current == -* ]]; then _hoopctl_offer words '--json' '--help'; fi ;;
    'completion') if [[ $current == -* ]]; then _hoopctl_offer words '--help'; else _hoopctl_offer words 'bash' 'zsh' 'fish' 'powershell'; fi ;;
  esac
}

# Fills COMPREPLY with what begins like the current word: `files`, `commands`, or `words` and those words.
_hoopctl_offer() {
  case $1 in
    files)
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -f -- "$current"))
      ;;
    commands) COMPREPLY+=($(compgen -c -- "$current")) ;;
    words) COMPREPLY+=($(compgen -W "${*:2}" -- "$current")) ;;
  esac
}

complete -F _hoopctl hoopctl
