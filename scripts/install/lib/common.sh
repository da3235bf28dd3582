# shellcheck shell=sh
# What install.sh and uninstall.sh share: words to the user, options, the root, dry runs, the list.
#
# The script that sources this sets ME to its name and defines `usage` and `option`.

TAB=$(printf '\t')

say() { printf '%s\n' "$*"; }

die() {
  printf '%s: fatal: %s\n' "$ME" "$*" >&2
  exit 111
}

# usage_error [PROBLEM]: the problem and the usage; exit code 100.
usage_error() {
  {
    [ $# -eq 0 ] || printf '%s: %s\n' "$ME" "$*"
    usage
  } >&2
  exit 100
}

# read_options NAMES ARGUMENT...: calls `option NAME [VALUE]` for each. Those of NAMES take a value,
# as the next argument or behind "=".
read_options() {
  with_value=$1
  shift
  while [ $# -gt 0 ]; do
    case " $with_value " in
      *" ${1%%=*} "*)
        case $1 in
          *=*) option "${1%%=*}" "${1#*=}" ;;
          *)
            [ $# -gt 1 ] || usage_error "$1 needs a value"
            option "$1" "$2"
            shift
            ;;
        esac
        ;;
      *) option "$1" ;;
    esac
    shift
  done
}

# enter_root DIR: sets ROOT to its absolute path, or to nothing for / and for none.
enter_root() {
  ROOT=
  case $1 in
    '') return ;;
    *"$TAB"* | *'
'*) die "unusable directory name: $1" ;;
  esac
  [ -d "$1" ] || die "no directory: $1"
  ROOT=$(cd "$1" && pwd) || die "unable to enter $1"
  [ "$ROOT" != / ] || ROOT=
}

# make_work_directory: sets WORK to a directory that goes away with the script.
make_work_directory() {
  WORK=$(mktemp -d "${TMPDIR:-/tmp}/daemontools-$ME.XXXXXX")
  trap 'rm -rf "$WORK"' EXIT
  trap 'exit 111' HUP INT PIPE TERM
}

exists() { [ -e "$1" ] || [ -L "$1" ]; }

# planned_only WORDS: in a dry run prints them; otherwise fails, so that the deed follows.
planned_only() {
  [ -n "$DRY" ] || return 1
  printf '%s\n' "$*"
}

# The systemd that is in charge of this machine, not only installed.
has_systemd() { [ -z "$ROOT" ] && [ -d /run/systemd/system ]; }

# replace FILE: with what comes on standard input, keeping its mode and owner.
replace() {
  cp -p "$1" "$1.daemontools.$$"
  cat >"$1.daemontools.$$"
  mv -f "$1.daemontools.$$" "$1"
}
