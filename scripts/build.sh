#!/bin/sh
# Builds build/daemontools, and build/command with one link per program.
# usage: sh scripts/build.sh
#
# Obtains what it needs by itself; see scripts/lib/toolchain.sh. Set
# DAEMONTOOLS_TOOLCHAIN to a directory to share that between checkouts.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
. scripts/lib/toolchain.sh

# The executable is the base runtime and less than this: the runtime reads all
# of what follows the base runtime each time it starts.
MAX_ADDED_BYTES=1048576
# Young objects get 1 MiB instead of 16: 6 MB less for a svscan of 1000 services, and nothing
# slower, as the data that counts lives in buffers outside. V8 gets no threads of its own: they
# would help nothing here, and where none can be had it would abort. A program that runs for years
# says when garbage is collected.
# No baseline code: a program that ends at once pays for it without ever using it, and one that runs
# on soon has better code. Nor garbage that is looked for some time after a burst of work: it took
# more processor time at rest than all else, and gave back nothing that the program had not.
# A heap that is left to V8 is looked through when it is four times as large as after the
# last time, not sooner: while it grows with thousands of services there is hardly any garbage. And it
# holds up everything: the steps that V8 does it in follow each other at once, as the runtime handles
# V8's messages until there are none. That is 1.3 ms for each MB.
V8_FLAGS=--max-semi-space-size=1,--single-threaded,--expose-gc,--no-sparkplug,--no-memory-reducer
V8_FLAGS=$V8_FLAGS,--heap-growing-percent=300

toolchain

# True when nothing that goes into the executable changed since it was built.
up_to_date() {
  [ -x build/daemontools ] &&
    [ -z "$(find main.ts src deno.json scripts/install scripts/install.sh scripts/uninstall.sh \
      scripts/build.sh scripts/lib scripts/offline "$TOOLCHAIN/way" -newer build/daemontools |
      head -n 1)" ]
}

compile() {
  find_bundler
  next=build/next.$$
  mkdir -p "$next"
  trap 'rm -rf "$next"' EXIT
  # Its time becomes the executable's: what is edited during the compilation is newer.
  : >"$next/started"
  # shellcheck disable=SC2086 # $STD_ARGS is no word or one
  "$DENO" run --quiet --no-config --no-check --allow-all scripts/lib/bundle.ts \
    "$ESBUILD" "$next" --config deno.json $STD_ARGS
  # The same sources give the same executable, which keeps the times of its files.
  find "$next/bundle" -exec touch -t 200001010000 {} +
  # From inside, so that what is carried lies beside main.js, wherever that is made.
  (
    cd "$next/bundle"
    deno_compile "$BASE_RUNTIME" --no-config --allow-all --no-code-cache --v8-flags="$V8_FLAGS" \
      --include scripts.json.gz --include maps.json.gz --output ../daemontools main.js
  )
  added=$(($(wc -c <"$next/daemontools") - $(elf_size "$next/daemontools")))
  [ "$added" -lt $MAX_ADDED_BYTES ] ||
    die "$added bytes follow the base runtime; it must be less than $MAX_ADDED_BYTES"
  touch -r "$next/started" "$next/daemontools"
  # A rename: the executable may be running, and running it must never fail.
  mv -f "$next/daemontools" build/daemontools
  say "build/daemontools: $added bytes of program after the base runtime"
}

link_programs() {
  mkdir -p build/command
  build/daemontools --list >"build/list.$$"
  names=$(sed 's/[[:space:]].*//' "build/list.$$")
  rm -f "build/list.$$"
  [ -n "$names" ] || die "build/daemontools --list names no program"
  for name in $names; do
    [ "$(readlink "build/command/$name" || :)" = ../daemontools ] ||
      ln -sfn ../daemontools "build/command/$name"
  done
  for link in build/command/*; do
    case " $(echo "$names" | tr '\n' ' ') " in
      *" ${link##*/} "*) ;;
      *) rm -f "$link" ;;
    esac
  done
}

up_to_date || compile
link_programs
