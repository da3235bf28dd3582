# Completion of daemontools and its tools for bash.
#
# Services are looked for in the directories of $DAEMONTOOLS_SERVICES, which are separated by
# colons; /service and /etc/service unless it is set.

__daemontools_tools='svscan supervise svc svok svup svstat svscanboot readproctitle multilog tai64n
  tai64nlocal tai64nfrac setuidgid envuidgid envdir softlimit setlock fghack pgrphack'
__daemontools_guides='tutorial recipes service deploying troubleshooting migration differences security'

# Sets $directories, which is the caller's.
__daemontools_service_directories() {
  IFS=: read -r -a directories <<<"${DAEMONTOOLS_SERVICES:-/service:/etc/service}"
}

# Completes a service or its logger, by its name or its path. What is neither is completed as a
# directory. Services are not marked as file names: of these bash would list the last part only, so that each
# logger would be a "log/" of nobody.
__daemontools_service() {
  local cur=$1 directory path begin
  local -a directories
  __daemontools_service_directories
  for directory in "${directories[@]}"; do
    begin=$directory/$cur
    [[ $cur != [./]* ]] || begin=$cur
    for path in "$directory"/* "$directory"/*/log; do
      [[ $path != "$begin"* || ! -d $path ]] || COMPREPLY+=("$path")
    done
  done
  [[ -n ${COMPREPLY[*]} || -z $cur ]] || __daemontools_directory "$cur"
}

__daemontools_directory() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen -d -- "$1")
}

__daemontools_file() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen -f -- "$1")
}

__daemontools_words() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$2" -- "$1")
}

__daemontools_account() {
  local name
  while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen -u -- "$1")
}

# Completes the program that a tool runs, whose name is word number $1, and its arguments.
__daemontools_program() {
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  else
    local cur=${COMP_WORDS[COMP_CWORD]} name
    if ((COMP_CWORD == $1)); then
      while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen -c -- "$cur")
    fi
    __daemontools_file "$cur"
  fi
}

# Completes the arguments of tool $1, which is word number $2.
__daemontools_tool() {
  local tool=$1 first=$(($2 + 1)) cur=${COMP_WORDS[COMP_CWORD]} flags= valued= index
  case $tool in
    svc) flags=udopchaitkxq12w+ ;;
    setlock) flags=nNxX ;;
    setuidgid) flags=s ;;
    softlimit) valued=acdflmoprst ;;
  esac
  for ((index = first; index < COMP_CWORD; index++)); do
    case ${COMP_WORDS[index]} in
      -[$valued]) ((index++)) ;;
      -?*) ;;
      *) break ;;
    esac
  done
  # The place of the first word that is no option, and how far behind it we are.
  local operand=$((COMP_CWORD - index))
  if ((operand < 0)); then return; fi
  if ((operand == 0)) && [[ $cur == -* && $tool != multilog ]]; then
    __daemontools_words "$cur" \
      "$(printf '%s' "$flags$valued" | sed 's/./-& /g') $( ((COMP_CWORD != first)) || echo --help) \
      $([[ $tool != svscan ]] || echo --timeout-kill=)"
    return
  fi
  case $tool in
    svc | svstat) __daemontools_service "$cur" ;;
    svok | svup | supervise) ((operand > 0)) || __daemontools_service "$cur" ;;
    svscan | svscanboot) ((operand > 0)) || __daemontools_directory "$cur" ;;
    multilog) __daemontools_action "$cur" "$first" ;;
    setuidgid | envuidgid)
      if ((operand == 0)); then __daemontools_account "$cur"; else __daemontools_program $((index + 1)); fi
      ;;
    envdir)
      if ((operand == 0)); then __daemontools_directory "$cur"; else __daemontools_program $((index + 1)); fi
      ;;
    setlock)
      if ((operand == 0)); then __daemontools_file "$cur"; else __daemontools_program $((index + 1)); fi
      ;;
    softlimit | fghack | pgrphack) __daemontools_program "$index" ;;
  esac
}

__daemontools_action() {
  case $1 in
    [./]*) __daemontools_directory "$1" ;;
    =*)
      local path
      while IFS= read -r path; do COMPREPLY+=("=$path"); done < <(compgen -f -- "${1#=}")
      ;;
    *)
      __daemontools_words "$1" "e - + s n ! = ./ limit= age= gzip=yes gzip=no $(
        ((COMP_CWORD != $2)) || echo t iso=utc iso=local --help
      )"
      compopt -o nospace 2>/dev/null
      ;;
  esac
}

