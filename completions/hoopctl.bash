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
      'wrap' | 'policy' | 'policy init' | 'policy lint' | 'policy explain' | 'policy test' | 'policy schema' | 'sessions' | 'sessions list' | 'sessions show' | 'sessions verify' | 'pins' | 'pins list' | 'pins accept' | 'completion') path=$next ;;
    esac
  done
  case "$path $previous" in
    'wrap --policy') _hoopctl_offer files; return ;;
    'wrap --server') return ;;
    'policy init --out') _hoopctl_offer files; return ;;
    'policy init --name') return ;;
    'policy explain --policy') _hoopctl_offer files; return ;;
    'policy explain --server') return ;;
    'policy explain --as') _hoopctl_offer files; return ;;
    'policy explain --grant') return ;;
    'policy explain --call') return ;;
    'policy explain --calls') _hoopctl_offer files; return ;;
    'sessions verify --device') return ;;
  esac
  case $path in
    '') if [[ $current == -* ]]; then _hoopctl_offer words '--version' '--help'; else _hoopctl_offer words 'wrap' 'policy' 'sessions' 'pins' 'completion'; fi ;;
    'wrap') if [[ $current == -* ]]; then _hoopctl_offer words '--policy' '--server' '--help'; fi ;;
    'policy') if [[ $current == -* ]]; then _hoopctl_offer words '--help'; else _hoopctl_offer words 'init' 'lint' 'explain' 'test' 'schema'; fi ;;
    'policy init') if [[ $current == -* ]]; then _hoopctl_offer words '--out' '--name' '--trust-hints' '--yes' '--json' '--help'; else _hoopctl_offer commands; fi ;;
    'policy lint') if [[ $current == -* ]]; then _hoopctl_offer words '--json' '--help'; else _hoopctl_offer files; fi ;;
    'policy explain') if [[ $current == -* ]]; then _hoopctl_offer words '--policy' '--server' '--as' '--grant' '--call' '--calls' '--json' '--help'; fi ;;
    'policy test') if [[ $current == -* ]]; then _hoopctl_offer words '--json' '--help'; else _hoopctl_offer files; fi ;;
    'policy schema') if [[ $current == -* ]]; then _hoopctl_offer words '--help'; fi ;;
    'sessions') if [[ $current == -* ]]; then _hoopctl_offer words '--help'; else _hoopctl_offer words 'list' 'show' 'verify'; fi ;;
    'sessions list') if [[ $current == -* ]]; then _hoopctl_offer words '--all' '--json' '--help'; fi ;;
    'sessions show') if [[ $current == -* ]]; then _hoopctl_offer words '--json' '--help'; fi ;;
    'sessions verify') if [[ $current == -* ]]; then _hoopctl_offer words '--device' '--json' '--help'; else _hoopctl_offer files; fi ;;
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
