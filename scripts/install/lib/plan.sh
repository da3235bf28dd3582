# shellcheck shell=sh
# The plan of an installation: a line "kind, path, detail" for everything that is to be there.
#
#   dir PATH MODE          made, and removed when it is empty
#   file PATH SOURCE       the source's contents, put in place by a rename
#   link PATH TARGET
#   services PATH MODE     like dir
#   line PATH TEXT         a line added to a file that is not ours
#   made PATH -            such a file did not exist
#
# The list of what is installed has the same lines, and "aside PATH -" for what was moved aside.
# Planning changes nothing on the machine. It needs the settings of install.sh and, in $WORK, $OLD,
# the list of an earlier installation.

plan() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$PLAN"; }

# was_installed PATH: is it on the list of an earlier installation?
was_installed() { grep -qF "$TAB$1$TAB" "$OLD"; }

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
  for section in 7 8; do
    for page in "$PARTS/man"/*."$section"; do
      plan_file "$SHARE/man/man$section/${page##*/}" "$page"
    done
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

plan_services() {
  [ ! -d "$ROOT$SERVICES" ] || return 0
  plan_parents "$SERVICES"
  plan services "$SERVICES" 755
}

# has FILE...: is one of them there, below the root?
has() {
  for file in "$@"; do
    if [ -e "$ROOT$file" ]; then return 0; fi
  done
  return 1
}

# find_boot_method: sets BOOT to how this machine starts things.
find_boot_method() {
  if has_systemd; then
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

# plan_alias PATH TARGET: a link by another name, which is not worth taking that name from others.
plan_alias() {
  if exists "$ROOT$1" && ! is_ours link "$1" "$2"; then
    say "$1 is something else's; it stays as it is"
  else
    plan_link "$1" "$2"
  fi
}

plan_boot() {
  : >"$WORK/kept"
  [ -n "$BOOT" ] || find_boot_method
  case $BOOT in
    systemd)
      units=/etc/systemd/system
      plan_file $units/daemontools.service "$(from_template daemontools.service)"
      plan_link $units/multi-user.target.wants/daemontools.service ../daemontools.service
      plan_alias $units/svscan.service daemontools.service
      ;;
    upstart) plan_file /etc/init/daemontools.conf "$(from_template daemontools.conf)" ;;
    inittab)
      has /etc/inittab || die "there is no $ROOT/etc/inittab"
      plan_line /etc/inittab
      ;;
    rc.local) plan_line /etc/rc.local ;;
    # What an earlier installation did for the boot stays, and stays on the list.
    none) awk -F "$TAB" '$2 ~ "^/etc/" && $1 != "aside"' "$OLD" >"$WORK/kept" ;;
  esac
}

# is_ours KIND PATH DETAIL: is what is at this path from us, or what we would put there?
is_ours() {
  ! was_installed "$2" || return 0
  case $1 in
    link) [ -L "$ROOT$2" ] && [ "$(readlink "$ROOT$2")" = "$3" ] ;;
    file) [ -f "$ROOT$2" ] && [ ! -L "$ROOT$2" ] && cmp -s "$ROOT$2" "$3" ;;
  esac
}

# find_foreign: writes to $WORK/foreign what is in the way and not ours.
find_foreign() {
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
}

refuse_foreign() {
  while read -r path; do
    what='a file'
    [ ! -d "$ROOT$path" ] || what='a directory'
    [ ! -L "$ROOT$path" ] || what="a link to $(readlink "$ROOT$path")"
    printf '%s: %s is %s that this script did not put there\n' "$ME" "$ROOT$path" "$what" >&2
  done <"$WORK/foreign"
  die "nothing was changed; with --force these are moved aside, and uninstall puts them back"
}

# make_list: writes to $WORK/list what will be installed. A "file" needs no source there.
make_list() {
  {
    awk -F "$TAB" -v OFS="$TAB" '$1 == "file" { $3 = "-" } { print }' "$PLAN"
    sed "s/\$/${TAB}-/; s/^/aside$TAB/" "$WORK/foreign"
    grep -E "^(dir|services|made|aside)$TAB" "$OLD" || :
    cat "$WORK/kept"
  } | LC_ALL=C sort -u >"$WORK/list"
  [ -s "$WORK/list" ] || die "unable to make the list of what is installed"
}

# make_plan: all of it, or the refusal.
make_plan() {
  PLAN=$WORK/plan
  OLD=$WORK/old
  : >"$PLAN"
  : >"$OLD"
  [ ! -f "$ROOT$LIST" ] || cat "$ROOT$LIST" >"$OLD"
  plan_programs
  plan_texts
  plan_services
  plan_boot
  find_foreign
  [ ! -s "$WORK/foreign" ] || [ -n "$FORCE" ] || refuse_foreign
  plan_parents "$LIST"
  make_list
}
