#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# scan, end to end: what is found, what is never sent, loss, killing and resuming, every format.
# The far side is a namespace of its own behind a veth pair, which answers for all of 198.18/16.
. "$(dirname "$0")/../lib.sh"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
in_namespace "$@"

scan()
{
	run "$PERIPLUS" scan "$@"
}

# found: the open ports of the last scan --ndjson, sorted
found()
{
	python3 -c 'import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
print(*sorted("%s:%d" % (d["server"]["address"], d["server"]["port"]) for d in rows if "server" in d))' "$tmp/out"
}

# summary EXPRESSION: of the last line
summary()
{
	python3 -c 'import json, sys
s = json.loads(open(sys.argv[1]).readlines()[-1])["periplus"]["summary"]
print(json.dumps(eval(sys.argv[2])))' "$tmp/out" "$1"
}

# listeners NAME ADDRESS:PORT...
listeners()
{
	local name=$1
	shift
	mkdir "$tmp/$name"
	spawn "${far[@]}" python3 "$here/net/scan.py" listen "$tmp/$name" "$@"
	wait_for 60 test -e "$tmp/$name/ready"
}

# --- this machine --------------------------------------------------------------------------------
far=()
listeners here 127.5.0.1:1025 127.5.0.1:40000 '::1:1025'
mkdir "$tmp/www"
spawn python3 -m http.server 8000 --bind 127.5.0.1 --directory "$tmp/www" >"$tmp/www.log" 2>&1
www_serves()
{
	python3 -c 'import urllib.request as u; u.urlopen("http://127.5.0.1:8000/", timeout=20).read()'
}
wait_for 60 www_serves
scan 127.5.0.1 -p all --rate 200000 --ndjson --no-identify
is "$status" 0 "all ports of an address"
is "$(found)" "127.5.0.1:1025 127.5.0.1:40000 127.5.0.1:8000" "exactly what listens is open"
is "$(summary 's["targets"], s["answered"], s["open"], s["silent"], s["estimated_recall"], s["rounds"], s["hosts_answered"]')" \
	'[65535, 65535, 3, 0, 1.0, 1, 1]' "all others are closed, and one round is enough"
scan ::1 -p 1020-1030 --ndjson --no-identify
is "$(found)" "::1:1025" "IPv6"
scan 127.5.0.1 -p irdmi,1025 --rate 10000 --json
is "$status" 0 "identified, as JSON"
is "$(json "$tmp/out" '[(p["server"]["port"], p.get("service", {}).get("name"), p["periplus"]["product"], p["periplus"]["certainty"], p["periplus"]["verdict"]) for p in d["ports"]]')" \
	'[[1025, null, null, "table", "look"], [8000, "http", "python-http-server", "probed", "expected"]]' \
	"a service is named only when it is proved; a number alone is not expected"
cp "$tmp/out" "$tmp/document"
scan 127.5.0.1 -p 8000,1025 --rate 10000 --ndjson --xml "$tmp/xml"
is "$status" 0 "NDJSON and XML at once"
cp "$tmp/out" "$tmp/lines"
if python3 -c 'import jsonschema' 2>/dev/null; then
	run python3 - "$top/schema/scan.schema.json" "$tmp/lines" "$tmp/document" <<'PY'
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
for line in open(sys.argv[2]):
    jsonschema.validate(json.loads(line), schema)
jsonschema.validate(json.load(open(sys.argv[3])), schema)
PY
	is "$status$err" 0 "both are as the schema says"
else
	skip 1 "python3-jsonschema is not installed"
fi
is "$(python3 -c 'import sys, xml.etree.ElementTree as e
t = e.parse(sys.argv[1]).getroot()
for p in t.iter("port"): print(p.get("portid"), p.find("state").get("state"), p.find("service").get("name"), p.find("service").get("method"))' "$tmp/xml" 2>&1)" \
	$'1025 open blackjack table\n8000 open http probed' "the XML is read as other scanners' is"