# The executable's own subcommands: it knows them best.
__daemontools_verbs() {
  "${COMP_WORDS[0]}" help 2>/dev/null | sed -n '/^subcommands:$/,/^$/s/^\([a-z]*\)  *[a-z].*/\1/p'
}

# Prints the options of a subcommand, a line for each, with the name of its value if it takes one.
__daemontools_verb_options() {
  "${COMP_WORDS[0]}" "$1" --help 2>/dev/null |
    sed -nE 's/^ +((-.), )?(--[a-z-]+)( [A-Z][A-Z=]*)? .*/\2 \3\4/p'
}

# Completes what stands behind a subcommand that is about services.
__daemontools_verb() {
  local verb=$1 cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} option
  case $previous in
    -C | --directory | --dir) __daemontools_directory "$cur" && return ;;
    --textfile) __daemontools_file "$cur" && return ;;
    --user | --log-user) __daemontools_account "$cur" && return ;;
    -*)
      while IFS= read -r option; do
        [[ " $option" != *" $previous "*[A-Z] ]] || return
      done < <(__daemontools_verb_options "$verb")
      ;;
  esac
  if [[ $cur == -* ]]; then
    __daemontools_words "$cur" "$(__daemontools_verb_options "$verb")"
    return
  fi
  case $verb:$COMP_CWORD in
    wait:2) __daemontools_words "$cur" 'up ready down finished' ;;
    signal:2) __daemontools_words "$cur" "$(compgen -A signal SIG | sed '/JUNK/d; s/^SIG//')" ;;
    add:* | new:*) __daemontools_directory "$cur" ;;
    *) __daemontools_name "$cur" ;;
  esac
}

# Completes a service or its logger by its name. What begins as a path is a directory.
__daemontools_name() {
  local cur=$1 directory path index
  local -a directories
  if [[ $cur == [./]* ]]; then
    __daemontools_directory "$cur"
    return
  fi
  __daemontools_service_directories
  for ((index = 2; index < COMP_CWORD; index++)); do
    case ${COMP_WORDS[index]} in -C | --directory) directories=("${COMP_WORDS[index + 1]}") ;; esac
  done
  for directory in "${directories[@]}"; do
    for path in "$directory"/* "$directory"/*/log; do
      [[ $path != "$directory/$cur"* || ! -d $path ]] || COMPREPLY+=("${path#"$directory"/}")
    done
  done
}

_daemontools() {
  local called=${COMP_WORDS[0]##*/} cur=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  if [[ $called != daemontools ]]; then
    __daemontools_tool "$called" 0
  elif ((COMP_CWORD == 1)); then
    __daemontools_words "$cur" "$(__daemontools_verbs) --list --version --help $__daemontools_tools"
  else
    case ${COMP_WORDS[1]} in
      help)
        ((COMP_CWORD > 2)) || __daemontools_words "$cur" \
          "daemontools $(__daemontools_verbs) $__daemontools_tools $__daemontools_guides"
        ;;
      install | uninstall) __daemontools_install "${COMP_WORDS[1]}" ;;
      *)
        case " ${__daemontools_tools//$'\n'/ } " in
          *" ${COMP_WORDS[1]} "*) __daemontools_tool "${COMP_WORDS[1]}" 1 ;;
          *) __daemontools_verb "${COMP_WORDS[1]}" ;;
        esac
        ;;
    esac
  fi
}

__daemontools_install() {
  local options='--prefix --root --dry-run --help'
  case ${COMP_WORDS[COMP_CWORD - 1]} in
    --prefix | --root | --service-dir) __daemontools_directory "$cur" ;;
    --boot) __daemontools_words "$cur" 'systemd inittab upstart rc.local' ;;
    *)
      case $1 in
        install) options="$options --service-dir --boot --no-boot --no-start --switch --force" ;;
        uninstall) options="$options --no-stop" ;;
      esac
      __daemontools_words "$cur" "$options"
      ;;
  esac
}

# shellcheck disable=SC2086 # names
complete -F _daemontools daemontools $__daemontools_tools
