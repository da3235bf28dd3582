# shellcheck shell=sh
# Starts svscan in the way that starts it at boot, or switches over the one that looks after our
# services already. Sets DONE to what is to be said about it.

run() { planned_only "run $*" || "$@"; }

# running_svscan: prints the process id of the svscan that looks after our services, if one runs.
running_svscan() {
  svscan_processes | while read -r pid directory; do
    if [ "$directory" = "$SERVICES" ]; then
      say "$pid"
      break
    fi
  done
}

by_hand() { say "$COMMAND/pgrphack $COMMAND/svscanboot $SERVICES"; }

start_svscan() {
  case $BOOT in
    systemd)
      if has_systemd; then
        run systemctl daemon-reload
        run systemctl start daemontools.service
        DONE="systemd has started svscan on $SERVICES"
      else
        DONE="systemd does not run here; svscan starts at the next boot"
      fi
      ;;
    inittab)
      if has /sbin/telinit; then
        run /sbin/telinit q
        DONE="init has been told to start svscan on $SERVICES"
      else
        DONE="tell init to read /etc/inittab again, or boot, to start svscan"
      fi
      ;;
    upstart)
      run /sbin/initctl reload-configuration
      run /sbin/initctl start daemontools
      DONE="Upstart has started svscan on $SERVICES"
      ;;
    rc.local)
      planned_only "run $(by_hand)" || (
        cd /
        # shellcheck disable=SC2046 # three words
        exec $(by_hand) </dev/null >/dev/null 2>&1 &
      )
      DONE="svscan has been started on $SERVICES"
      ;;
  esac
}

# restarting PID: how to have another svscan in place of the one that runs.
restarting() {
  case $BOOT in
    systemd) say "systemctl restart daemontools" ;;
    inittab | upstart) say "kill $1" ;;
    *) say "kill $1; and when it has ended: $(by_hand) </dev/null >/dev/null 2>&1 &" ;;
  esac
}

# wants_switch PID: was it asked for, or is there somebody who says so now?
wants_switch() {
  [ -z "$SWITCH" ] || return 0
  [ -z "$DRY" ] && [ -t 0 ] && [ -t 1 ] || return 1
  printf 'svscan (pid %s) runs the version that was here before. Switch it over now?\n' "$1"
  printf 'All services run on. [y/N] '
  read -r answer || return 1
  case $answer in [yY]*) return 0 ;; *) return 1 ;; esac
}

# attend_running PID: leaves that svscan alone, or switches it over.
attend_running() {
  DONE="svscan runs already (pid $1) and was not disturbed"
  if ! runs_executable "$1" "$COMMAND/daemontools"; then
    DONE="$DONE; it is another than $COMMAND/svscan.
To have this one instead, which ends all services in order and starts them again:
  $(restarting "$1")"
  elif ! runs_replaced "$1" "$COMMAND/daemontools"; then
    DONE="$DONE: it is this version."
  elif ! wants_switch "$1"; then
    DONE="$DONE; it stays the version it is.
To switch it over, with all services running on:
  daemontools install${PREFIX:+ --prefix $PREFIX} --switch"
  elif planned_only "switch over svscan (pid $1)"; then
    :
  elif switch_over "$1" "$COMMAND/daemontools"; then
    DONE="svscan (pid $1) is $VERSION now; all services run on"
  else
    DONE="svscan (pid $1) did not switch over: it says why, or is too old to do that.
To have the new one instead, which ends all services in order and starts them again:
  $(restarting "$1")"
  fi
}

# switch_running: if there is one.
switch_running() {
  pid=$(running_svscan)
  if [ -n "$pid" ]; then attend_running "$pid"; fi
}

start_or_switch() {
  pid=$(running_svscan)
  if [ -z "$pid" ]; then
    start_svscan
    return
  fi
  if [ "$BOOT" = systemd ] && has_systemd; then run systemctl daemon-reload; fi
  attend_running "$pid"
}