dtd=/usr/share/nmap/nmap.dtd
if command -v xmllint >/dev/null && [ -e $dtd ]; then
	run xmllint --noout --dtdvalid $dtd "$tmp/xml"
	is "$status$err" 0 "and is valid by the published DTD"
else
	skip 1 "no xmllint, or no nmap whose DTD could be asked"
fi
scan 127.5.0.1 -p 8000 --csv
like "$out" '^127.5.0.1,8000,tcp,open,http,python-http-server,' "CSV"
scan 127.5.0.1 -p 8000 --greppable
like "$out" '^Host: 127.5.0.1 .*Ports: 8000/open/tcp//http//python-http-server ' "a line a host"
scan 127.5.0.1 -p 8000 --plain
like "$out" $'^expected\ttcp\t127.5.0.1\t8000\thttp\t' "plain"
scan 127.5.0.1 -p 8000,9
like "$out" '8000/tcp +http  python-http-server .*expected' "text: what it is"
like "$out" '1 open, 1 closed, 0 silent of 2 targets, seen from outside' "text: how it was seen"
like "$out" 'estimated recall 100.00 %' "text: how sure it is"
is "$err" "" "no progress where stderr is no terminal"

# --- words that are refused ----------------------------------------------------------------------
refused()
{
	local want=$1 name=$2
	shift 2
	scan "$@" </dev/null
	is "$status:$out" "$want:" "$name"
	is "$(wc -l <"$tmp/err")" 1 "$name: one line"
}
refused 64 "no target"
refused 64 "a port that is none" 127.0.0.1 -p 70000
refused 64 "half a range" 127.0.0.1 -p 8000-
refused 64 "a service that is none" 127.0.0.1 -p nosuchservice
refused 64 "a shard beyond the last" 127.0.0.1 -p 1-9 --shard 3/2
refused 64 "an engine that is none" 127.0.0.1 -p 1 --engine none
refused 73 "XML where none can be written" 127.5.0.1 -p 1 --xml "$tmp/nowhere/xml"
refused 73 "a state where none can be written" 127.5.0.1 -p 1 --resume "$tmp/nowhere/state"
refused 66 "a file of targets that is none" @/nowhere -p 1
refused 66 "a list of targets that is none" --targets /nowhere -p 1
refused 66 "an opt-out list that is none" 127.5.0.1 -p 1 --opt-out /nowhere
refused 64 "two formats at a time" 127.5.0.1 -p 1 --csv --json
refused 69 "a name without address" nosuchhost.invalid -p 1
refused 64 "too many targets" 1.0.0.0-223.255.255.255 -p all
for address in 224.0.0.1 255.255.255.255 0.0.0.1 240.0.0.1 169.254.169.254 127.255.255.255 ff02::1; do
	refused 69 "$address is never asked" $address -p 1 --scope 0.0.0.0/0,::/0 --yes
done
refused 77 "public addresses need a word" 192.31.196.1 -p 80 --yes
like "$err" '--authorised-by' "and the remedy is named"
refused 77 "outside, the default rate is the most" 10.200.0.1 -p 80 --rate 501
# configured COMMAND...: with $tmp/scopes as /etc/periplus/scopes, and nothing else in /etc
configured()
{
	# shellcheck disable=SC2016
	run unshare -m sh -c 'mount -t tmpfs none /etc && mkdir /etc/periplus && cat "$0" >/etc/periplus/scopes && exec "$@"' \
		"$tmp/scopes" "$@" </dev/null
}
printf '# ours\n10.200.0.0/16 2001:db8::/32 # both\n' >"$tmp/scopes"
configured "$PERIPLUS" scan 10.200.0.1 2001:db8::1 -p 80 --rate 501 --dry-run
is "$status" 0 "networks that the configuration lists are one's own"
like "$out" 'hosts +2 \(0 outside' "and counted so"
printf '10.200.0.0/16\nten\n' >"$tmp/scopes"
configured "$PERIPLUS" scan 127.5.0.1 -p 80
is "$status:$err" "78:periplus: /etc/periplus/scopes:2: 'ten' is not a network: write 192.0.2.0/24" \
	"a line of it that is none is named"
