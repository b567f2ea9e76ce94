#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A host from outside beside its own listing: real listeners behind real rules, over TCP and UDP. The host
# has a container whose ports it forwards, a listener on loopback that a rule lets out, and a firewall.
. "$(dirname "$0")/../lib.sh"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
in_namespace "$@"
command -v nft >/dev/null || skip_all "nft is not installed"

# joined PID NAME ADDRESS PID NAME ADDRESS: two namespaces by a cable
joined()
{
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4" || skip_all "this kernel has no veth"
	nsenter -t "$1" -n sh -c "ip addr add $3/24 dev $2; ip link set $2 up; ip link set lo up"
	nsenter -t "$4" -n sh -c "ip addr add $6/24 dev $5; ip link set $5 up; ip link set lo up"
}
apart host
apart container
joined $$ near 198.18.20.1 "$host_pid" eth0 198.18.20.2
joined "$host_pid" bridge 10.99.0.1 "$container_pid" eth0 10.99.0.2
"${container[@]}" ip route add default via 10.99.0.1
"${host[@]}" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1 net.ipv4.icmp_ratelimit=0
"${host[@]}" nft -f - <<'NFT' || skip_all "this kernel translates no addresses"
add table ip t
add chain ip t before { type nat hook prerouting priority -100; }
add rule ip t before iif eth0 tcp dport 8080 dnat to 10.99.0.2
add rule ip t before iif eth0 udp dport 8081 dnat to 10.99.0.2
add rule ip t before iif eth0 tcp dport 9000 dnat to 127.0.0.1
add chain ip t in { type filter hook input priority 0; }
add rule ip t in iif eth0 tcp dport 7000 drop
add rule ip t in iif eth0 udp dport 7001 drop
NFT
cat >"$tmp/serve.py" <<'PY'
"""serve.py READY tcp:ADDRESS:PORT udp:ADDRESS:PORT ...: takes connections; answers every datagram."""
import pathlib, selectors, socket, sys
waits = selectors.DefaultSelector()
for word in sys.argv[2:]:
    kind, address, port = word.split(":")
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    s.bind((address, int(port)))
    if kind == "tcp":
        s.listen(16)
    waits.register(s, selectors.EVENT_READ, kind)
pathlib.Path(sys.argv[1]).touch()
while True:
    for key, _ in waits.select():
        if key.data == "tcp":
            key.fileobj.accept()[0].close()
        else:
            key.fileobj.sendto(b"?", key.fileobj.recvfrom(4096)[1])
PY
ln -s "$(python3 -c 'import sys; print(sys.executable)')" "$tmp/shop"
spawn "${host[@]}" "$tmp/shop" "$tmp/serve.py" "$tmp/host.ready" tcp:0.0.0.0:8000 tcp:198.18.20.2:8001 tcp:127.0.0.1:9000 \
	tcp:0.0.0.0:7000 udp:0.0.0.0:8002 udp:0.0.0.0:7001
host_server=$spawned_pid
spawn "${container[@]}" python3 "$tmp/serve.py" "$tmp/container.ready" tcp:0.0.0.0:8080 udp:0.0.0.0:8081 tcp:0.0.0.0:7002
wait_for 60 test -e "$tmp/host.ready" -a -e "$tmp/container.ready"

"${host[@]}" "$PERIPLUS" --json --all-namespaces >"$tmp/inside"
"${host[@]}" "$PERIPLUS" --ndjson --all-namespaces >"$tmp/inside.lines"
is "$(json "$tmp/inside" 'sorted(l["server"]["port"] for l in d["listeners"] if l["periplus"]["socket"]["is_elsewhere"] and l["network"]["transport"] == "tcp")')" \
	"[7002, 8080]" "the listing has the container's listeners, as such"

