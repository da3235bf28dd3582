#!/bin/sh
# Builds, runs the tests, and ends with the line "N passed, N failed".
# usage: sh scripts/test.sh [argument of deno test]...
#
#   DENO_JOBS=4 sh scripts/test.sh             four test files at a time instead of two
#   TEST_DENO=/path/to/deno sh scripts/test.sh    run the tests with another Deno
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
. scripts/lib/toolchain.sh
. scripts/lib/test_programs.sh
sh scripts/build.sh
toolchain

log=$(mktemp "${TMPDIR:-/tmp}/daemontools-test.XXXXXX")
trap 'rm -f "$log" "$log.status"' EXIT

# Every process that the tests start inherits this, or is given it; see tests/support.
token=$$.$(date +%s)

deno=${TEST_DENO:-$DENO}
# On without asking up to Deno 2.7, and not known there by name.
sanitize=
if "$deno" test --help | grep -q sanitize-ops; then sanitize='--sanitize-ops --sanitize-resources'; fi

# What is tested is to inherit no ignored signals, as from nohup or a shell's background.
defaults=
if env --default-signal true 2>/dev/null; then defaults=--default-signal; fi

# A file, a folder or a filter may have been asked for; otherwise all tests are meant.
paths=tests/
for argument in "$@"; do
  case $argument in
    -*) ;;
    *) [ ! -e "$argument" ] || paths= ;;
  esac
done

{
  status=0
  # shellcheck disable=SC2086 # $defaults, $STD_ARGS, $sanitize and $paths are any number of words
  env $defaults NO_COLOR=1 DENO_JOBS="${DENO_JOBS:-2}" DAEMONTOOLS_TEST_RUN="$token" \
    "$deno" test --config deno.json $STD_ARGS --no-check --allow-all --parallel $sanitize \
    "$@" $paths 2>&1 || status=$?
  echo "$status" >"$log.status"
} | tee "$log"
status=$(cat "$log.status")

# The number before a word in deno's summary: "FAILED | 3 passed (2 steps) | 1 failed (10ms)".
summary=$(grep -E '^(ok|FAILED) \| [0-9]+ passed' "$log" | tail -n 1)
count() { echo "$summary" | sed -n "s/.* \([0-9][0-9]*\) $1.*/\1/p"; }
passed=$(count passed)
failed=$(count failed)
skipped=$(count ignored)

# A test that leaves a process running has failed, whatever it says.
left=$(grep -lsz "^DAEMONTOOLS_TEST_RUN=$token" /proc/[0-9]*/environ | cut -d/ -f3 || :)
for pid in $left; do
  echo "left running: $pid $(tr '\0' ' ' <"/proc/$pid/cmdline" || :)"
  kill -KILL "$pid" 2>/dev/null || :
  failed=$((${failed:-0} + 1))
done

missing=$(missing_programs 1 | tr '\n' ' ')
[ "${skipped:-0}" -eq 0 ] || [ -z "$missing" ] ||
  echo "not here, so that tests that need them were skipped: $missing"
[ "$status" -eq 0 ] || [ "${failed:-0}" -gt 0 ] || failed=1
echo "${passed:-0} passed, ${failed:-0} failed${skipped:+, $skipped skipped}"
[ "${failed:-0}" -eq 0 ]