printf '10.200.0.0/16 127.0.0.0/8 169.254.0.0/16\n2001:db8::1 2001:db8::9\n' >"$tmp/scopes"
for wrong in 10.201.0.1 10.199.255.255-10.200.0.1 10.200.255.0-10.201.0.0 10.200.0.0/15 2001:db8::1-2001:db8::9 198.18.0.1; do
	configured "$PERIPLUS" scan --only-scopes "$wrong" -p 80 --dry-run
	is "$status" 77 "--only-scopes refuses $wrong"
done
is "$err" "periplus: '198.18.0.1' is outside of the networks that may be scanned: 10.200.0.0/16, 127.0.0.0/8, 169.254.0.0/16, 2001:db8::1/128, ...; if it is yours to scan, add its network to /etc/periplus/scopes" \
	"names it, the networks and the remedy"
for wrong in 127.5.0.1 126.255.255.0-127.0.0.1 169.254.1.1 169.254.169.254 ::1 ::-::9 fe80::1 ::ffff:127.0.0.1 lo; do
	configured "$PERIPLUS" scan --only-scopes "$wrong" -p 80 --dry-run
	is "$status:${err#*is of this machine}" "77: or its link alone, and is not scanned by order of others" "--only-scopes never allows $wrong"
done
configured "$PERIPLUS" scan --only-scopes 10.200.0.1-9 2001:db8::9 ::ffff:10.200.0.1 -p 80 --dry-run
is "$status" 0 "--only-scopes allows what the file lists"
configured "$PERIPLUS" scan --only-scopes 10.200.0.0/24 -p 1-1000
is "$status:$err" "77:periplus: 254000 targets are more than 65536: order fewer at a time" "and no large scan"
: >"$tmp/scopes"
configured "$PERIPLUS" scan --only-scopes 198.18.0.1 -p 80 --dry-run
like "$status:$err" "^77:.* outside of the networks that may be scanned: no network; if it" "an empty list allows nothing"
refused 77 "a large scan is confirmed" 127.5.0.0/24 -p 1-1000
scan 127.5.0.0/24 -p 1-1000 --dry-run
is "$status" 0 "a dry run asks for no consent"
like "$out" 'targets +254000$' "it counts the targets"
like "$out" 'packets +254000 in the first round' "the packets"
like "$out" '508 s a round at 500 packets/s [(]8 min[)]' "and the time"
scan 127.5.0.0/24 -p 1-1000 --dry-run --resume "$tmp/dry" --json
is "$status $(json "$tmp/out" 'd["targets"], d["packets"], d["seconds"]')" "0 [254000, 254000, 508]" "as JSON, too"
is "$(find "$tmp" -name dry)" "" "and makes no file"
printf '127.5.0.1 # this one\n127.5.0.2-5\n' >"$tmp/targets"
scan @"$tmp/targets" 127.5.0.3/31 -p 8000,irdmi --dry-run --json
is "$(json "$tmp/out" 'd["hosts"], d["ports"]')" "[5, 1]" "targets of a file are added to those that are named, each once"
run "$PERIPLUS" scan --targets - -p 1-9 --dry-run --json <"$tmp/targets"
is "$(json "$tmp/out" 'd["hosts"], d["targets"]')" "[5, 45]" "or come by standard input"
scan lo --top 7 --dry-run --json
is "$(json "$tmp/out" 'd["hosts"] > 1, d["ports"], d["outside_of_scope"]')" "[true, 7, 0]" "an interface stands for its subnet"
scan 127.5.0.1 127.5.0.2 -p 8000 --ndjson --no-identify --opt-out /dev/stdin <<<'127.5.0.0/31 # they wished it'
is "$(summary 's["targets"], s["opted_out"], s["open"]')" '[1, 1, 0]' "who is on the opt-out list is not asked"

