#!/bin/sh
# Runs all tests on fresh clones in places that are less comfortable than this one.
# usage: sh scripts/test-places.sh [PLACE]...
#
#   blank     a path with a blank, a dollar and a quote
#   user      as an ordinary user (needs root)
#   busybox   with busybox as /bin/sh (needs root)
#   std       with the real @std, where ../shared/jsr serves it
#   minimal   a Debian tree of debootstrap's minbase with npm, and without perl and Python (needs root)
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
. scripts/lib/toolchain.sh
toolchain

scratch=$(mktemp -d "${TMPDIR:-/tmp}/daemontools-places.XXXXXX")
chmod 755 "$scratch"
server=
clean_up() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || :
  # Not into what a tree may still have mounted.
  rm -rf --one-file-system "$scratch"
}
trap clean_up EXIT
trap 'exit 130' HUP INT TERM

# clone DIRECTORY: what is committed here, with a toolchain of its own that knows no way yet.
clone() {
  git clone --quiet . "$1"
  mkdir -p "$1/build/toolchain"
  cp "$TOOLCHAIN"/deno-* "$TOOLCHAIN"/denort-* "$TOOLCHAIN"/esbuild-* "$1/build/toolchain" 2>/dev/null || :
}

in_blank() {
  clone "$scratch/it's a \$HOME"
  env -u DAEMONTOOLS_TOOLCHAIN sh "$scratch/it's a \$HOME/scripts/test.sh"
}

in_user() {
  clone "$scratch/user"
  chown -R 65534:65534 "$scratch/user"
  setpriv --reuid 65534 --regid 65534 --clear-groups env -u DAEMONTOOLS_TOOLCHAIN \
    HOME="$scratch/user" sh "$scratch/user/scripts/test.sh"
}

in_busybox() {
  clone "$scratch/busybox"
  # shellcheck disable=SC2016 # for the inner shell
  unshare --mount env -u DAEMONTOOLS_TOOLCHAIN sh -c \
    'mount --bind "$(command -v busybox)" "$(realpath /bin/sh)" && exec /bin/sh "$0"' \
    "$scratch/busybox/scripts/test.sh"
}

in_std() {
  clone "$scratch/std"
  # It takes a port that is free, and says which.
  (cd ../shared/jsr && exec "$DENO" run --no-config --allow-net=127.0.0.1 --allow-read serve.ts 0) \
    >"$scratch/served" 2>&1 &
  server=$!
  turns=100
  until grep -q 'http://127' "$scratch/served"; do
    turns=$((turns - 1))
    [ $turns -gt 0 ] || die "no answer from ../shared/jsr"
    sleep 0.1
  done
  env -u DAEMONTOOLS_TOOLCHAIN NO_PROXY=127.0.0.1 \
    JSR_URL="$(grep -o 'http://127[0-9.:]*/' "$scratch/served")" sh "$scratch/std/scripts/test.sh"
}

in_minimal() {
  tree=$scratch/minimal
  # The release that this machine has.
  release=$(sed -n "s/^VERSION_CODENAME=//p" /etc/os-release)
  debootstrap --variant=minbase "${release:-stable}" "$tree" >/dev/null
  cp -L /etc/resolv.conf "$tree/etc"
  # debootstrap itself does not find all that npm depends on.
  chroot "$tree" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install --no-install-recommends npm >/dev/null 2>&1
  rm -f "$tree"/usr/bin/perl* "$tree"/usr/bin/python*
  # The certificates that this network needs.
  mkdir -p "$tree/etc/ssl/certs"
  cp -L /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs"
  git clone --quiet . "$tree/root/clone"
  certificates=/etc/ssl/certs/ca-certificates.crt
  # shellcheck disable=SC2016 # for the inner shell
  unshare --mount --pid --fork --kill-child sh -euc '
    mount --bind "$0" "$0"
    mount --rbind /dev "$0/dev"
    mount --rbind /sys "$0/sys"
    mount -t proc proc "$0/proc"
    exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin NODE_EXTRA_CA_CERTS="$1" \
      SSL_CERT_FILE="$1" chroot "$0" /bin/sh /root/clone/scripts/test.sh' "$tree" "$certificates"
}

[ $# -gt 0 ] || set -- blank user busybox std minimal
failed=
for place in "$@"; do
  echo "== $place"
  case $place in
    blank | user | busybox | std | minimal) "in_$place" || failed="$failed $place" ;;
    *) die "no such place: $place" ;;
  esac
done
[ -z "$failed" ] || die "failed:$failed"
