#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# --probe, live: what a listener says is joined with who holds it; without the option nothing is
# sent, and what a byte would harm hears none. The peers write down what they hear.
. "$(dirname "$0")/../lib.sh"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
in_namespace "$@"

# patience for slow machines: every wait is a share of it
patience=12
case $BUILD in *asan*) patience=40 ;; esac

cat >"$tmp/peers.py" <<'PY'
"""Peers of few words: a web server, a store that says what redis says, a slave that must hear
nothing, one that never speaks, and a UDP peer that answers only the third packet."""
import os, socket, sys, threading

directory = sys.argv[1]
HTTP = b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
REDIS = b"# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nos:Linux\r\ntcp_port:6379\r\n"
TCP = {22: HTTP, 3476: HTTP, 6379: b"$%d\r\n%s\r\n" % (len(REDIS), REDIS), 5555: b"\xff", 40001: b""}


def heard(port, data):
    with open(f"{directory}/heard.{port}", "ab") as f:
        f.write(data)


def serve(port, reply, s):
    while True:
        c, _ = s.accept()
        data = c.recv(4096)
        heard(port, data)
        if data and reply:
            c.sendall(reply)
        if reply or not data:
            c.close()


def serve_udp(s):
    for i in range(100):
        data, peer = s.recvfrom(4096)
        heard("123u", b"x")
        if i % 3 == 2:
            s.sendto(b"\x24\x02\x00\xec" + bytes(20) + data[40:48] + b"\xe0\0\0\1\0\0\0\0" * 2, peer)


for port, reply in TCP.items():
    s = socket.create_server(("127.0.0.1", port))
    threading.Thread(target=serve, args=(port, reply, s)).start()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 123))
threading.Thread(target=serve_udp, args=(u,)).start()
open(directory + "/ready", "w").close()
PY
mkdir "$tmp/peers"
spawn python3 "$tmp/peers.py" "$tmp/peers" >"$tmp/peers.log" 2>&1
wait_for 60 test -e "$tmp/peers/ready"
ok $? "the peers listen"

# row PORT: of the document printed last
row()
{
	json "$tmp/out" "next(l for l in d['listeners'] if l['server']['port'] == $1 and l['network']['transport'] == '${3:-tcp}')$2"
}

run "$PERIPLUS" --json -q
unlike "$out" '"spoken"' "without --probe nothing is known of what is spoken"
run "$PERIPLUS" 3476 5555 6379 22 123/udp -q
run "$PERIPLUS" check -q
is "$(ls "$tmp/peers" | grep -c heard)" 0 "for nothing was sent, nor so much as a connection used"

run "$PERIPLUS" --probe --timeout "$patience" --json -q
cp "$tmp/out" "$tmp/probed"
is "$(row 3476 "['periplus']['spoken']['state']")" proved "a web server on NVIDIA's number says so"
is "$(row 3476 "['periplus']['spoken']['protocol']") $(row 3476 "['periplus']['spoken']['version']")" \
	"http 1.22.1" "with protocol and version"
is "$(row 6379 "['periplus']['spoken']['product']")" redis "a store answers as redis"
is "$(row 40001 "['periplus']['spoken']['state']")" nothing "who never speaks said nothing"
is "$(row 5555 "['periplus']['spoken']['state']")" spared "what is usual on 5555 is spared"
is "$(row 5555 "['periplus']['spoken']['bytes_sent']")" 0 "not one byte"
is "$(tr -d '\0' <"$tmp/peers/heard.5555" 2>/dev/null)" "" "as it says itself"
is "$(row 123 "['periplus']['spoken']['protocol']" udp)" ntp "over UDP the third packet is answered"
is "$(wc -c <"$tmp/peers/heard.123u")" 3 "and three were sent"
reasons() { row "$1" "['periplus']['reasons']"; }
like "$(reasons 3476)" 'PP120.*what answers is|PP120.*what runs is' "PP120: registered for something else"
like "$(reasons 6379)" 'PP201' "a script that answers as redis is still unclaimed"
if python3 -c 'import jsonschema' 2>/dev/null; then
	run python3 - "$top/schema" "$tmp/probed" <<'PY'
import json, pathlib, sys, warnings
warnings.simplefilter("ignore")
import jsonschema
store = {p.name: json.loads(p.read_text()) for p in pathlib.Path(sys.argv[1]).glob("*.json")}
resolver = jsonschema.RefResolver("host.schema.json", store["host.schema.json"], store=store)
jsonschema.Draft202012Validator(store["host.schema.json"], resolver=resolver).validate(json.load(open(sys.argv[2])))
PY
	is "$status$err" 0 "the document is as the schema says"
else
	skip 1 "python3-jsonschema is not installed"
fi

run "$PERIPLUS" 3476 --probe --timeout "$patience" -q
is "$status" 0 "one port is asked"
like "$out" 'speaks http: nginx 1\.22\.1' "and its page says what it speaks"
before=$(wc -c <"$tmp/peers/heard.6379")
run "$PERIPLUS" 22,3476 --probe --timeout "$patience" --json -q
is "$(wc -c <"$tmp/peers/heard.6379")" "$before" "what lies between two ports is not asked"

run "$PERIPLUS" --probe --replay "$tmp/none"
is "$status" 64 "a recording cannot be asked"
run "$PERIPLUS" 22 --probe --timeout 0
is "$status" 64 "no time at all is refused"
run python3 -c 'import socket; s = socket.create_connection(("127.0.0.1", 3476), 20); s.sendall(b"x"); assert s.recv(64)'
is "$status" 0 "the peers keep serving"
done_testing
