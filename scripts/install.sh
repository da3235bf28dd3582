#!/bin/sh
# Installs daemontools: executable, links, manual pages, completions, /service, start at boot.
# usage: sh install.sh [--prefix DIR] [--service-dir DIR] [--boot METHOD] [--no-boot] [--no-start]
#                      [--root DIR] [--force] [--dry-run]
#
# It needs the executable, found beside it or in ../build, and what is in install/ beside it.
# `daemontools install` is this script too, run with what the executable carries in itself.
# What was done is written to a list, for uninstall.sh and for the next installation.
set -eu
umask 022
unset CDPATH

TAB=$(printf '\t')
ME=install

say() { printf '%s\n' "$*"; }

die() {
  printf '%s: fatal: %s\n' "$ME" "$*" >&2
  exit 111
}

usage() {
  [ $# -eq 0 ] || printf '%s: %s\n' "$ME" "$*" >&2
  cat <<'END'
usage: install [ option ... ]
  --prefix DIR       into DIR/bin and DIR/share, not /command and /usr/local
  --service-dir DIR  look for services in DIR, not /service
  --boot METHOD      start at boot by systemd, inittab, upstart or rc.local
  --no-boot          leave alone what starts at boot, and start nothing
  --no-start         start nothing now
  --root DIR         install below DIR as if it were /, and start nothing
  --force            move aside what belongs to something else
  --dry-run          print every step, change nothing
END
}

wrong_usage() {
  usage "$@" >&2
  exit 100
}

# --- what was asked for -----------------------------------------------------------------------

PREFIX=
ROOT=
SERVICES=/service
BOOT=
START=yes
FORCE=
DRY=
while [ $# -gt 0 ]; do
  case $1 in
    --prefix | --root | --service-dir | --boot)
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
    --service-dir=*) SERVICES=${1#*=} ;;
    --boot=*) BOOT=${1#*=} ;;
    --no-boot) BOOT=none ;;
    --no-start) START= ;;
    --force) FORCE=yes ;;
    --dry-run) DRY=yes ;;
    --help)
      usage
      exit 0
      ;;
    *) wrong_usage "unknown option: $1" ;;
  esac
  shift
done

# These go into files that give blanks and quotes a meaning.
for directory in "$PREFIX" "$SERVICES"; do
  case $directory in
    *[!A-Za-z0-9/._+@%=,:-]* | *//* | *[!/]/) die "unusable directory name: $directory" ;;
    '' | /*) ;;
    *) die "not an absolute path: $directory" ;;
  esac
done
case $ROOT in
  *"$TAB"* | *'
'*) die "unusable directory name: $ROOT" ;;
  '') ;;
  *)
    [ -d "$ROOT" ] || die "no directory: $ROOT"
    ROOT=$(cd "$ROOT" && pwd)
    ;;
esac
[ "$ROOT" != / ] || ROOT=
case $BOOT in
  '' | none | systemd | inittab | upstart | rc.local) ;;
  *) wrong_usage "unknown boot method: $BOOT" ;;
esac
if [ -n "$ROOT" ] || [ "$BOOT" = none ]; then START=; fi

if [ -n "$PREFIX" ]; then
  COMMAND=$PREFIX/bin
  SHARE=$PREFIX/share
else
  COMMAND=/command
  SHARE=/usr/local/share
fi
LIST=$SHARE/daemontools/installed

# --- what there is to install -----------------------------------------------------------------

HERE=$(cd "$(dirname "$0")" && pwd)
PARTS=$HERE/install
EXECUTABLE=${DAEMONTOOLS_EXECUTABLE:-}
for file in "$HERE/daemontools" "$HERE/../build/daemontools"; do
  [ -n "$EXECUTABLE" ] || ! [ -f "$file" ] || EXECUTABLE=$file
done
[ -n "$EXECUTABLE" ] || die "no executable: neither $HERE/daemontools nor $HERE/../build/daemontools"
[ -d "$PARTS/man" ] || die "no manual pages in $PARTS/man"
if [ -z "$DRY$ROOT" ] && [ "$(id -u)" -ne 0 ] && [ "$BOOT" != none ]; then
  die "only root can install; --dry-run shows what would be done"
fi

WORK=$(mktemp -d "${TMPDIR:-/tmp}/daemontools-install.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
trap 'exit 111' HUP INT PIPE TERM
# By a name of its own: it acts by the name that it is called by.
ln -s "$EXECUTABLE" "$WORK/daemontools"
VERSION=$("$WORK/daemontools" --version) || die "$EXECUTABLE does not run on this machine"
TOOLS=$("$WORK/daemontools" --list | sed 's/[[:space:]].*//')
[ -n "$TOOLS" ] || die "$EXECUTABLE names no tools"