# --- inside and outside --------------------------------------------------------------------------
cat >"$tmp/inside" <<'JSON'
{"listeners": [{"server": {"address": "0.0.0.0", "port": 8000}, "network": {"transport": "tcp"}, "process": {"name": "python3"}, "periplus": {}},
 {"server": {"address": "127.0.0.1", "port": 1025}, "network": {"transport": "tcp"}, "process": null, "periplus": {}},
 {"server": {"address": "0.0.0.0", "port": 7}, "network": {"transport": "tcp"}, "process": {"name": "echo"}, "periplus": {}}]}
JSON
scan 127.5.0.1 -p 7,1025,8000,40000 --no-identify --against "$tmp/inside" --json
is "$(json "$tmp/out" '[(p["server"]["port"], p["periplus"]["state"], p["periplus"]["inside"], [r["rule"] for r in p["periplus"]["reasons"]]) for p in d["ports"]]')" \
	'[[7, "inside-only", "listens", ["PP223"]], [1025, "open", "loopback", ["PP220", "PP222"]], [8000, "open", "listens", ["PP220"]], [40000, "open", "nothing", ["PP220", "PP221"]]]' \
	"open outside and not inside, and the reverse, are told"
"$PERIPLUS" --json >"$tmp/real"
scan 127.5.0.1 -p 8000,40000 --no-identify --against "$tmp/real" --json
is "$(json "$tmp/out" '[(p["periplus"]["inside"], p["periplus"].get("process")) for p in d["ports"]]' | tr -d ' ')" \
	'[["listens","python3"],["listens","python3"]]' "a real listing is read"
echo '{"listeners": [' >"$tmp/broken"
scan 127.5.0.1 -p 1 --against "$tmp/broken"
is "$status" 65 "a listing that is none is refused"

# --- UDP -----------------------------------------------------------------------------------------
mkdir "$tmp/tftp"
spawn python3 "$here/net/scan.py" tftp "$tmp/tftp" 127.6.0.1 127.6.0.2
wait_for 60 test -e "$tmp/tftp/ready"
scan 127.6.0.1-3 -p 69,70,17777 --udp --ndjson --rate 1000
is "$(found)" "127.6.0.1:69" "TFTP is open though it answers from another port; what only does so is not"
is "$(summary 's["closed"], s["silent"]')" '[7, 1]' "port unreachable is closed"
is "$(python3 -c 'import json, sys; print(json.loads(open(sys.argv[1]).readline())["service"]["name"])' "$tmp/out")" tftp \
	"and it is known as TFTP"

# --- peers that a byte would harm ----------------------------------------------------------------
mkdir "$tmp/delicate"
spawn python3 "$here/net/identify.py" delicate "$tmp/delicate" >"$tmp/delicate.log" 2>&1
wait_for 60 test -e "$tmp/delicate/ready"
scan 127.3.0.1 --top 1000 --ndjson
is "$status" 0 "the thousand ports, TCP, on peers that a byte would harm"
scan 127.3.0.1 -p 5555 --ndjson
is "$(found)" "127.3.0.1:5555" "they are found"
scan 127.3.0.1 --top 1000 --udp --ndjson
is "$status" 0 "and UDP"
if [ -n "${SOAK:-}" ]; then
	scan 127.3.0.1 -p all --ndjson
	is "$status" 0 "all ports, default settings"
	scan 127.3.0.1 -p all --udp --ndjson
	is "$status" 0 "and UDP"
fi
scan 127.3.0.1 -p 3232,5555,3233 --udp --ndjson
is "$(summary 's["targets"], s["ports_spared"]')" '[1, 2]' "where they may be nothing is sent"
is "$(cat "$tmp"/delicate/heard.* 2>/dev/null | wc -c)" 0 "they have heard not one byte"
run python3 - <<'PY'
import socket
s = socket.create_connection(("127.3.0.1", 5555), timeout=20)
s.sendall(b"\x02\0\0\0\xff\0")
assert s.recv(64)[4] == 0xff
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.settimeout(20)
u.sendto(b"\x02\0\0\0\xff\0", ("127.3.0.1", 5555))
assert u.recv(64)[4] == 0xff
u.sendto(b"0 40000 1000 " + b"ab" * 16 + b"\n", ("127.3.0.1", 3232))
assert u.recv(64).startswith(b"AUTH ")
PY
is "$status$err" 0 "and they serve"

