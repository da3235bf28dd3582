# shellcheck shell=sh
# The programs that tests use where they are: each with the Debian package that brings it. A test
# whose program is missing is skipped.

# For every run; the C tools are what ours are compared with.
TEST_PROGRAMS='busybox:busybox curl:curl fish:fish ip:iproute2 mandoc:mandoc nginx:nginx-light
  perl:perl posh:posh ps:procps python3:python3 runsv:runit s6-svscan:s6 shellcheck:shellcheck
  strace:strace svscan:daemontools zsh:zsh'
# For those with DAEMONTOOLS_TEST_LONG.
LONG_TEST_PROGRAMS='debootstrap:debootstrap lintian:lintian'

[ -z "${DAEMONTOOLS_TEST_LONG-}" ] || TEST_PROGRAMS="$TEST_PROGRAMS $LONG_TEST_PROGRAMS"

# missing_programs FIELD: the programs (FIELD 1) that are not here, or their packages (2).
missing_programs() {
  for pair in $TEST_PROGRAMS; do
    (PATH=$PATH:/usr/sbin:/sbin && command -v "${pair%%:*}") >/dev/null 2>&1 ||
      echo "$pair" | cut -d : -f "$1"
  done
}
