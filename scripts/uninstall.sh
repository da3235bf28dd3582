#!/bin/sh
# Undoes what install.sh did: everything on its list, and nothing else.
# usage: sh uninstall.sh [--prefix DIR] [--root DIR] [--no-stop] [--dry-run]
#
# Services' directories stay, and so does the directory of services unless it is empty.
set -eu
umask 022
unset CDPATH

TAB=$(printf '\t')
ME=uninstall

say() { printf '%s\n' "$*"; }

die() {
  printf '%s: fatal: %s\n' "$ME" "$*" >&2
  exit 111
}

usage() {
  [ $# -eq 0 ] || printf '%s: %s\n' "$ME" "$*" >&2
  cat <<'END'
usage: uninstall [ option ... ]
  --prefix DIR  what was installed with this prefix
  --root DIR    what was installed below this root
  --no-stop     leave svscan and the services running
  --dry-run     print every step, change nothing
END
}

wrong_usage() {
  usage "$@" >&2
  exit 100
}

PREFIX=/usr/local
ROOT=
STOP=yes
DRY=
while [ $# -gt 0 ]; do
  case $1 in
    --prefix | --root)
      [ $# -gt 1 ] || wrong_usage "$1 needs a value"
      joined=$1=$2
      shift 2
      # Some shells take "$@" for unset when there are no more words.
      set -- "$joined" ${1+"$@"}
      ;;
  esac
  case $1 in
    --prefix=*) PREFIX=${1#*=} ;;
    --root=*) ROOT=${1#*=} ;;
    --no-stop) STOP= ;;
    --dry-run) DRY=yes ;;
    --help)
      usage
      exit 0
      ;;
    *) wrong_usage "unknown option: $1" ;;
  esac
  shift
done
[ -z "$ROOT" ] || [ -d "$ROOT" ] || die "no directory: $ROOT"
[ -z "$ROOT" ] || ROOT=$(cd "$ROOT" && pwd)
[ "$ROOT" != / ] || ROOT=
[ -z "$ROOT" ] || STOP=

LIST=$PREFIX/share/daemontools/installed
[ -f "$ROOT$LIST" ] || die "nothing is installed here: there is no $ROOT$LIST"
[ -n "$DRY" ] || [ -w "$ROOT$LIST" ] || die "$ROOT$LIST cannot be written; are you root?"

WORK=$(mktemp -d "${TMPDIR:-/tmp}/daemontools-uninstall.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
trap 'exit 111' HUP INT PIPE TERM
# Directories go inner ones first.
awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' "$ROOT$LIST" >"$WORK/list"

on_list() { grep -qF "$1$TAB$2$TAB" "$WORK/list"; }

planned_only() {
  [ -n "$DRY" ] || return 1
  printf '%s\n' "$*"
}

run() { planned_only "run $*" || "$@" || say "$ME: $* failed; going on"; }

# --- stop what was started ------------------------------------------------------------------------

# Ends each svscan that is the executable on the list, or was before an upgrade.
stop_svscan() {
  executable=$(awk -F "$TAB" '$1 == "file" && $2 ~ "/daemontools$" { print $2 }' "$WORK/list" |
    grep -e /bin/ -e /command/)
  # shellcheck disable=SC2012 # these names are words
  for pid in $(ls -l /proc/[0-9]*/exe 2>/dev/null |
    sed -n "s|.* /proc/\([0-9]*\)/exe -> $executable\( (deleted)\)\{0,1\}\$|\1|p"); do
    case $(tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | sed -n 1p) in
      svscan | */svscan) ;;
      *) continue ;;
    esac
    run kill -TERM "$pid"
    say "svscan (pid $pid) has been told to stop all services and then itself"
  done
}

if [ -n "$STOP" ]; then
  if on_list file /etc/systemd/system/daemontools.service && [ -d /run/systemd/system ]; then
    run systemctl stop daemontools.service
  elif on_list file /etc/init/daemontools.conf && [ -x /sbin/initctl ]; then
    run /sbin/initctl stop daemontools
  elif ! on_list line /etc/inittab; then
    stop_svscan
  fi
fi

# --- undo ---------------------------------------------------------------------------------------

remove_line() {
  [ -f "$ROOT$1" ] || return 0
  planned_only "remove from $1: $2" || {
    cp -p "$ROOT$1" "$ROOT$1.daemontools.$$"
    grep -vxF "$2" "$ROOT$1" >"$ROOT$1.daemontools.$$" || :
    mv -f "$ROOT$1.daemontools.$$" "$ROOT$1"
  }
}

remove_made() {
  [ "$(cat "$ROOT$1" 2>/dev/null)" = '#!/bin/sh' ] || [ -n "$DRY" ] || return 0
  planned_only "remove $1" || rm -f "$ROOT$1"
}

remove_link() {
  [ "$(readlink "$ROOT$1" 2>/dev/null)" = "$2" ] || return 0
  planned_only "remove $1" || rm -f "$ROOT$1"
}

remove_file() {
  [ -f "$ROOT$1" ] || return 0
  planned_only "remove $1" || rm -f "$ROOT$1"
}

put_back() {
  planned_only "move $1.before-daemontools back to $1" || {
    aside=$ROOT$1.before-daemontools
    if [ -e "$aside" ] || [ -L "$aside" ]; then mv -f "$aside" "$ROOT$1"; fi
  }
}

remove_directory() {
  [ -d "$ROOT$1" ] || return 0
  planned_only "remove $1 if it is empty" || rmdir "$ROOT$1" 2>/dev/null || :
}

undo() {
  while IFS=$TAB read -r kind path detail; do
    case $1,$kind in
      things,line) remove_line "$path" "$detail" ;;
      things,link) remove_link "$path" "$detail" ;;
      things,file) remove_file "$path" ;;
      rest,made) remove_made "$path" ;;
      rest,aside) put_back "$path" ;;
      directories,dir | directories,services) remove_directory "$path" ;;
    esac
  done <"$WORK/list"
}

undo things
undo rest
remove_file "$LIST"
undo directories

if [ -n "$STOP" ]; then
  if on_list file /etc/systemd/system/daemontools.service && [ -d /run/systemd/system ]; then
    run systemctl daemon-reload
  elif on_list line /etc/inittab && [ -x /sbin/telinit ]; then
    run /sbin/telinit q
    say "init has been told to stop svscan"
  fi
fi

if [ -n "$DRY" ]; then
  say "this was a dry run: nothing was changed"
else
  say "daemontools is no longer installed${ROOT:+ below $ROOT}"
  awk -F "$TAB" '$1 == "services" { print $2 }' "$WORK/list" | while read -r services; do
    [ ! -d "$ROOT$services" ] || say "left alone: $ROOT$services, which is not empty"
  done
fi