# --- the far side --------------------------------------------------------------------------------
far_side
ip addr add 198.18.128.1/16 dev near
"${far[@]}" ip addr add 198.18.255.1/16 dev far
"${far[@]}" ip route add local 198.18.0.0/17 dev lo
# closed ports answer as fast as they are asked
"${far[@]}" sysctl -qw net.ipv4.icmp_ratelimit=0
places=()
for i in 2 3 4 5; do places+=("198.18.7.$i:80" "198.18.7.$i:443"); done
listeners far "${places[@]}"
want=$(printf '%s\n' "${places[@]}" | LC_ALL=C sort | tr '\n' ' ')
scan 198.18.7.0/28 -p 80,443,81 --ndjson --no-identify
is "$(found) " "$want" "hosts of an own subnet need no scope"
scan 198.18.7.0/28 -p 80,443,81 --ndjson --no-identify --shard 1/3
one=$(found)
scan 198.18.7.0/28 -p 80,443,81 --ndjson --no-identify --shard 2/3
two=$(found)
scan 198.18.7.0/28 -p 80,443,81 --ndjson --no-identify --shard 3/3
is "$(echo "$one" "$two" "$(found)" | tr ' ' '\n' | LC_ALL=C sort | grep . | tr '\n' ' ')" "$want" \
	"three parts find together what the whole finds, nothing twice"

# --- who allowed it, and a host that says nothing at all -------------------------------------------
"${far[@]}" ip route add local 192.31.196.0/24 dev lo
ip route add 192.31.196.0/24 via 198.18.255.1
listeners others 192.31.196.1:80
scan 192.31.196.1 -p 79-81 --authorised-by "their owner, by letter" --ndjson --no-identify
is "$status:$(found) $(summary 's["authorised_by"]')" '0:192.31.196.1:80 "their owner, by letter"' \
	"a public address is scanned by somebody's word, which is kept"
n_mute=150
[ -z "${SOAK:-}" ] || n_mute=1000
ulimit -n 8192
listeners silent $(seq -f 198.18.10.1:%g 1001 $((1000 + n_mute)))
begin=$SECONDS
scan 198.18.10.1 -p 1001-$((1000 + n_mute)) --rate 20000 --ndjson
took=$((SECONDS - begin))
is "$(summary 's["open"]') $(found | wc -w)" "$n_mute $n_mute" "$n_mute ports of a host that take connections and say nothing"
if [ -n "${SOAK:-}" ]; then
	ok $((took > 30)) "in at most 30 s ($took s)"
else
	echo "# it took $took s; make soak asserts 30 for a thousand"
fi

# --- closed UDP ports: as many as the hosts tell of, ten a second each ------------------------------
"${far[@]}" sysctl -qw net.ipv4.icmp_ratelimit=100
scan 198.18.6.1-4 -p 61001-61025 --udp --patient --rate 2000 --ndjson --no-identify
is "$(summary 's["closed"], s["silent"], s["estimated_recall"] > 0.999')" '[100, 0, true]' "--patient: every closed UDP port is told of"
"${far[@]}" sysctl -qw net.ipv4.icmp_ratelimit=0
refused 64 "patience with TCP" 198.18.6.1 -p 1 --patient
scan 198.18.6.1-4 -p 61001-61025 --udp --patient --rate 2000 --dry-run
like "$out" 'time +34 s a round at 3 packets/s' "its time is told before: three packets in four seconds to each host"

