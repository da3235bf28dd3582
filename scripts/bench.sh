#!/bin/sh
# Measures ours beside what it replaces: Debian's daemontools, runit, s6 and supervisor, those of
# them that are installed. Prints tables in Markdown; progress goes to standard error. Everything
# is cleaned up, also after an interrupt.
# usage: sh scripts/bench.sh all | NAME [argument]...
#
#   BENCH_SECONDS=60   how long to watch where processor time is measured
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
. scripts/lib/toolchain.sh

what=${1:-}
if [ "$what" != all ] && [ ! -f "scripts/bench/$what.ts" ]; then
  echo "usage: sh scripts/bench.sh all | NAME [argument]..., with NAME one of:" >&2
  for script in scripts/bench/*.ts; do
    name=${script##*/}
    echo "  ${name%.ts}" >&2
  done
  exit 100
fi
sh scripts/build.sh
toolchain
exec "$DENO" run --quiet --no-config --no-check --allow-all scripts/bench/lib/main.ts "$@"
