#!/bin/sh
# Undoes what install.sh did: everything on its list, and nothing else.
# usage: sh uninstall.sh [--prefix DIR] [--root DIR] [--no-stop] [--dry-run]
#
# Services' directories stay, and so does the directory of services unless it is empty.
set -eu
umask 022
unset CDPATH

ME=uninstall
PARTS=$(cd "$(dirname "$0")" && pwd)/install
# shellcheck source=scripts/install/lib/common.sh
. "$PARTS/lib/common.sh"
# shellcheck source=scripts/install/lib/svscan.sh
. "$PARTS/lib/svscan.sh"

usage() {
  cat <<'END'
usage: uninstall [ option ... ]
  --prefix DIR  what was installed with this prefix
  --root DIR    what was installed below this root
  --no-stop     leave svscan and the services running
  --dry-run     print every step, change nothing
END
}

PREFIX=/usr/local
STOP=yes
DRY=
root=

option() {
  case $1 in
    --prefix) PREFIX=$2 ;;
    --root) root=$2 ;;
    --no-stop) STOP= ;;
    --dry-run) DRY=yes ;;
    --help)
      usage
      exit 0
      ;;
    *) usage_error "unknown option: $1" ;;
  esac
}

read_options '--prefix --root' "$@"
enter_root "$root"
[ -z "$ROOT" ] || STOP=
LIST=$PREFIX/share/daemontools/installed
[ -f "$ROOT$LIST" ] || die "nothing is installed here: there is no $ROOT$LIST"
[ -n "$DRY" ] || [ -w "$ROOT$LIST" ] || die "$ROOT$LIST cannot be written; are you root?"

make_work_directory
# Directories go inner ones first.
awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' "$ROOT$LIST" >"$WORK/list"

on_list() { grep -qF "$1$TAB$2$TAB" "$WORK/list"; }

run() { planned_only "run $*" || "$@" || say "$ME: $* failed; going on"; }

# --- how things are undone ------------------------------------------------------------------------

remove_line() {
  [ -f "$ROOT$1" ] || return 0
  planned_only "remove from $1: $2" || { grep -vxF "$2" "$ROOT$1" || :; } | replace "$ROOT$1"
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
    ! exists "$aside" || mv -f "$aside" "$ROOT$1"
  }
}

remove_directory() {
  [ -d "$ROOT$1" ] || return 0
  planned_only "remove $1 if it is empty" || rmdir "$ROOT$1" 2>/dev/null || :
}

undo() {
  while IFS=$TAB read -r kind path detail; do
    case $1,$kind in
      lines,line) remove_line "$path" "$detail" ;;
      things,link) remove_link "$path" "$detail" ;;
      things,file) remove_file "$path" ;;
      rest,made) remove_made "$path" ;;
      rest,aside) put_back "$path" ;;
      directories,dir | directories,services) remove_directory "$path" ;;
    esac
  done <"$WORK/list"
}

# --- stop what was started ------------------------------------------------------------------------

WAIT_SECONDS=60

# own_svscans [DIR]: prints the id of each svscan that is the executable on the list, or was before
# an upgrade; only that of one directory of services, if one is given.
own_svscans() {
  executable=$(awk -F "$TAB" '$1 == "file" && $2 ~ "/daemontools$" { print $2 }' "$WORK/list" |
    grep -e /bin/ -e /command/)
  svscan_processes | while read -r pid directory; do
    [ "${1:-$directory}" = "$directory" ] || continue
    ! runs_executable "$pid" "$executable" || echo "$pid"
  done
}

stop_svscan() {
  for pid in $(own_svscans); do
    run kill -TERM "$pid"
    say "svscan (pid $pid) has been told to stop all services and then itself"
  done
}

# Until it has ended, svscan may need a tool: a logger that ends early is started once more.
await_svscan() {
  [ -z "$DRY" ] || return 0
  services=$(awk -F "$TAB" '$1 == "services" { print $2; exit }' "$WORK/list")
  turns=$((5 * WAIT_SECONDS))
  pids=$(own_svscans "$services")
  while [ -n "$pids" ]; do
    turns=$((turns - 1))
    if [ $turns -eq 0 ]; then
      # shellcheck disable=SC2086 # in one line
      say "svscan (pid" $pids") still waits for services; from now on it finds no tool any more"
      return 0
    fi
    sleep 0.2
    pids=$(own_svscans "$services")
  done
}

if [ -n "$STOP" ]; then
  if on_list file /etc/systemd/system/daemontools.service && has_systemd; then
    run systemctl stop daemontools.service
  elif on_list file /etc/init/daemontools.conf && [ -x /sbin/initctl ]; then
    run /sbin/initctl stop daemontools
  elif on_list line /etc/inittab; then
    # init starts again what is still on its list.
    undo lines
    if [ -x /sbin/telinit ]; then
      run /sbin/telinit q
      say "init has been told to stop svscan"
    fi
  else
    stop_svscan
  fi
  await_svscan
fi

# --- undo -----------------------------------------------------------------------------------------

undo lines
undo things
undo rest
remove_file "$LIST"
undo directories

if [ -n "$STOP" ] && on_list file /etc/systemd/system/daemontools.service && has_systemd; then
  run systemctl daemon-reload
fi

if [ -n "$DRY" ]; then
  say "this was a dry run: nothing was changed"
else
  say "daemontools is no longer installed${ROOT:+ below $ROOT}"
  awk -F "$TAB" '$1 == "services" { print $2 }' "$WORK/list" | while read -r services; do
    [ ! -d "$ROOT$services" ] || say "left alone: $ROOT$services, which is not empty"
  done
fi
