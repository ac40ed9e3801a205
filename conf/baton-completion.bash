# Completion of Baton's commands for bash: options, and the names of listeners and the slots of the server that runs.
# In ~/.bashrc:  . /opt/baton/conf/baton-completion.bash
# It completes `baton NAME`, and bin/NAME, ./bin/NAME and the full path, so that other commands named top or logs stay as
# they are.

_baton_options() {
  local where='--help --version --conf -D'
  case $1 in
    start) echo "--foreground $where" ;;
    stop) echo "--now --drain --json $where" ;;
    status) echo "--json $where" ;;
    session) echo "--json $where" ;;
    sessions) echo "--listener --peer --principal --older --state --limit --json --close $where" ;;
    check) echo "--modules --json $where" ;;
    logs) echo "--follow --worker --manager --level --since --lines $where" ;;
    top) echo "--once --json $where" ;;
    reload) echo "--abort --json $where" ;;
    recycle) echo "--json $where" ;;
    scale) echo "--json $where" ;;
    new-module) echo "--group --no-install $where" ;;
  esac
}

# The server's status, of the one that the words so far name; nothing if there is none.
_baton_status() {
  local bin=$1 word conf=()
  shift
  for word in "$@"; do
    case $word in
      --conf=*|-D*) conf+=("$word") ;;
    esac
  done
  "$bin/status" --json "${conf[@]}" 2>/dev/null
}

_baton_listeners() {
  _baton_status "$@" | awk -F'"' '$2 == "name" { name = $4 } $2 == "endpoint" { print name }'
}

_baton_slots() {
  _baton_status "$@" | awk -F'[:,]' '$1 ~ /"slot"/ { print $2 + 0 }'
}

# The directory of the command's scripts: that of the file which the links lead to.
_baton_bin() {
  local file
  file=$(readlink -f -- "$(type -P -- "$1")") && echo "${file%/*}"
}

_baton() {
  local path=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local name=${path##*/} bin words
  if [[ $name == baton ]]; then
    if ((COMP_CWORD == 1)); then
      COMPREPLY=($(compgen -W "$_baton_commands --help" -- "$current"))
      return
    fi
    name=${COMP_WORDS[1]}
  fi
  bin=$(_baton_bin "$path")
  case $before in
    --conf)
      COMPREPLY=($(compgen -f -- "$current"))
      return
      ;;
    --listener) words=$(_baton_listeners "$bin" "${COMP_WORDS[@]}") ;;
    --worker) words=$(_baton_slots "$bin" "${COMP_WORDS[@]}") ;;
    --state) words='open away moving ending' ;;
    --level) words='info warn error' ;;
    --older|--since) words='1m 10m 1h 1d' ;;
    --peer|--principal|--limit|--lines|--close|--group) return ;;
    *)
      words=$(_baton_options "$name")
      [[ $name != recycle || $current == -* ]] || words=$(_baton_slots "$bin" "${COMP_WORDS[@]}")
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}

_baton_commands='start stop status session sessions check logs top reload recycle scale new-module'

_baton_register() {
  local bin=${1:-bin} name
  complete -F _baton baton
  for name in baton $_baton_commands; do
    complete -F _baton "bin/$name" "./bin/$name" "$bin/$name"
  done
}

_baton_register "$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../bin" 2>/dev/null && pwd)"
unset -f _baton_register
