#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# periplus serve from outside: what it answers, whom it refuses, what it can do to nobody, how it ends.
. "$(dirname "$0")/../lib.sh"
[ -x "$BUILD/periplus-serve" ] || skip_all "no libmicrohttpd: periplus-serve is not in this build"
command -v curl >/dev/null || skip_all "no curl"
in_namespace "$@"
own_state

# begin NAME ARGUMENTS...: starts a server; sets $url, $token, $server
begin()
{
	local name=$1
	shift
	"$PERIPLUS" serve "$@" >"$tmp/$name.out" 2>"$tmp/$name.err" &
	server=$!
	spawned+=("$server")
	wait_for 60 grep -q . "$tmp/$name.out" || { ok 1 "$name starts"; cat "$tmp/$name.err"; return 1; }
	url=$(sed 's/#.*//' "$tmp/$name.out")
	token=$(sed -n 's/.*#token=//p' "$tmp/$name.out")
}

# code ARGUMENTS...: the status alone
code()
{
	curl -s -m 60 -o /dev/null -w '%{http_code}' "$@"
}

begin private --listen 127.0.0.1:8010
is "$url" "http://127.0.0.1:8010/" "it says where it is"
like "$token" '^[0-9a-f]{64}$' "and the token, in the fragment"
curl -s -m 60 -D "$tmp/head" -o "$tmp/page" "${url}3476"
like "$(cat "$tmp/page")" '<h1>3476 <small><bdi>nppmp' "a page"
like "$(cat "$tmp/head")" "^Content-Security-Policy: default-src 'none'; style-src 'sha256-" "with a policy that lets in nothing"
like "$(cat "$tmp/head")" '^X-Content-Type-Options: nosniff' "no guessing of types"
like "$(cat "$tmp/head")" '^Cache-Control: private' "not for shared caches"
unlike "$(cat "$tmp/head")" '^(Access-Control|Set-Cookie)' "no CORS, no cookie"
curl -s -m 60 "${url}3476" | cmp -s - "$tmp/page"
ok $? "the same from the cache"
tag=$(sed -n 's/^ETag: \(.*\)\r$/\1/p' "$tmp/head")
is "$(code -H "If-None-Match: $tag" "${url}3476")" 304 "304 for who has it"
is "$(code -I "${url}3476")" 200 "HEAD"
curl -s -m 60 "${url}3476.json" | cmp -s - <("$PERIPLUS" look --json 3476)
ok $? "its JSON is what look --json prints"
is "$(curl -s -m 60 "${url}1" "${url}2" -o /dev/null -o /dev/null -w '%{num_connects} ')" "1 0 " "a connection is used again"

is "$(code "${url}api/v1/ports/22")" 401 "the API wants the token"
is "$(code -H "Authorization: Bearer $token" "${url}api/v1/ports/22")" 200 "and answers with it"
is "$(code "${url}api/v1/ports/22?token=$token")" 401 "never in the query"
is "$(code -H 'Host: rebound.example:8010' "${url}3476")" 421 "a rebound name is refused, a cached page too"
is "$(code -H 'Host: localhost:8010' "${url}3476")" 200 "localhost is not"
is "$(code -0 -H 'Host:' "${url}3476")" 421 "nor is no name accepted"
is "$(code -X POST -d x=1 "${url}3476")" 405 "405"
is "$(code -X OPTIONS "${url}api/v1/ports/22")" 405 "no preflight"
is "$(code --path-as-is "${url}../../../../etc/passwd")" 404 "no way up"
is "$(code --path-as-is "${url}%2e%2e%2f%2e%2e%2fetc%2fpasswd")" 404 "nor encoded"
is "$(code "${url}$(printf 'a%.0s' {1..3000})")" 414 "414 for a long address"
is "$(code -H "X-Bomb: $(printf 'a%.0s' {1..20000})" "${url}22")" 431 "431 for large headers"
is "$(code -H "X-Bomb: $(printf 'a%.0s' {1..12500})" "${url}22")" 431 "and for those that leave no room for an answer"
is "$(code -H "Cookie: $(printf 'a%.0s' {1..5000})" "${url}22")" 200 "the cookies of this machine's other servers are no hindrance"
is "$(head -c 9000 /dev/zero | code -X POST --data-binary @- "${url}22")" 413 "413 for a large body"
is "$(head -c 9000 /dev/zero | code -X POST -H 'Transfer-Encoding: chunked' --data-binary @- "${url}22")" 413 "a chunked one too"
run curl -s -m 60 -H 'Host: rebound.example' "${url}22"
echo "$out" >"$tmp/problem"
is "$(json "$tmp/problem" '[d["status"], d["type"]]')" '[421, "about:blank"]' "refusals are problems (RFC 9457)"