# told: port, state, inside, its process by name and pid, and the rules that speak of inside
told()
{
	json "$1" '[[p["server"]["port"], p["periplus"]["state"], p["periplus"]["inside"], p["periplus"].get("process"), p["periplus"].get("pid"), p["periplus"].get("inside_address"), [r["rule"] for r in p["periplus"]["reasons"] if r["rule"] > "PP220" and r["rule"] < "PP224"]] for p in d["ports"]]'
}
scan() { run "$PERIPLUS" scan 198.18.20.2 --rate 5000 --no-identify "$@"; }
scan -p 7000-7002,8000,8001,8080,9000 --against "$tmp/inside" --json
is "$status$err" 0 "TCP, beside it"
who="\"shop\", $host_server"
is "$(told "$tmp/out")" "[[7000, \"inside-only\", \"listens\", $who, null, [\"PP223\"]], [8000, \"open\", \"listens\", $who, null, []], [8001, \"open\", \"listens\", $who, \"198.18.20.2\", []], [8080, \"open\", \"nothing\", null, null, null, [\"PP221\"]], [9000, \"open\", \"loopback\", $who, \"127.0.0.1\", [\"PP222\"]]]" \
	"what agrees, what is only inside, only outside, and let out from loopback"
is "$(json "$tmp/out" '[p["periplus"]["inside_verdict"] for p in d["ports"] if "pid" in p["periplus"]]' | tr -d '[],' | tr ' ' '\n' | sort -u)" \
	"$(json "$tmp/inside" '[l["periplus"]["verdict"] for l in d["listeners"] if l["server"]["port"] == 8000][0]' | sed 's/.*/"&"/')" \
	"with the listing's own verdict"
cp "$tmp/out" "$tmp/document"
scan -p 7000-7002,8000,8001,8080,9000 --against "$tmp/inside.lines" --json
is "$(told "$tmp/out")" "$(told "$tmp/document")" "the same from NDJSON"
scan -p 7000-7002,8000,8001,8080,9000 --against "$tmp/inside"
# without the rules, which stand at the right edge
flat=$(sed 's/ PP[0-9]*$//' "$tmp/out" | tr -s ' \n' ' ')
like "$flat" "8000/tcp .* inside it is shop \(pid $host_server\), needs a look there" "text: who it is inside"
like "$flat" "8080/tcp .* inside nothing listens on 8080: a forward, or another host answers " "text: nobody"
like "$flat" "9000/tcp .* inside shop \(pid $host_server\) listens on 9000 on loopback only " "text: somebody who is not meant to be seen"
like "$flat" "7000/tcp .*only inside.* inside shop \(pid $host_server\) listens on 7000, and nothing answered outside " "text: and not seen"
scan -p 7000-7002,8000,8001,8080,9000 --against "$tmp/inside" --ndjson
is "$(python3 -c 'import json, sys
print([(d["server"]["port"], d["periplus"].get("process")) for d in map(json.loads, open(sys.argv[1])) if "server" in d and d["periplus"]["inside"] == "listens"])' "$tmp/out" | grep -o shop | wc -l)" 3 \
	"NDJSON: with what is only inside"
scan -p 7000-7002,8000,8001,8080,9000 --against "$tmp/inside" --plain
is "$(awk -F'\t' '$4 == 8000 {print $13, $14}' "$tmp/out")" "shop $host_server" "plain: the process"

# --- UDP -------------------------------------------------------------------------------------------
scan -p 7001,7010,8002,8081 --udp --against "$tmp/inside" --json
is "$(told "$tmp/out")" "[[7001, \"inside-only\", \"listens\", $who, null, [\"PP223\"]], [8002, \"open\", \"listens\", $who, null, []], [8081, \"open\", \"nothing\", null, null, null, [\"PP221\"]]]" \
	"UDP: what agrees, what is only inside, and only outside"
# --- what is not compared ----------------------------------------------------------------------------
scan -p 7000,8000 --against "$tmp/inside" --shard 1/2 --json
is "$(json "$tmp/out" '[p for p in d["ports"] if p["periplus"]["state"] != "open"]')" "[]" "a part says nothing of what it did not ask"
run "$PERIPLUS" scan 198.18.20.2-3 -p 8000 --against "$tmp/inside"
is "$status:$err" "64:periplus: --against is of one host, and 2 are to be scanned" "a listing is of one host"
done_testing
