#!/bin/sh
# Builds daemontools and shows it at work: a small web server with a logger, supervised, killed,
# back again, and stopped in order. Needs no privileges; everything is below build/.
# usage: sh scripts/quickstart.sh
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
. scripts/lib/toolchain.sh
sh scripts/build.sh
toolchain

PATH=$PWD/build/command:$PATH
tree=$PWD/build/quickstart
service=$tree/service/hello
svscan=

clean_up() {
  [ -z "$svscan" ] || kill "$svscan" 2>/dev/null || :
  [ -z "$svscan" ] || wait "$svscan" 2>/dev/null || :
}
trap clean_up EXIT
trap 'exit 130' HUP INT TERM

fail() {
  echo "quickstart: $*" >&2
  [ ! -s "$tree/svscan.err" ] || cat "$tree/svscan.err" >&2
  exit 1
}

# until_true SECONDS COMMAND...: looks ten times a second.
until_true() {
  left=$(($1 * 10))
  shift
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || fail "waited in vain: $*"
    sleep 0.1
  done
}

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi
title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

show() {
  printf '$ %s\n' "$*"
  "$@"
}

request() {
  PORT_FILE=$service/port "$DENO" eval "
    const port = Deno.readTextFileSync(Deno.env.get('PORT_FILE'));
    console.log(await (await fetch('http://127.0.0.1:' + port)).text());"
}

# quoted WORD: as one word for a shell, whatever is in it.
quoted() { printf '%s\n' "$1" | sed "s/'/'\\\\''/g; 1s/^/'/; \$s/\$/'/"; }

pid_of() { svstat "$service" | sed -n 's/.*(pid \([0-9]*\)).*/\1/p'; }
# is_back PID: the service is up with another process.
is_back() { [ -n "$(pid_of)" ] && [ "$(pid_of)" != "$1" ]; }

title "1. A service is a directory with a run script; its logger is another one inside"
rm -rf "$tree"
mkdir -p "$service/log"
cat >"$service/server.ts" <<'SERVER'
const serve = (request: Request, { remoteAddr }: Deno.ServeHandlerInfo<Deno.NetAddr>) => {
  console.log(`${remoteAddr.hostname} ${request.method} ${new URL(request.url).pathname}`);
  return new Response(`hello from process ${Deno.pid}`);
};
const onListen = ({ port }: Deno.NetAddr) => {
  Deno.writeTextFileSync("port", String(port));
  console.log(`listening on port ${port}`);
};
Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, serve);
SERVER
cat >"$service/run" <<RUN
#!/bin/sh
exec 2>&1
exec $(quoted "$DENO") run --quiet --no-config --allow-net --allow-write=. server.ts
RUN
cat >"$service/log/run" <<'RUN'
#!/bin/sh
exec multilog t s1000000 n10 ./main
RUN
chmod 755 "$service/run" "$service/log/run"
show cat "$service/run" "$service/log/run"

title "2. svscan starts both, joined by a pipe"
printf '$ svscan %s &\n' "$tree/service"
svscan "$tree/service" 2>"$tree/svscan.err" &
svscan=$!
until_true 60 svok "$service"
until_true 60 test -s "$service/port"
until_true 60 request
show svstat "$service" "$service/log"
request

title "3. Kill it, and it is back"
first=$(pid_of)
rm -f "$service/port"
show kill -9 "$first"
until_true 60 is_back "$first"
until_true 60 test -s "$service/port"
until_true 60 request
show svstat "$service"
request

title "4. The log, with TAI64N labels turned into local time"
current=$service/log/main/current
until_true 60 test -s "$current"
printf '$ tai64nlocal <%s\n' "$current"
tai64nlocal <"$current"

title "5. SIGTERM to svscan stops the service, then its logger, then svscan"
show kill "$svscan"
wait "$svscan"
svscan=
show svstat "$service" "$service/log"

title "That was all of it. What next?"
cat <<NEXT
  build/command/          the tools; put it on PATH to try them: PATH=$PWD/build/command:\$PATH
  build/daemontools help tutorial   a web server as a service; recipes, differences and more are there too
  sudo sh scripts/install.sh   install to /command, make /service, start at boot
NEXT