# The process that speaks HTTP: a child of the one that was started.
child=$(cat "/proc/$server/task/$server/children")
child=${child%% *}
like "$(grep -E '^(Uid|CapEff|NoNewPrivs|Seccomp):' "/proc/$child/status" | tr -s '\t\n' ' ')" \
	'^Uid: 65534 65534 65534 65534 CapEff: 0000000000000000 NoNewPrivs: 1 Seccomp: 2' "it is nobody, without rights"

# This machine, live: a listener that opens and closes is told, and is in the listing.
bearer="Authorization: Bearer $token"
listed()
{
	curl -s -m 60 -H "$bearer" "${url}api/v1/listeners" >"$tmp/listeners" &&
		[ "$(json "$tmp/listeners" "$1 in [l['server']['port'] for l in d['listeners']]" 2>/dev/null)" = "${2:-true}" ]
}
wait_for 120 listed 8010
ok $? "the listing has the server itself"
is "$(code "${url}api/v1/listeners")" 401 "which wants the token"
is "$(code "${url}api/v1/listeners/stream")" 401 "as the stream does"
is "$(code "${url}metrics")" 401 "and the metrics"
spawn curl -sN -H "$bearer" "${url}api/v1/listeners/stream" -o "$tmp/stream"
stream=$spawned_pid
wait_for 60 grep -q '^:' "$tmp/stream"
ok $? "the stream begins"
spawn python3 -c 'import socket, time; s = socket.create_server(("127.0.0.1", 3476)); time.sleep(600)'
listener=$spawned_pid
wait_for 120 grep -q '"port":3476' "$tmp/stream"
ok $? "a listener that opens is told"
wait_for 120 listed 3476
ok $? "and listed"
like "$(curl -s -m 60 -H "$bearer" "${url}metrics")" '^periplus_listeners[{]verdict="(look|unexpected)"[}] [1-9]' "and counted"
kill "$listener"
wait_for 120 grep -q '^event: listener-closed' "$tmp/stream"
ok $? "so is one that closes"
wait_for 120 listed 3476 false
ok $? "which is listed no more"
kill "$stream"

curl -s -m 60 -H "$bearer" "${url}api/v1/openapi.json" >"$tmp/openapi"
is "$(json "$tmp/openapi" 'd["openapi"]')" "3.1.0" "the API has a document"
wrong=$(python3 - "$tmp/openapi" "$url" "$token" <<'P'
import json, sys, urllib.request, urllib.error
document, base, token = json.load(open(sys.argv[1])), sys.argv[2], sys.argv[3]
for path, item in document["paths"].items():
    if "post" in item:  # serve_scan.t
        continue
    media, = item["get"]["responses"]["200"]["content"]
    query = "?q=ssh" if path.endswith("/search") else ""
    url = base + path.replace("{port}", "22").replace("{name}", "ssh")[1:] + query
    request = urllib.request.Request(url, headers={"Authorization": "Bearer " + token})
    with urllib.request.urlopen(request, timeout=60) as answer:
        if answer.headers.get_content_type() != media:
            print(path, answer.headers["Content-Type"], "is not", media)
        if media == "application/json":
            schema = item["get"]["responses"]["200"]["content"][media].get("schema")
            got = json.load(answer)
            if schema and got["schema"] != schema["title"]:
                print(path, got["schema"])
    try:
        urllib.request.urlopen(url, timeout=60)
        print(path, "answers without token")
    except urllib.error.HTTPError as error:
        if str(error.code) not in item["get"]["responses"]:
            print(path, error.code, "is not documented")
P
)
is "$wrong" "" "whose every path answers as it says"

# Clients that say nothing, little, or nonsense, all at once; then ordinary ones.
cat >"$tmp/clients.py" <<'P'
import socket, sys
def connect(first=b""):
    s = socket.create_connection(("127.0.0.1", 8010), timeout=120)
    s.sendall(first)
    return s
