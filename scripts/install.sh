#!/bin/sh
# Installs daemontools: executable, links, manual pages, completions, /service, start at boot.
# usage: sh install.sh [--prefix DIR] [--service-dir DIR] [--boot METHOD] [--no-boot] [--no-start]
#                      [--switch] [--root DIR] [--force] [--dry-run]
#
# It needs the executable, found beside it or in ../build, and what is in install/ beside it.
# `daemontools install` is this script too, run with what the executable carries in itself.
# What was done is written to a list, for uninstall.sh and for the next installation.
set -eu
umask 022
unset CDPATH

ME=install
HERE=$(cd "$(dirname "$0")" && pwd)
PARTS=$HERE/install
# shellcheck source=scripts/install/lib/common.sh
. "$PARTS/lib/common.sh"
# shellcheck source=scripts/install/lib/plan.sh
. "$PARTS/lib/plan.sh"
# shellcheck source=scripts/install/lib/perform.sh
. "$PARTS/lib/perform.sh"
# shellcheck source=scripts/install/lib/svscan.sh
. "$PARTS/lib/svscan.sh"
# shellcheck source=scripts/install/lib/start.sh
. "$PARTS/lib/start.sh"

usage() {
  cat <<'END'
usage: install [ option ... ]
  --prefix DIR       into DIR/bin and DIR/share, not /command and /usr/local
  --service-dir DIR  look for services in DIR, not /service
  --boot METHOD      start at boot by systemd, inittab, upstart or rc.local
  --no-boot          leave alone what starts at boot, and start nothing
  --no-start         start nothing now
  --switch           switch a svscan that runs to this version; services run on
  --root DIR         install below DIR as if it were /, and start nothing
  --force            move aside what belongs to something else
  --dry-run          print every step, change nothing
END
}

# --- what was asked for -----------------------------------------------------------------------

PREFIX=
SERVICES=
BOOT=
START=yes
SWITCH=
FORCE=
DRY=
root=

option() {
  case $1 in
    --prefix) PREFIX=$2 ;;
    --root) root=$2 ;;
    --service-dir) SERVICES=$2 ;;
    --boot) BOOT=$2 ;;
    --no-boot) BOOT=none ;;
    --no-start) START= ;;
    --switch) SWITCH=yes ;;
    --force) FORCE=yes ;;
    --dry-run) DRY=yes ;;
    --help)
      usage
      exit 0
      ;;
    *) usage_error "unknown option: $1" ;;
  esac
}

# check_directory NAME: it goes into files that give blanks and quotes a meaning.
check_directory() {
  case $1 in
    *[!A-Za-z0-9/._+@%=,:-]* | *//* | *[!/]/) die "unusable directory name: $1" ;;
    '' | /*) ;;
    *) die "not an absolute path: $1" ;;
  esac
}

read_options '--prefix --root --service-dir --boot' "$@"
check_directory "$PREFIX"
check_directory "$SERVICES"
enter_root "$root"
case $BOOT in
  '' | none | systemd | inittab | upstart | rc.local) ;;
  *) usage_error "unknown boot method: $BOOT" ;;
esac
# An ordinary user installs below a directory of their own, and leaves the machine alone.
OWN=
if [ -z "$ROOT" ] && [ "$(id -u)" -ne 0 ]; then
  if [ -n "$PREFIX" ]; then
    OWN=yes
    SERVICES=${SERVICES:-$PREFIX/service}
    BOOT=${BOOT:-none}
    [ "$BOOT" = none ] || die "only root can have svscan started at boot"
  elif [ -z "$DRY" ]; then
    die "only root can install for all; with --prefix DIR it goes below DIR, which anyone can;" \
      "--dry-run shows what would be done"
  fi
fi
SERVICES=${SERVICES:-/service}
COMMAND=${PREFIX:+$PREFIX/bin}
COMMAND=${COMMAND:-/command}
SHARE=${PREFIX:-/usr/local}/share
LIST=$SHARE/daemontools/installed
if [ -n "$ROOT" ] || [ "$BOOT" = none ]; then START=; fi
[ -z "$ROOT" ] || SWITCH=

# --- what there is to install -----------------------------------------------------------------

EXECUTABLE=${DAEMONTOOLS_EXECUTABLE:-}
for file in "$HERE/daemontools" "$HERE/../build/daemontools"; do
  [ -n "$EXECUTABLE" ] || ! [ -f "$file" ] || EXECUTABLE=$file
done
[ -n "$EXECUTABLE" ] || die "no executable: neither $HERE/daemontools nor $HERE/../build/daemontools"
[ -d "$PARTS/man" ] || die "no manual pages in $PARTS/man"
make_work_directory
# By a name of its own: it acts by the name that it is called by.
ln -s "$EXECUTABLE" "$WORK/daemontools"
VERSION=$("$WORK/daemontools" --version) || die "$EXECUTABLE does not run on this machine"
TOOLS=$("$WORK/daemontools" --list | sed 's/[[:space:]].*//')
[ -n "$TOOLS" ] || die "$EXECUTABLE names no tools"

# --- plan, perform, start ---------------------------------------------------------------------

make_plan
perform_plan
DONE=
if [ -n "$START" ]; then
  start_or_switch
elif [ -n "$SWITCH" ]; then
  switch_running
fi
if [ -n "$DRY" ]; then
  say "this was a dry run: nothing was changed"
  exit 0
fi

# --- what was done, and what comes next -------------------------------------------------------

links=
[ -n "$PREFIX" ] || links=', with links in /usr/local/bin'
say "$VERSION is installed${ROOT:+ below $ROOT}:"
say "  programs     $COMMAND$links"
say "  manual       man daemontools ($SHARE/man)"
say "  services     $SERVICES"
case $BOOT in
  none) say "  at boot      nothing was changed" ;;
  *) say "  at boot      svscan is started by $BOOT" ;;
esac
say "  list         $LIST"
[ ! -s "$WORK/foreign" ] || say "Moved aside, to NAME.before-daemontools: $(tr '\n' ' ' <"$WORK/foreign")"
[ -z "$DONE" ] || say "$DONE"
case ":$PATH:" in
  *":${PREFIX:-/usr/local}/bin:"*) ;;
  *) say "Put ${PREFIX:-/usr/local}/bin on PATH." ;;
esac
case $COMMAND in
  /command | /usr/local/bin | /bin | /usr/bin) ;;
  *) say "Services do not have $COMMAND on PATH: run scripts name the tools by their paths." ;;
esac

link="ln -s /path/of/your/service $SERVICES/NAME"
scan=${OWN:+$COMMAND/svscan $SERVICES}
undo="daemontools uninstall${PREFIX:+ --prefix $PREFIX}"
width=0
for words in "$link" "$scan" "$undo"; do [ ${#words} -le "$width" ] || width=${#words}; done
next() { [ -z "$1" ] || printf "  %-${width}s    %s\n" "$1" "$2"; }
say "Next:"
next "$scan" "supervise the services, until it is ended"
next "$link" "supervise it from now on"
next "svstat $SERVICES/*" "see how the services are"
next "$undo" "undo all of this"