# --- who is there --------------------------------------------------------------------------------
# 198.18.128 and on are neighbours whom nobody plays; of 10.77, behind a router, fifteen are there
ip route add 10.77.0.0/16 via 198.18.255.1
"${far[@]}" ip route add local 10.77.0.0/28 dev lo
ip addr add fd18::1/64 dev near nodad
"${far[@]}" ip addr add fd18::2/64 dev far nodad
for engine in packet connect; do
	scan 198.18.7.2-5 198.18.200.1-4 -p 1-400 --rate 4000 --engine $engine --ndjson --no-identify
	is "$(found) $(summary 's["answered"], s["silent"], s["hosts_absent"]')" \
		"198.18.7.2:80 198.18.7.3:80 198.18.7.4:80 198.18.7.5:80 [1600, 1600, 4]" \
		"$engine: neighbours who tell no link address are not there, and the others are asked for all"
	# a second round would be another 1600
	is "$(summary 's["sent"] < 2600')" true "$engine: and they cost next to nothing"
	scan 10.77.0.1-40 fd18::2-fd18::4 -p 81-130 --rate 4000 --scope 10.77.0.0/16 --discover --engine $engine --ndjson --no-identify
	is "$(summary 's["hosts"], s["hosts_absent"], s["hosts_answered"], s["answered"], s["silent"]')" "[43, 27, 16, 800, 1350]" \
		"$engine --discover: who answers an echo or tells a link address is asked, nobody else"
done
run setpriv --bounding-set=-net_raw "$PERIPLUS" scan 10.77.0.1-2 -p 80 --scope 10.77.0.0/16 --discover
is "$status:$out" 77: "without the right to send echoes it says so"
like "$err" 'ping_group_range' "and what would help"

# --- an interrupt --------------------------------------------------------------------------------
nft_works=0
command -v nft >/dev/null && "${far[@]}" nft add table inet t 2>/dev/null && nft_works=1
if [ $nft_works = 1 ]; then
	"${far[@]}" nft -f - <<'NFT'
add chain inet t in { type filter hook input priority 0; }
add set inet t asked { type ipv4_addr . inet_service; size 1048576; }
add rule inet t in ip daddr 198.18.9.0/24 tcp flags syn drop
add rule inet t in ip daddr 10.77.0.0/28 icmp type echo-request drop
NFT
	listeners mute 10.77.0.3:80
	scan 10.77.0.1-5 -p 80,81 --scope 10.77.0.0/16 --ndjson --no-identify
	is "$(found) $(summary 's["hosts_absent"]')" "10.77.0.3:80 0" "who drops echoes is found all the same"
	scan 10.77.0.1-5 -p 80,81 --scope 10.77.0.0/16 --ndjson --no-identify --discover
	is "$(found) $(summary 's["hosts_absent"]')" " 5" "but where only those who answer one were ordered"
	"$PERIPLUS" scan 198.18.7.2 198.18.9.1-200 -p 80,443 --ndjson --no-identify --rate 100 >"$tmp/out" 2>"$tmp/err" &
	scan_pid=$!
	wait_for 60 grep -q 198.18.7.2 "$tmp/out"
	# KILL, SETGID and SETUID: it makes and ends processes that are nobody
	is "$(grep -E '^(CapPrm|CapEff|CapInh|CapBnd|NoNewPrivs)' /proc/$scan_pid/status | tr -s '\t\n' ' ')" \
		"CapInh: 0000000000000000 CapPrm: 00000000000000e0 CapEff: 00000000000000e0 CapBnd: 00000000000000e0 NoNewPrivs: 1 " \
		"it has given up its rights by then"
	kill -INT $scan_pid
	wait $scan_pid
	is $? 3 "an interrupted scan is not complete"
	is "$(summary 's["ended"], s["complete"], s["estimated_recall"]')" '["stopped", false, null]' "and says so"

	# --- silence and loss: each of these ports lets a SYN pass only after it has dropped three; the
	# kernel repeats those of connect
	"${far[@]}" nft -f - <<'NFT'
