#!/bin/sh
# How long a chain of 1, 2 and 4 programs before /bin/true takes, beside the C tools: the median
# of many runs, with the start of `date` in each, which the first row shows.
# usage: sh scripts/bench.sh chain [rounds]
#
#   REFERENCE=/usr/bin   where the C tools are
set -eu
rounds=${1:-100}
reference=${REFERENCE:-/usr/bin}
ours=$PWD/build/command
directory=$(mktemp -d "${TMPDIR:-/tmp}/daemontools-bench.XXXXXX")
trap 'rm -rf "$directory"' EXIT
mkdir "$directory/env"
echo value >"$directory/env/NAME"
account=$(id -un)

# usage: measure TOOLS PROGRAM... ; prints the median milliseconds of one run. What else the
# machine does lengthens some runs, which a mean would show.
measure() {
  tools=$1
  shift
  (
    PATH=$tools:/usr/bin:/bin
    round=0
    while [ $round -lt "$rounds" ]; do
      start=$(date +%s%N)
      "$@"
      end=$(date +%s%N)
      echo $(((end - start) / 1000))
      round=$((round + 1))
    done
  ) | sort -n | awk '{ time[NR] = $1 } END { printf "%.2f\n", time[int((NR + 1) / 2)] / 1000 }'
}

# usage: row PROGRAMS-BEFORE-TRUE COMMAND...
row() {
  before=$1
  shift
  c=-
  [ ! -x "$reference/envdir" ] || c=$(measure "$reference" "$@")
  printf '%-22s %12s %12s\n' "$before" "$c" "$(measure "$ours" "$@")"
}

env="$directory/env"
printf '%-22s %12s %12s\n' "ms, median" "C tools" "ours"
row "none" /bin/true
row "1: envdir" envdir "$env" /bin/true
row "2: + setuidgid" envdir "$env" setuidgid "$account" /bin/true
row "4: + softlimit, setlock" envdir "$env" setuidgid "$account" \
  softlimit -o 64 setlock "$directory/lock" /bin/true
