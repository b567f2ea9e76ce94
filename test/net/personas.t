#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The first five minutes of the three people whom periplus is for, typed in a terminal against real
# processes: a developer whose port is taken, an administrator who found an unknown listener, a
# security engineer who looks from outside.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
[ -x "$PERIPLUS" ] && [ -x "$BUILD/test/test-listen" ] || skip_all "the programs are not built"
for tool in expect git npm node setpriv; do
	command -v $tool >/dev/null || skip_all "no $tool here"
done
export TERM=xterm-256color HOME=$tmp
mount -t tmpfs tmpfs /dev/shm || skip_all "nothing can be mounted here"

# typed ANSWER ARGUMENTS...: periplus in a terminal; $out is what stands there, without its colours
typed()
{
	local answer=$1
	shift
	expect -f "$here/net/terminal.exp" "$answer" "$PERIPLUS" "$@" >"$tmp/screen" 2>&1
	status=$?
	out=$(tr -d '\r' <"$tmp/screen" | sed 's/\x1b\[[0-9;]*[A-Za-z]//g')
}
ended() { [ ! -e "/proc/$1" ] || grep -q '^State:.*Z' "/proc/$1/status"; }
# program COMMAND...: one that ends with its input, and is given one without end
mkfifo "$tmp/endless"
exec 8<>"$tmp/endless"
# shellcheck disable=SC2016 -- for the inner shell
program() { spawn bash -c 'exec "$0" "$@" <&8' "$@"; }
narrow() { [ "$(wc -L <<<"$out")" -le 80 ]; }

# --- a developer: port 3000 is taken --------------------------------------------------------------
mkdir -p "$tmp/src/shop-web"
cd "$tmp/src/shop-web" || exit 1
git init -q -b fix-cart .
printf '{ "name": "shop-web", "scripts": { "dev": "node server.js" } }\n' >package.json
cat >server.js <<'JS'
require('http').createServer((ask, answer) => answer.end('shop')).listen(3000, () => console.log('serving'))
JS
spawn npm run dev >"$tmp/dev.log" 2>&1
wait_for 120 grep -q serving "$tmp/dev.log"
run npm run dev
like "$out$err" "EADDRINUSE: address already in use" "the developer is refused port 3000"

typed "" 3000
is "$status" 0 "periplus 3000"
like "$out" "3000/tcp +taken by node server.js +▲ needs a look" "says who has it"
like "$out" "in ~?/.*shop-web \(git: fix-cart\)" "in which directory, and on which branch"
like "$out" "npm run dev" "started how"
like "$out" "listens on \*:3000 \(v4\+v6\).*your network can reach it" "who can reach it"
like "$out" "practice +.*dev" "what is usual on this number"
like "$out" "registered hbci \(overtaken\)" "what it is registered for"
like "$out" "\[PP203\]" "the reasons by their rules"
like "$out" "periplus stop 3000 +end what listens there" "and what to do next"
ok "$(narrow; echo $?)" "nothing is wider than the terminal"
like "$(cat "$tmp/screen")" $'\x1b\\[[0-9;]+m' "and it has colours"

# a process that writes over its arguments, as Next.js does, is told by what it calls itself
program node -e 'require("http").createServer().listen(3004, () => {
	process.title = "next-server (v14.2.33)";
	console.log("titled");
})' >"$tmp/title.log" 2>&1
wait_for 120 grep -q titled "$tmp/title.log"
typed "" 3004
like "$out" "3004/tcp +taken by next-server \(Next.js\)" "a title names the product, once"
run "$PERIPLUS" 3004 --json -q
is "$(json "$tmp/out" 'd["listeners"][0]["periplus"]["product"]')" nextjs "and in JSON"