add set inet t one { type ipv4_addr . inet_service; flags dynamic; size 65536; timeout 1h; }
add set inet t two { type ipv4_addr . inet_service; flags dynamic; size 65536; timeout 1h; }
add set inet t three { type ipv4_addr . inet_service; flags dynamic; size 65536; timeout 1h; }
add chain inet t lossy
add rule inet t lossy ip daddr . tcp dport @three accept
add rule inet t lossy ip daddr . tcp dport @two add @three { ip daddr . tcp dport } drop
add rule inet t lossy ip daddr . tcp dport @one add @two { ip daddr . tcp dport } drop
add rule inet t lossy add @one { ip daddr . tcp dport } drop
add rule inet t in ip daddr 198.18.8.2 tcp dport 1000-1019 tcp flags syn / fin,syn,rst,ack jump lossy
NFT
	listeners lossy 198.18.8.2:1003 198.18.8.2:1100
	scan 198.18.8.2 198.18.9.5 -p 1000-1199 --rate 5000 --engine connect --ndjson --no-identify
	is "$(found)" "198.18.8.2:1003 198.18.8.2:1100" "what was lost is sent again, and found"
	is "$(summary 's["answered"], s["silent"], s["lost"] >= 20, s["rounds"] > 1, s["estimated_recall"] > 0.999')" \
		'[200, 200, true, true, true]' "only silence stays silent, and the loss is told"
else
	skip 7 "nft is not installed, or does not work here"
fi

# --- kill -9, and go on --------------------------------------------------------------------------
if [ $nft_works = 1 ]; then
	"${far[@]}" nft flush chain inet t in
	"${far[@]}" nft add set inet t probed '{ type ipv4_addr . inet_service; flags dynamic; size 2000000; timeout 2h; }'
	"${far[@]}" nft add counter inet t syns
	"${far[@]}" nft 'add rule inet t in tcp flags syn / fin,syn,rst,ack counter name syns add @probed { ip daddr . tcp dport }'
fi
kills=20 ports=1-2048 rate=8000 # so slow that the plan outlives the kills
[ -z "${SOAK:-}" ] || kills=200 ports=1-65535
listeners resume 198.18.5.3:7 198.18.5.9:2000 198.18.5.16:1
n_killed=0 n_refused=0
for ((i = 0; i < kills; i++)); do
	"$PERIPLUS" scan 198.18.5.1-16 -p $ports --rate $rate --yes --ndjson --no-identify --resume "$tmp/state" >/dev/null 2>&1 &
	scan_pid=$!
	read -rt "0.$((RANDOM % 300 + 100))" <> <(:) # the moment is to be anywhere
	kill -KILL $scan_pid 2>/dev/null
	wait $scan_pid 2>/dev/null
	case $? in
	137) n_killed=$((n_killed + 1)) ;;
	0) ;; # it was done before
	*) n_refused=$((n_refused + 1)) ;;
	esac
done
echo "# $n_killed of $kills runs were killed"
is $n_refused 0 "none was kept from its file by what the one before it has left"
scan 198.18.5.1-16 -p $ports --rate 20000 --yes --ndjson --no-identify --resume "$tmp/state"
is "$status" 0 "after $kills kills the scan ends"
is "$(found)" "198.18.5.16:1 198.18.5.3:7 198.18.5.9:2000" "its result is whole"
n_plan=$(summary 's["targets"]')
is "$(summary 's["answered"] == s["targets"], s["open"]')" '[true, 3]' "every target has answered"
if [ $nft_works = 1 ]; then
	is "$("${far[@]}" nft -j list set inet t probed | python3 -c 'import json, sys
print(len([s for s in json.load(sys.stdin)["nftables"] if "set" in s][0]["set"]["elem"]))')" "$n_plan" \
		"and every target of the plan, and no other, was probed"
	echo "# $("${far[@]}" nft list counter inet t syns | grep packets | tr -d '\t') for $n_plan targets"
else
	skip 1 "nft is not installed, or does not work here"
fi
scan 198.18.5.1-16 -p 1-99 --yes --resume "$tmp/state"
is "$status" 64 "the state of one plan is refused for another"
done_testing
