# shellcheck shell=sh
# The svscans that run: finding them, and switching one over to another version.

# svscan_processes: prints "PID DIRECTORY" for each svscan of this machine, not of its containers.
svscan_processes() {
  # shellcheck disable=SC2013 # these names are words
  for file in $(grep -ls svscan /proc/[0-9]*/cmdline 2>/dev/null); do
    process=${file%/cmdline}
    [ "$(readlink "$process/ns/pid")" = "$(readlink /proc/self/ns/pid)" ] || continue
    words=$(tr '\0' '\n' 2>/dev/null <"$file") || continue
    case $(printf '%s\n' "$words" | sed -n 1p) in svscan | */svscan) ;; *) continue ;; esac
    printf '%s %s\n' "${process#/proc/}" "$(printf '%s\n' "$words" | sed -n 2p)"
  done
}

# runs_replaced PID FILE: does it run what this file was, before another was put in its place?
runs_replaced() { [ "$(readlink "/proc/$1/exe" 2>/dev/null)" = "$2 (deleted)" ]; }

# runs_executable PID FILE: does it run this file, or what it was?
runs_executable() {
  [ "$(readlink "/proc/$1/exe" 2>/dev/null)" = "$2" ] || runs_replaced "$1" "$2"
}

# heeds_usr2 PID: has it an ear for SIGUSR2? That ends a process which has not.
heeds_usr2() {
  # shellcheck disable=SC2013 # these are words
  for mask in $(sed -n -e 's/^SigCgt:[[:space:]]*//p' -e 's/^SigBlk:[[:space:]]*//p' \
    "/proc/$1/status" 2>/dev/null); do
    # The signal's bit, 1 << 11, is the highest of the third digit from the right.
    case $mask in *[89abcdef]??) return 0 ;; esac
  done
  return 1
}

# switch_over PID FILE: has svscan go on as what this file is now, under the same process id and with
# all services running on. Fails when it did not.
switch_over() {
  heeds_usr2 "$1" || return 1
  kill -USR2 "$1" || return 1
  turns=100
  while runs_replaced "$1" "$2"; do
    turns=$((turns - 1))
    [ $turns -gt 0 ] || return 1
    sleep 0.2
  done
  runs_executable "$1" "$2"
}
