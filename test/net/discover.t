#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# XCP's discovery by multicast, on explicit order only: model slaves behind a veth pair join the group,
# write down what they hear and answer as the extended and the basic form say; one lies about
# where it is, one sends what is no XCP. Nobody else hears anything.
. "$(dirname "$0")/../lib.sh"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
in_namespace "$@"
ip link add near type veth peer name far 2>/dev/null || skip_all "no veth pairs here"
apart there || skip_all "no namespace for the far side"
ip link set far netns "$there_pid"
ip address add 198.18.0.1/24 dev near && ip link set near up
for n in 2 3 4 5; do "${there[@]}" ip address add 198.18.0.$n/24 dev far; done
"${there[@]}" ip link set far up
# an answer may be slow on a slow machine: what is heard later is not told
seconds=12

cat >"$tmp/slaves.py" <<'PY'
"""usage: slaves.py DIR: four on one group; each hears every question."""
import pathlib, socket, struct, sys
where = pathlib.Path(sys.argv[1])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("239.255.0.0", 5556))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
             socket.inet_aton("239.255.0.0") + socket.inet_aton("198.18.0.2"))
mouths = {}
for n in (2, 3, 4, 5):
    mouths[n] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    mouths[n].bind((f"198.18.0.{n}", 5555))


def frame(packet):
    return struct.pack("<HH", len(packet), 0) + packet


def place(n, port, status):
    return socket.inet_aton(f"198.18.0.{n}") + bytes(12) + struct.pack("<HBB", port, status, 5)


(where / "ready").touch()
while True:
    data, sender = s.recvfrom(512)
    with open(where / "heard", "a") as f:
        f.write(f"{data.hex()} {sender[0]}\n")
    length, counter, command, form, port = struct.unpack("<HHBBH", data[:8])
    to = (socket.inet_ntoa(data[8:12]), port)
    if length != 21 or len(data) != 25 or command != 0xF2 or sender[0] != to[0]:
        continue
    if form == 0xFD:
        mouths[2].sendto(frame(b"\xff\xfd" + place(2, 5555, 1) + struct.pack("<I", 5) + b"motor" +
                               bytes.fromhex("020000000002")), to)
        mouths[4].sendto(frame(b"\xff\xfd" + place(9, 5555, 1) + struct.pack("<I", 4) + b"liar" +
                               bytes.fromhex("020000000004")), to)
        mouths[5].sendto(b"HTTP/1.1 200 OK\r\n\r\n", to)
    if form == 0xFF:
        mouths[3].sendto(frame(place(3, 5560, 0) + b"\x05" + b"brake"), to)
PY
mkdir "$tmp/slaves"
spawn "${there[@]}" python3 "$tmp/slaves.py" "$tmp/slaves" >"$tmp/slaves.log" 2>&1
wait_for 60 test -e "$tmp/slaves/ready"
ok $? "the slaves are there: $(tail -1 "$tmp/slaves.log")"

run "$PERIPLUS" identify 239.255.0.0:5556/udp --allow-intrusive --scope 0.0.0.0/0 </dev/null
is "$status" 77 "the group is no host: it is never asked as one"
run "$PERIPLUS" identify 198.18.0.2:5555/udp
run "$PERIPLUS" identify 198.18.0.2:5556/udp
is "$(cat "$tmp/slaves/heard" 2>/dev/null)" "" "and without the order nobody hears anything"

run "$PERIPLUS" identify --call xcp near --timeout $seconds --json
is "$status" 0 "on order the network is asked"
cp "$tmp/out" "$tmp/document"
is "$(json "$tmp/out" 'sorted([p["server"]["ip"], p["server"]["port"], p["network"]["transport"], p["service"]["name"], p["periplus"]["product"]] for p in d)')" \
	'[["198.18.0.2", 5555, "udp", "xcp", "xcp"], ["198.18.0.3", 5560, "tcp", "xcp", "xcp"]]' \
	"each slave once, where it says it is; not the one that names another, not what is no XCP"
is "$(json "$tmp/out" 'sorted(f["value"] for p in d for f in p["periplus"]["facts"] if f["name"] in ("id", "mac"))')" \
	'["020000000002", "brake", "motor"]' "with what they say of themselves"
is "$(json "$tmp/out" '[d[0]["periplus"]["class"], d[0]["periplus"]["evidence"], [s["reason"] for s in d[0]["periplus"]["steps"]], d[0]["periplus"]["sent"][0][:12]]')" \
	'["A", "answer", ["order", null], "15000000f2fd"]' "and what was sent is told"
all_heard() { [ "$(wc -l <"$tmp/slaves/heard")" -ge 4 ]; }
wait_for 60 all_heard
is "$(sort -u "$tmp/slaves/heard" | cut -c1-12,25-)" \
	$'15000000f2fd00000000000000000000000000 198.18.0.1\n15000100f2ff00000000000000000000000000 198.18.0.1' "two questions, to be answered to our address"
is "$(wc -l <"$tmp/slaves/heard")" 4 "twice each, and no more"
if python3 -c 'import jsonschema' 2>/dev/null; then
	run python3 - "$top/schema/identify.schema.json" "$tmp/document" <<'PY'
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
for one in json.load(open(sys.argv[2])):
    jsonschema.validate(one, schema)
PY
	is "$status$err" 0 "it is as the schema says"
else
	skip 1 "python3-jsonschema is not installed"
fi
ip link add calm type veth peer name calmer && ip address add 198.18.9.1/24 dev calm && ip link set calm up && ip link set calmer up
run "$PERIPLUS" identify --call xcp calm --timeout 1 --json
is "$status:$(tr -d '\n ' <"$tmp/out")" "0:[]" "where nobody answers the list is empty"
like "$err" 'nobody answered within 1 s' "and that is said"
run "$PERIPLUS" identify --call xcp lo
is "$status" 69 "loopback reaches no group"
run "$PERIPLUS" identify --call xcp nowhere
is "$status" 64 "an interface that is not there is refused"
run "$PERIPLUS" identify --call ssh near
is "$status" 64 "so is a protocol that has no such question"
run "$PERIPLUS" identify --call xcp near --udp
is "$status" 64 "and what is for targets"
done_testing