slow = [connect(b"GET / HTTP/1.1\r\nHost: lo") for _ in range(200)]
mute = [connect() for _ in range(100)]
good = connect(b"GET /22 HTTP/1.1\r\nHost: 127.0.0.1:8010\r\n\r\n")
print("good", good.recv(15).decode())
for name, text in (("nul", b"GET /\0 HTTP/1.1\r\nHost: 127.0.0.1:8010\r\n\r\n"),
                   ("nonsense", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n"),
                   ("no host", b"GET / HTTP/1.1\r\n\r\n"),
                   ("two lengths", b"POST /22 HTTP/1.1\r\nHost: 127.0.0.1:8010\r\n"
                                   b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")):
    s = connect(text)
    try:
        got = s.recv(12).decode("latin-1")
    except ConnectionError:
        got = ""
    print(name, got)
# Who sends no whole head is closed, though each byte comes in time.
import time
dripping = connect(b"GET /")
closed = False
for _ in range(600):
    try:
        dripping.sendall(b"2")
        dripping.settimeout(0.2)
        if dripping.recv(1) == b"":
            closed = True
            break
    except socket.timeout:
        continue
    except OSError:
        closed = True
        break
print("dripping", "closed" if closed else "open")
for s in slow + mute:
    s.settimeout(120)
    try:
        s.recv(1000)
    except OSError:
        pass
print("slow closed")
P
run timeout 300 python3 "$tmp/clients.py"
like "$out" '^good HTTP/1.1 200' "300 slow clients keep nobody waiting"
like "$out" '^nonsense (HTTP/1.1 400)?$' "what is not HTTP is refused"
like "$out" '^no host HTTP/1.1 4' "HTTP/1.1 without Host is refused"
unlike "$out" '^two lengths HTTP/1.1 2' "two lengths of one body give no page"
like "$out" '^dripping closed' "a byte now and then keeps no connection"
like "$out" '^slow closed' "slow clients are let go"
is "$(code "${url}22")" 200 "and it still answers"
kill -TERM "$server"
wait "$server"
is $? 0 "SIGTERM ends it"
like "$(cat "$tmp/private.err")" 'GET 200 [0-9]+ /3476$' "it logs what was asked"
unlike "$(cat "$tmp/private.err")" "127\.0\.0\.1|$token|token=" "but no address, no query, no token"

begin public --public --listen 127.0.0.1:8011 --name ports.example
is "$token" "" "a public server has no token"
is "$(code "${url}api/v1/ports/22")" 200 "its API is open"
is "$(code "${url}api/v1/listeners") $(code "${url}host")" "404 404" "nothing of this machine is there"
is "$(code -H 'Host: ports.example' "${url}22")" 200 "by the name that was given"
is "$(code -H 'Host: ports.example.evil' "${url}22")" 421 "exactly"
kill -TERM "$server"
wait "$server"

"$PERIPLUS" serve --listen "unix:$tmp/web.sock" >"$tmp/unix.out" 2>/dev/null &
server=$!
spawned+=("$server")
wait_for 60 grep -q . "$tmp/unix.out"
is "$(code --unix-socket "$tmp/web.sock" http://localhost/22)" 200 "a Unix socket"
is "$(code --unix-socket "$tmp/web.sock" http://127.0.0.1/22)" 421 "which has no address to be asked by"
kill -TERM "$server"
wait "$server"
[ ! -e "$tmp/web.sock" ]
ok $? "is removed at the end"

# systemd's way: a listening socket as descriptor 3.
cat >"$tmp/activate.py" <<'P'
import os, socket, sys
s = socket.create_server(("127.0.0.1", 8012))
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[1], [sys.argv[1], "serve"])
P
python3 "$tmp/activate.py" "$PERIPLUS" >"$tmp/activated.out" 2>/dev/null &
server=$!
spawned+=("$server")
wait_for 60 grep -q . "$tmp/activated.out"
is "$(code http://127.0.0.1:8012/22)" 200 "a socket that systemd passes"
run timeout 60 "$PERIPLUS" serve --listen 127.0.0.1:8012
is "$status" 69 "an address that is taken"
like "$err" "'127.0.0.1:8012' is taken; 'periplus 8012' says by whom" "says so"
kill -TERM "$server"
wait "$server"

run timeout 60 "$PERIPLUS" serve --listen 0.0.0.0:8013
is "$status" 64 "a private server is not for the network"
like "$err" 'add --public, or listen on 127.0.0.1' "and says what to do"
for wrong in nonsense 127.0.0.1:99999 ::1:80 unix: example.org:80; do
	run timeout 60 "$PERIPLUS" serve --listen "$wrong"
	is "$status" 64 "--listen $wrong is refused"
done
done_testing
