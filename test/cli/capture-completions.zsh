# usage: zsh -f capture-completions.zsh SCRIPT LINE
# Types LINE and Tab into an interactive zsh that has sourced SCRIPT, and prints what is offered, one word a line.
# `compadd` is what every completion ends in; here it prints the words that it would have added.
zmodload zsh/zpty
typeset inner=$(mktemp)
cat > $inner <<'INNER'
PS1= ; unset zle_bracketed_paste
autoload -Uz compinit; compinit -u -D
source $CAPTURE_SCRIPT
compadd() {
  # Calls that only fill arrays belong to the completion system's own workings.
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a found
  builtin compadd -A found "$@"
  (( ${#found} )) && print -rl -- ${(qqq)found} >> $CAPTURE_OUT
  return $(( ${#found} == 0 ))
}
capture() { _main_complete; print -- end-of-completion }
zle -C capture complete-word capture
bindkey '^I' capture
print -- ready-to-complete
INNER
export CAPTURE_SCRIPT=$1 CAPTURE_OUT=$(mktemp)
typeset seen
zpty shell zsh -f -i
zpty -w shell "source $inner"
zpty -r shell seen '*ready-to-complete*' || exit 3
zpty -n -w shell "$2"$'\t'
zpty -r shell seen '*end-of-completion*' || exit 4
zpty -d shell
for word in ${(f)"$(<$CAPTURE_OUT)"}; print -r -- ${(Q)word}
rm -f $inner $CAPTURE_OUT
