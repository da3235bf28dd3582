#!/bin/sh
# Installs, where that can be done, what the tests compare with or are run by.
# usage: sh scripts/test-deps.sh
#
# Best effort: a test that needs a program which is not there is skipped.
set -u

unset CDPATH
cd "$(dirname "$0")/.." || exit 0
. scripts/lib/test_programs.sh

[ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0
missing=$(missing_programs 2)
[ -n "$missing" ] || exit 0

# Packages of servers start them: for as long as this runs, a policy says no.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
fi

export DEBIAN_FRONTEND=noninteractive
install() {
  timeout 300 apt-get install -y -q --no-install-recommends "$@" >/dev/null 2>&1
}
# shellcheck disable=SC2086 # a list of words
install $missing || {
  timeout 120 apt-get update -q >/dev/null 2>&1
  install $missing || for package in $missing; do install "$package"; done
}
exit 0
