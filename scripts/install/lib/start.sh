# shellcheck shell=sh
# Starts svscan in the way that starts it at boot, unless one looks after our services already.
# Sets DONE to what is to be said about it.

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

# switching_over PID: how to replace the svscan that runs.
switching_over() {
  case $BOOT in
    systemd) say "systemctl restart daemontools" ;;
    rc.local) say "kill $1; and when it has ended: $(by_hand) </dev/null >/dev/null 2>&1 &" ;;
    *) say "kill $1" ;;
  esac
}

start_unless_running() {
  pid=$(running_svscan)
  if [ -z "$pid" ]; then
    start_svscan
    return
  fi
  DONE="svscan runs already (pid $pid) and was not disturbed; it stays the version it is.
To switch over, which ends all services in order and starts them again:
  $(switching_over "$pid")"
  if [ "$BOOT" = systemd ] && has_systemd; then run systemctl daemon-reload; fi
}
