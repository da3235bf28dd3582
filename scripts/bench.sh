#!/bin/sh
# Measures ours beside what it replaces. See scripts/bench/*.sh for what can be measured.
# usage: sh scripts/bench.sh WHAT [argument]...
set -eu
unset CDPATH
cd "$(dirname "$0")/.."

what=${1:-}
if [ ! -f "scripts/bench/$what.sh" ]; then
  echo "usage: sh scripts/bench.sh WHAT [argument]..., with WHAT one of:" >&2
  for script in scripts/bench/*.sh; do
    name=${script##*/}
    echo "  ${name%.sh}" >&2
  done
  exit 100
fi
shift
sh scripts/build.sh
exec sh "scripts/bench/$what.sh" "$@"
