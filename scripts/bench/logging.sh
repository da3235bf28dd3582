#!/bin/sh
# How fast the logging programs are: ours, and where installed Debian's daemontools, s6-log and
# svlogd, on the same 200 MB, whole process, taking turns; the best of five, and Debian's time
# divided by it. Files are at most 16777215 bytes, so that it is not the disk that is measured.
#
# usage: sh scripts/bench.sh logging [MEGABYTES [ROUNDS]]
set -eu
megabytes=${1:-200}
rounds=${2:-5}
ours=$PWD/build/command
work=$(mktemp -d "${TMPDIR:-/tmp}/daemontools-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
cd "$work"

# Lines of 40 to 159 bytes, the same ones each time.
awk -v size="$((megabytes * 1000000))" 'BEGIN {
  srand(1)
  for (filler = "abcdefghij klmnop "; length(filler) < 200;) filler = filler filler
  for (made = 0; made < size; made += length(line) + 1) {
    line = substr("line " made " " filler, 1, 40 + int(rand() * 120))
    print line
  }
}' >input
"$ours/tai64n" <input >stamped

now_ms() { echo $(($(date +%s%N) / 1000000)); }

# measure ROW COLUMN INPUT COMMAND...: one run; keeps the shortest time.
measure() {
  row=$1 column=$2 input=$3
  shift 3
  [ -x "$1" ] || return 0
  rm -rf log output
  mkdir log
  begun=$(now_ms)
  "$@" <"$input" >output 2>errors || { echo "failed: $*" >&2; cat errors >&2; exit 1; }
  echo "$row|$column|$(($(now_ms) - begun))" >>times
}


round=0
while [ "$round" -lt "$rounds" ]; do
  round=$((round + 1))
  for tools in "ours $ours" "debian /usr/bin"; do
    name=${tools%% *} dir=${tools#* }
    measure "multilog, no label" "$name" input "$dir/multilog" s16777215 n30 ./log
    measure "multilog t" "$name" input "$dir/multilog" t s16777215 n30 ./log
    measure "multilog t, two patterns" "$name" input \
      "$dir/multilog" t '-*nope*' '+*line*' s16777215 n30 ./log
    measure "tai64n" "$name" input "$dir/tai64n"
    measure "tai64nlocal" "$name" stamped "$dir/tai64nlocal"
  done
  measure "multilog, no label" s6-log input /usr/bin/s6-log n30 s16777215 ./log
  measure "multilog t" s6-log input /usr/bin/s6-log t n30 s16777215 ./log
  for svlogd in /usr/bin/svlogd /usr/sbin/svlogd; do
    [ -x "$svlogd" ] || continue
    mkdir -p svlog
    printf 's16777215\nn30\n' >svlog/config
    measure "multilog, no label" svlogd input "$svlogd" ./svlog
    rm -rf svlog
    mkdir svlog
    printf 's16777215\nn30\n' >svlog/config
    measure "multilog t" svlogd input "$svlogd" -t ./svlog
    rm -rf svlog
    break
  done
done

awk -F'|' -v megabytes="$megabytes" -v rounds="$rounds" '
  function cell(row, column) {
    return ((row, column) in best) ? sprintf("%d ms", best[row, column]) : "-"
  }
  function ratio(row) {
    return ((row, "debian") in best) ? sprintf("%.1f x", best[row, "debian"] / best[row, "ours"]) : "-"
  }
  { if (!(($1, $2) in best) || $3 < best[$1, $2]) best[$1, $2] = $3
    if (!($1 in seen)) { seen[$1]; rows[++count] = $1 } }
  END {
    printf "%d MB, whole process, best of %d\n", megabytes, rounds
    printf "%-26s%10s%10s%10s%10s%10s\n", "", "ours", "debian", "s6-log", "svlogd", "faster"
    for (i = 1; i <= count; i++) {
      row = rows[i]
      printf "%-26s%10s%10s%10s%10s%10s\n", row, cell(row, "ours"), cell(row, "debian"),
        cell(row, "s6-log"), cell(row, "svlogd"), ratio(row)
    }
  }' times
