# shellcheck shell=sh
# Where @std comes from. For the scripts that source toolchain.sh.

# jsr_reason LOG: why JSR does not serve: how it answers what Deno could not load, or Deno's words.
jsr_reason() {
  url=$(sed -n "s/.*'\(http[^']*\)' failed.*/\1/p" "$1" | head -n 1)
  answer=
  [ -z "$url" ] || answer=$(timeout 10 "$DENO" eval --quiet "
    try {
      const { ok, status, statusText } = await fetch('$url');
      if (!ok) console.log('$url answers ' + status + ' ' + statusText);
    } catch (error) {
      console.log(error.message);
    }" 2>/dev/null || :)
  printf '%s\n' "${answer:-$(sed -n 's/^error: //p' "$1")}" | head -n 1
}

# find_std: sets STD to "jsr", or to "offline" and STD_REASON to why.
find_std() {
  STD=jsr
  STD_REASON=
  log=$TOOLCHAIN/std.$$
  status=0
  # All that the project imports from @std, without rights to do anything. Not as a file: Deno would
  # pass over one in build/, and find nothing wrong.
  sed -n 's/^ *\("@std[^"]*"\): .*/import \1;/p' scripts/offline/import_map.json |
    NO_COLOR=1 timeout $((NETWORK_SECONDS / 2)) "$DENO" run --quiet --config deno.json - \
      >"$log" 2>&1 || status=$?
  case $status in
    0) ;;
    124) STD=offline STD_REASON="no answer within $((NETWORK_SECONDS / 2)) seconds" ;;
    *) STD=offline STD_REASON=$(jsr_reason "$log") ;;
  esac
  rm -f "$log"
}