# a client of the server, which is not to end with it
spawn python3 -c '
import signal, socket
s = socket.create_connection(("127.0.0.1", 3000))
s.sendall(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
s.recv(1)
print("connected", flush=True)
while s.recv(4096): pass
signal.pause()' >"$tmp/client"
client=$spawned_pid
wait_for 60 grep -q connected "$tmp/client"
server=$("$PERIPLUS" 3000 --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["listeners"][0]["process"]["pid"])')
typed n stop 3000
like "$out" "Go on\? \[y/N\]" "periplus stop 3000 asks first"
ok "$(! ended "$server"; echo $?)" "and no is no"
typed y stop 3000
is "$status" 0 "yes is yes" || sed 's/^/# /' <<<"$out"
like "$out" "stop +node, pid $server" "it says whom it ends"
like "$out" "3000/tcp is free" "and that the port is free on both families"
ok "$(wait_for 60 ended "$server"; echo $?)" "the server has ended"
ok "$(! ended "$client"; echo $?)" "its client has not"
spawn npm run dev >"$tmp/dev2.log" 2>&1
ok "$(wait_for 120 grep -q serving "$tmp/dev2.log"; echo $?)" "and the developer's server starts"

# nothing listens, and still it fails: an outgoing connection has the number
spawn python3 -c '
import signal, socket
a = socket.socket(); a.bind(("127.0.0.1", 0)); a.listen()
s = socket.socket(); s.bind(("127.0.0.1", 5037)); s.connect(a.getsockname())
t = a.accept()
print("connected", flush=True)
signal.pause()' >"$tmp/adb"
wait_for 60 grep -q connected "$tmp/adb"
typed "" 5037
like "$out" "5037/tcp .*cannot bind" "periplus 5037: nothing listens, but nobody can"
like "$out" "127.0.0.1:5037.*127.0.0.1:[0-9]+" "an outgoing connection has the number"
like "$out" "python3, pid $spawned_pid" "whose it is"
like "$out" "periplus reserve 5037" "and how to keep the number next time"

typed "" pick --for shop-api
is "$status" 0 "periplus pick"
number=$(sed -n 's/^\([0-9]*\) .*free here.*/\1/p' <<<"$out")
like "$number" '^[0-9]{4,5}$' "gives a number"
typed "" pick --for shop-api
like "$out" "^$number +free here" "and the same the next time"

# --- an administrator: an unknown listener --------------------------------------------------------
mkdir /dev/shm/.x
cp "$BUILD/test/test-listen" /dev/shm/.x/kworkerd
program /dev/shm/.x/kworkerd -x -c kworker/0:1 -u 33 tcp/0.0.0.0/3476 >"$tmp/kworkerd"
intruder=$spawned_pid
wait_for 60 grep -q ready "$tmp/kworkerd"
typed ""
like "$out" "^host .* listeners" "periplus: the whole host in one screen"
like "$out" "■ 3476/tcp +\* .*unexpected" "the unexpected one is marked"
like "$out" "Start with: periplus 3476" "and it says where to start"
typed "" 3476 --probe
like "$out" "3476/tcp .*■ unexpected" "periplus 3476 --probe"
for rule in PP301 PP302 PP303; do
	like "$out" "\[$rule\]" "has the reason $rule"
done
like "$out" "/dev/shm/.x/kworkerd" "the file"
like "$out" "user www-data" "the user"
like "$out" 'registered nppmp "NVIDIA Mgmt Protocol"' "what the number is registered for"
like "$out" "periplus snapshot 3476" "evidence comes first"
run "$PERIPLUS" snapshot 3476
is "$status" 0 "periplus snapshot 3476 > case.json"
is "$(json "$tmp/out" "str($intruder) in json.dumps(d) and 'sha256' in json.dumps(d)")" true "is one document with hashes"
typed y stop 3476
is "$status" 0 "periplus stop 3476"
ok "$(wait_for 60 ended "$intruder"; echo $?)" "ends it"

# --- a security engineer: from outside ------------------------------------------------------------
mkdir "$tmp/www"
spawn python3 -m http.server 8081 --bind 127.9.1.4 --directory "$tmp/www" >"$tmp/www.log" 2>&1
program "$BUILD/test/test-listen" tcp/127.9.0.7/2375 >"$tmp/docker"
wait_for 60 grep -q ready "$tmp/docker"
wait_for 60 python3 -c 'import urllib.request as u; u.urlopen("http://127.9.1.4:8081/", timeout=20).read()'
typed "" scan 127.9.0.0/23 -p 2375,3476,8081 --rate 20000
is "$status" 0 "periplus scan of 510 addresses" || sed 's/^/# /' <<<"$out"
like "$out" "127\.9\.0\.7$" "an address of two that answer"
like "$out" "2375/tcp +says nothing" "what is open there gives no answer"
like "$out" "http.server|Python http.server" "the other is known by what it says"
unlike "$out" "3476/tcp" "none on 3476"
"$PERIPLUS" --json >"$tmp/inside.json"
typed "" scan 127.9.1.4 -p 8081 --against "$tmp/inside.json"
like "$out" "inside it is python3 \(pid [0-9]+\)" "--against joins it with the listing of that host"
run "$PERIPLUS" check --ndjson
like "$status" '^[123]$' "periplus check: a status for scripts"
is "$(python3 -c 'import json, sys
print(sum("server" in json.loads(line) for line in open(sys.argv[1])) > 0)' "$tmp/out")" True "and a line of JSON each"
done_testing