PLAN=$WORK/plan
OLD=$WORK/old
: >"$PLAN"
: >"$OLD"
[ ! -f "$ROOT$LIST" ] || cat "$ROOT$LIST" >"$OLD"

# --- the plan: a line "kind, path, detail" for everything ---------------------------------------
#
#   dir PATH MODE          made, and removed when it is empty
#   file PATH SOURCE       the source's contents, put in place by a rename
#   link PATH TARGET
#   services PATH MODE     like dir
#   line PATH TEXT         a line added to a file that is not ours
#   made PATH -            such a file did not exist

plan() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$PLAN"; }

plan_parents() {
  parent=${1%/*}
  [ -n "$parent" ] && [ ! -d "$ROOT$parent" ] || return 0
  ! grep -qF "dir$TAB$parent$TAB" "$PLAN" || return 0
  plan_parents "$parent"
  parent=${1%/*}
  plan dir "$parent" 755
}

plan_file() {
  plan_parents "$1"
  plan file "$1" "$2"
}

plan_link() {
  plan_parents "$1"
  plan link "$1" "$2"
}

plan_programs() {
  plan_file "$COMMAND/daemontools" "$EXECUTABLE"
  for tool in $TOOLS; do plan_link "$COMMAND/$tool" daemontools; done
  [ -z "$PREFIX" ] || return 0
  for tool in daemontools $TOOLS; do plan_link "/usr/local/bin/$tool" "/command/$tool"; done
}

plan_texts() {
  for page in daemontools $TOOLS; do
    [ ! -f "$PARTS/man/$page.8" ] || plan_file "$SHARE/man/man8/$page.8" "$PARTS/man/$page.8"
  done
  bash=$SHARE/bash-completion/completions
  fish=$SHARE/fish/vendor_completions.d
  plan_file "$bash/daemontools" "$PARTS/completions/daemontools.bash"
  plan_file "$fish/daemontools.fish" "$PARTS/completions/daemontools.fish"
  for tool in $TOOLS; do
    plan_link "$bash/$tool" daemontools
    plan_link "$fish/$tool.fish" daemontools.fish
  done
  plan_file "$SHARE/zsh/site-functions/_daemontools" "$PARTS/completions/_daemontools"
}

# has FILE...: is one of them there, below the root?
has() {
  for file in "$@"; do
    if [ -e "$ROOT$file" ]; then return 0; fi
  done
  return 1
}

find_boot_method() {
  if [ -z "$ROOT" ] && [ -d /run/systemd/system ]; then
    BOOT=systemd
  elif has /etc/inittab; then
    BOOT=inittab
  elif has /sbin/initctl && has /etc/init; then
    BOOT=upstart
  elif has /lib/systemd/systemd /usr/lib/systemd/systemd; then
    BOOT=systemd
  else
    BOOT=rc.local
  fi
}

# from_template NAME: the path of a file of install/boot with our paths in it.
from_template() {
  sed -e "s|@SVSCANBOOT@|$COMMAND/svscanboot|g" -e "s|@SERVICES@|$SERVICES|g" \
    "$PARTS/boot/$1" >"$WORK/$1"
  printf '%s\n' "$WORK/$1"
}

# plan_line FILE: adds the line of the template unless svscanboot is started there already.
plan_line() {
  template=$(from_template "${1##*/}")
  if [ -f "$ROOT$1" ] && ! grep -qF "line$TAB$1$TAB" "$OLD" &&
    grep -v '^[[:space:]]*#' "$ROOT$1" | grep -q svscanboot; then
    say "$1 starts svscanboot already; it stays as it is"
    return
  fi
  plan_parents "$1"
  [ -f "$ROOT$1" ] || plan made "$1" -
  plan line "$1" "$(cat "$template")"
}

plan_boot() {
  [ -n "$BOOT" ] || find_boot_method
  case $BOOT in
    systemd)
      units=/etc/systemd/system
      plan_file $units/daemontools.service "$(from_template daemontools.service)"
      plan_link $units/multi-user.target.wants/daemontools.service ../daemontools.service
      ;;
    upstart) plan_file /etc/init/daemontools.conf "$(from_template daemontools.conf)" ;;
    inittab)
      has /etc/inittab || die "there is no $ROOT/etc/inittab"
      plan_line /etc/inittab
      ;;
    rc.local) plan_line /etc/rc.local ;;
    # What an earlier installation did for the boot stays, and stays on the list.
    none) awk -F "$TAB" '$2 ~ "^/etc/" && $1 != "aside"' "$OLD" | sed 's/^/kept /' >"$WORK/kept" ;;
  esac
}

: >"$WORK/kept"
plan_programs
plan_texts
if [ ! -d "$ROOT$SERVICES" ]; then
  plan_parents "$SERVICES"
  plan services "$SERVICES" 755
fi
plan_boot

