#!/bin/sh
# What supervision costs: svscan on 1, 100, 500 and 1000 services with a logger each, ours and,
# where installed, Debian's. Services and loggers are sleeping processes; only what watches them is
# measured. One line a run:
#   pss      proportional set size of svscan and every supervise, MB
#   tables   their page tables, MB
#   up       from the start of svscan until the last service runs, s
#   restart  from kill -9 of one service until its successor runs, ms, median of 5
#   stop     from SIGTERM until svscan (the C tools: svc -dx on all) has ended everything, s
#
# usage: sh scripts/bench.sh supervision [NUMBER...]
set -eu
ours=$PWD/build/command
work=$(mktemp -d "${TMPDIR:-/tmp}/daemontools-bench.XXXXXX")
svscan=
clean_up() {
  if [ -n "$svscan" ]; then kill -9 "$svscan" 2>/dev/null || :; fi
  stop_all
  remove "$work"
}
# The C tools' supervisors write a last status when their services are gone already.
remove() { until rm -rf "$1" 2>/dev/null; do sleep 0.1; done; }
trap clean_up EXIT
trap 'exit 130' HUP INT TERM

now_ms() { echo $(($(date +%s%N) / 1000000)); }

# The processes of this run: they execute copies of sleep and cat that nobody else has.
mkdir "$work/bin"
cp "$(command -v sleep)" "$(command -v cat)" "$work/bin/"
cat >"$work/running.sh" <<'RUNNING'
for exe in /proc/[0-9]*/exe; do
  case $(readlink "$exe") in "$1"/*) exe=${exe#/proc/} && echo "${exe%/exe}" ;; esac
done 2>/dev/null
RUNNING
running() { sh "$work/running.sh" "$work/bin"; }
stop_all() { for pid in $(running); do kill -9 "$pid" 2>/dev/null || :; done; }

# Each service says that it runs by adding a byte to a file: counting is then cheap.
printf '#!/bin/sh\nprintf . >>%s/up\nexec %s/bin/sleep 1000000\n' "$work" "$work" >"$work/run"
printf '#!/bin/sh\nprintf . >>%s/up\nexec %s/bin/cat >/dev/null\n' "$work" "$work" >"$work/log-run"
chmod 755 "$work/run" "$work/log-run"
make_services() {
  remove "$work/service"
  : >"$work/up"
  number=0
  while [ "$number" -lt "$1" ]; do
    number=$((number + 1))
    mkdir -p "$work/service/s$number/log"
    cp "$work/run" "$work/service/s$number/run"
    cp "$work/log-run" "$work/service/s$number/log/run"
  done
}
count_up() { wc -c <"$work/up"; }
wait_for_up() { until [ "$(count_up)" -ge "$1" ]; do sleep 0.02; done; }

# supervisors: the ids of svscan and, in the C tools, each supervise.
supervisors() {
  echo "$svscan"
  cat "/proc/$svscan/task/$svscan/children"
}
sum_kb() { # FIELD FILE: over all supervisors
  for pid in $(supervisors); do
    case $(readlink "/proc/$pid/exe") in
      "$work"/bin/*) ;;
      *) awk "/^$1:/ { print \$2 }" "/proc/$pid/$2" ;;
    esac
  done 2>/dev/null | awk '{ sum += $1 } END { printf "%.1f", sum / 1024 }'
}

status_pid() { # SERVICE
  # shellcheck disable=SC2046 # four numbers
  set -- $(od -An -tu1 -j12 -N4 "$work/service/$1/supervise/status")
  echo $(($1 + $2 * 256 + $3 * 65536 + $4 * 16777216))
}
restart_once() { # SERVICE
  old=$(status_pid "$1")
  bytes=$(count_up)
  start=$(now_ms)
  kill -9 "$old"
  wait_for_up $((bytes + 1))
  echo $(($(now_ms) - start))
}

measure() { # NAME TOOLS NUMBER
  make_services "$3"
  start=$(now_ms)
  PATH=$2:$PATH "$2/svscan" "$work/service" 2>"$work/err" &
  svscan=$!
  wait_for_up $(($3 * 2))
  up=$(($(now_ms) - start))
  # Young garbage and start-up's work should be over; the C tools are deaf for a second.
  sleep 3
  pss=$(sum_kb Pss smaps_rollup)
  tables=$(sum_kb VmPTE status)
  restart=$(for _ in 1 2 3 4 5; do
    restart_once s1
    sleep 1.2
  done | sort -n | sed -n 3p)
  start=$(now_ms)
  if [ "$1" = ours ]; then
    kill "$svscan"
    wait "$svscan" || :
  else
    kill "$svscan"
    wait "$svscan" 2>/dev/null || :
    "$2/svc" -dx "$work"/service/* "$work"/service/*/log
    while [ -n "$(running)" ]; do sleep 0.02; done
  fi
  svscan=
  awk -v name="$1" -v number="$3" -v pss="$pss" -v tables="$tables" -v up="$up" \
    -v restart="$restart" -v stop="$(($(now_ms) - start))" 'BEGIN {
      printf "%-8s %8d %8.1f %8.1f %8.1f %8.2f %8d %8.2f\n",
        name, number, pss, tables, pss + tables, up / 1000, restart, stop / 1000 }'
}

printf '%-8s %8s %8s %8s %8s %8s %8s %8s\n' tools services pss tables total up restart stop
[ $# -gt 0 ] || set -- 1 100 500 1000
for number; do
  measure ours "$ours" "$number"
  [ ! -x /usr/bin/supervise ] || measure debian /usr/bin "$number"
done
