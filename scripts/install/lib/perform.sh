# shellcheck shell=sh
# Carries out the plan that plan.sh made. In a dry run each step is printed instead.

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
    if ! { ln -s "$2" "$next" && mv -f "$next" "$ROOT$1"; }; then
      rm -f "$next"
      die "unable to make the link $ROOT$1"
    fi
  }
}

put_directory() {
  [ ! -d "$ROOT$1" ] || return 0
  planned_only "make directory $1" || {
    if ! { mkdir "$ROOT$1" && chmod "$2" "$ROOT$1"; }; then
      die "unable to make the directory $ROOT$1"
    fi
  }
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

write_list() {
  ! cmp -s "$WORK/list" "$ROOT$LIST" || return 0
  planned_only "write the list $LIST" || {
    if ! { mkdir -p "$ROOT${LIST%/*}" && cp "$WORK/list" "$ROOT$LIST.new" &&
      mv -f "$ROOT$LIST.new" "$ROOT$LIST"; }; then
      rm -f "$ROOT$LIST.new"
      die "unable to write $ROOT$LIST"
    fi
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

perform_plan() {
  # The list comes before the deeds: what an interrupted installation left can be undone.
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
}