# --- nothing of others is overwritten -----------------------------------------------------------

exists() { [ -e "$1" ] || [ -L "$1" ]; }

# is_ours KIND PATH DETAIL: is what is at this path from us, or what we would put there?
is_ours() {
  ! grep -qF "$TAB$2$TAB" "$OLD" || return 0
  case $1 in
    link) [ -L "$ROOT$2" ] && [ "$(readlink "$ROOT$2")" = "$3" ] ;;
    file) [ -f "$ROOT$2" ] && [ ! -L "$ROOT$2" ] && cmp -s "$ROOT$2" "$3" ;;
  esac
}

: >"$WORK/foreign"
while IFS=$TAB read -r kind path detail; do
  case $kind in
    file | link)
      if exists "$ROOT$path" && ! is_ours "$kind" "$path" "$detail"; then
        printf '%s\n' "$path" >>"$WORK/foreign"
      fi
      ;;
    dir | services)
      ! exists "$ROOT$path" || die "$ROOT$path is in the way: it is not a directory"
      ;;
  esac
done <"$PLAN"

if [ -s "$WORK/foreign" ] && [ -z "$FORCE" ]; then
  while read -r path; do
    what='a file'
    [ ! -d "$ROOT$path" ] || what='a directory'
    [ ! -L "$ROOT$path" ] || what="a link to $(readlink "$ROOT$path")"
    printf '%s: %s is %s that this script did not put there\n' "$ME" "$ROOT$path" "$what" >&2
  done <"$WORK/foreign"
  die "nothing was changed; with --force these are moved aside, and uninstall puts them back"
fi

# --- doing it -----------------------------------------------------------------------------------

# planned_only WORDS: in a dry run prints them; otherwise fails, so that the deed follows.
planned_only() {
  [ -n "$DRY" ] || return 1
  printf '%s\n' "$*"
}

put_file() {
  ! cmp -s "$2" "$ROOT$1" || return 0
  planned_only "install $1" || {
    mode=644
    [ "$2" != "$EXECUTABLE" ] || mode=755
    next=$ROOT${1%/*}/.daemontools.$$
    if ! { cp "$2" "$next" && chmod $mode "$next" && mv -f "$next" "$ROOT$1"; }; then
      rm -f "$next"
      die "unable to write $ROOT$1"
    fi
  }
}

put_link() {
  [ "$(readlink "$ROOT$1" 2>/dev/null)" != "$2" ] || return 0
  planned_only "link $1 to $2" || {
    next=$ROOT${1%/*}/.daemontools.$$
    ln -s "$2" "$next"
    mv -f "$next" "$ROOT$1"
  }
}

put_directory() {
  [ ! -d "$ROOT$1" ] || return 0
  planned_only "make directory $1" || { mkdir "$ROOT$1" && chmod "$2" "$ROOT$1"; }
}

# replace FILE: with what comes on standard input, keeping its mode and owner.
replace() {
  cp -p "$1" "$1.daemontools.$$"
  cat >"$1.daemontools.$$"
  mv -f "$1.daemontools.$$" "$1"
}

make_boot_file() {
  exists "$ROOT$1" || planned_only "make $1" || {
    printf '#!/bin/sh\n' >"$ROOT$1"
    chmod 755 "$ROOT$1"
  }
}

# The old line goes, the new one comes: before an "exit" at the end, or last.
put_line() {
  ! grep -qxF "$2" "$ROOT$1" 2>/dev/null || return 0
  planned_only "add to $1: $2" || {
    awk -F "$TAB" -v path="$1" '$1 == "line" && $2 == path { print $3 }' "$OLD" >"$WORK/old-line"
    cat "$ROOT$1" >"$WORK/rest"
    # Not with an empty file of patterns: to busybox they match every line.
    [ ! -s "$WORK/old-line" ] || grep -vxF -f "$WORK/old-line" "$ROOT$1" >"$WORK/rest" || :
    LINE=$2 awk '
      { text[NR] = $0 }
      /^[^#]*[^# \t]/ { last = NR }
      END {
        place = text[last] ~ /^exit( +0)?[ \t]*$/ ? last : NR + 1
        for (i = 1; i <= NR; i++) {
          if (i == place) print ENVIRON["LINE"]
          print text[i]
        }
        if (place > NR) print ENVIRON["LINE"]
      }' "$WORK/rest" | replace "$ROOT$1"
  }
}

move_aside() {
  planned_only "move $1 to $1.before-daemontools" ||
    mv -f "$ROOT$1" "$ROOT$1.before-daemontools"
}

# The list comes before the deeds: what an interrupted installation left can be undone.
write_list() {
  # A "file" needs no source any more.
  {
    awk -F "$TAB" -v OFS="$TAB" '$1 == "file" { $3 = "-" } { print }' "$PLAN"
    sed "s/\$/${TAB}-/; s/^/aside$TAB/" "$WORK/foreign"
    grep -E "^(dir|services|made|aside)$TAB" "$OLD" || :
    sed 's/^kept //' "$WORK/kept"
  } | LC_ALL=C sort -u >"$WORK/list"
  [ -s "$WORK/list" ] || die "unable to make the list of what is installed"
  ! cmp -s "$WORK/list" "$ROOT$LIST" || return 0
  planned_only "write the list $LIST" || {
    mkdir -p "$ROOT${LIST%/*}"
    cp "$WORK/list" "$ROOT$LIST.new"
    mv -f "$ROOT$LIST.new" "$ROOT$LIST"
  }
}

# What an older version installed and this one does not have.
remove_obsolete() {
  while IFS=$TAB read -r kind path _; do
    case $kind in file | link) ;; *) continue ;; esac
    ! grep -qF "$TAB$path$TAB" "$WORK/list" || continue
    planned_only "remove $path" || rm -f "$ROOT$path"
  done <"$OLD"
}

plan_parents "$LIST"
write_list
while read -r path; do move_aside "$path"; done <"$WORK/foreign"
while IFS=$TAB read -r kind path detail; do
  case $kind in
    dir | services) put_directory "$path" "$detail" ;;
    file) put_file "$path" "$detail" ;;
    link) put_link "$path" "$detail" ;;
    made) make_boot_file "$path" ;;
    line) put_line "$path" "$detail" ;;
  esac
done <"$PLAN"
remove_obsolete

# --- starting it ----------------------------------------------------------------------------------

# Prints the process id of the svscan that looks after our services, if one runs.
running_svscan() {
  # shellcheck disable=SC2013 # these names are words
  for file in $(grep -ls svscan /proc/[0-9]*/cmdline 2>/dev/null); do
    words=$(tr '\0' '\n' 2>/dev/null <"$file") || continue
    case $(printf '%s\n' "$words" | sed -n 1p) in svscan | */svscan) ;; *) continue ;; esac
    [ "$(printf '%s\n' "$words" | sed -n 2p)" = "$SERVICES" ] || continue
    file=${file%/cmdline}
    say "${file#/proc/}"
    return
  done
}

run() { planned_only "run $*" || "$@"; }

BY_HAND="$COMMAND/pgrphack $COMMAND/svscanboot $SERVICES"
start_svscan() {
  case $BOOT in
    systemd)
      if [ ! -d /run/systemd/system ]; then
        DONE="systemd does not run here; svscan starts at the next boot"
      else
        run systemctl daemon-reload
        run systemctl start daemontools.service
        DONE="systemd has started svscan on $SERVICES"
      fi
      ;;
    inittab)
      if has /sbin/telinit; then
        run /sbin/telinit q
        DONE="init has been told to start svscan on $SERVICES"
      else
        DONE="tell init to read /etc/inittab again, or boot, to start svscan"
      fi
      ;;
    upstart)
      run /sbin/initctl reload-configuration
      run /sbin/initctl start daemontools
      DONE="Upstart has started svscan on $SERVICES"
      ;;
    rc.local)
      planned_only "run $BY_HAND" || (
        cd /
        # shellcheck disable=SC2086 # three words
        $BY_HAND </dev/null >/dev/null 2>&1 &
      )
      DONE="svscan has been started on $SERVICES"
      ;;
  esac
}

switch_over() {
  case $BOOT in
    systemd) say "systemctl restart daemontools" ;;
    rc.local) say "kill $1; and when it has ended: $BY_HAND </dev/null >/dev/null 2>&1 &" ;;
    *) say "kill $1" ;;
  esac
}

DONE=
if [ -n "$START" ]; then
  pid=$(running_svscan)
  if [ -z "$pid" ]; then
    start_svscan
  else
    DONE="svscan runs already (pid $pid) and was not disturbed; it stays the version it is.
To switch over, which ends all services in order and starts them again:
  $(switch_over "$pid")"
    [ "$BOOT" != systemd ] || [ ! -d /run/systemd/system ] || run systemctl daemon-reload
  fi
fi

# --- what was done, and what comes next -------------------------------------------------------------

if [ -n "$DRY" ]; then
  say "this was a dry run: nothing was changed"
  exit 0
fi

say "$VERSION is installed${ROOT:+ below $ROOT}:"
say "  programs     $COMMAND${PREFIX:+ }$([ -n "$PREFIX" ] || echo ', with links in /usr/local/bin')"
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
say "Next:"
say "  ln -s /path/of/your/service $SERVICES/NAME    supervise it from now on"
say "  svstat $SERVICES/*                            see how the services are"
say "  daemontools uninstall${PREFIX:+ --prefix $PREFIX}                        undo all of this"
