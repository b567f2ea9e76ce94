#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# identify --pcap: captures of real peers, packets in every wrapping, and captures that mean harm.
# pcap.py makes what is not in test/data/pcap.
. "$(dirname "$0")/lib.sh"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
[ -x "$BUILD/periplus-pcap" ] || skip_all "built without libpcap"
data=$top/test/data/pcap

# capture WORD...: made by pcap.py and read from a file
capture()
{
	python3 "$here/pcap.py" "$@" >"$tmp/made.pcap"
	run timeout 300 "$PERIPLUS" identify --plain --pcap "$tmp/made.pcap"
}

# columns N...: of the plain lines in $out
columns()
{
	printf '%s\n' "$out" | cut -f "$1"
}

# --- real peers ----------------------------------------------------------------------------------
run "$PERIPLUS" identify --plain --pcap "$data/ota3.pcap"
is "$status" 0 "a capture is read"
is "$(columns 1-4,9,10 | head -1)" "expected	udp	127.0.0.1	3232	arduino-ota	arduino-ota" "ArduinoOTA by its bytes"
like "$out" '^expected	udp	224.0.0.251	5353	.*	mdns	' "and its mDNS"
run "$PERIPLUS" identify --plain --pcap "$data/xcp.pcap"
is "$(columns 1-4,9)" "look	tcp	127.0.0.1	5556	xcp
expected	udp	127.0.0.1	5555	xcp" "XCP over both transports"
like "$out" 'freeciv	none	0	PP207,PP120$' "on a number that is not known for it, with the rules"
run "$PERIPLUS" identify --plain --pcap "$data/dtls.pcap"
is "$(columns 2-4,9)" "udp	127.0.0.1	3224	dtls" "DTLS on a number of the Framehawk range"
run "$PERIPLUS" identify --plain --pcap "$data/doip.pcap"
is "$(columns 4,9 | sort | tr '\n' ' ')" "13400	doip 30490	someip " "DoIP and SOME/IP-SD"
run "$PERIPLUS" identify --plain --pcap "$data/mdt.pcap"
is "$(columns 1,3,4,9,15)" "expected	224.0.0.13	3232	mdt	gre" "an MDT Join inside of GRE is where it belongs"

# --- one number, four users ----------------------------------------------------------------------
showcase="expected	udp	192.0.2.11	arduino-ota	mdtp	none
expected	tcp	192.0.2.21	esphome-ota	mdtp	none
expected	udp	192.0.2.31	dtls	mdtp	none
expected	udp	224.0.0.13	mdt	mdtp	gre"
capture showcase
is "$(columns 1-3,9,14,15)" "$showcase" "four users of 3232 are told apart by their bytes"
run "$PERIPLUS" identify --pcap "$tmp/made.pcap"
like "$out" '^. 192.0.2.21:3232/tcp .* esphome-ota .* expected$' "also in the table"
run "$PERIPLUS" identify -v --pcap "$tmp/made.pcap"
like "$out" 'registered +mdtp "MDT port"' "-v tells the registered name"
like "$out" 'client +[0-9]+ +image firmware, call_back_port 41003' "and each message in words"
capture mdt
is "$(columns 1,3,15,17)" "look	192.0.2.2	none	PP208
look	224.0.0.13	none	PP208
look	ff02::d	none	PP208
expected	ff02::d	gre	-" "an MDT Join that is not inside of GRE needs a look, both types"
capture odd-ports
is "$(columns 4,9)" "2222	ssh
3432	postgresql" "a protocol is known on any number"

# --- wrappings -----------------------------------------------------------------------------------
for kind in sll sll2 null loop raw big-endian nanoseconds pcapng; do
	capture $kind
	is "$(columns 1-3,9,14,15)" "$showcase" "$kind"
done
capture layers
is "$(printf '%s\n' "$out" | awk -F '\t' '$9 == "ssh" {print $11, $15, $16}' | sort | uniq -c | tr -s ' ')" " 3 9.2p1 gre 0
 1 9.2p1 ip 0
 3 9.2p1 none 0
 1 9.2p1 none 5
 1 9.2p1 none 6" "VLAN, two VLANs, GRE with key, Ethernet in GRE, IP in IP, IP options, IPv6 extensions" ||
	printf '%s\n' "$out" | sed 's/^/# /'
like "$out" '	9999	.*	1	1	5	' "padding of a frame is not payload"
run "$PERIPLUS" identify --json --pcap "$tmp/made.pcap"
is "$(json "$tmp/out" '[d["capture"][k] for k in ("fragment", "portless", "not_ip", "cut", "malformed")]')" \
	"[2, 1, 1, 1, 1]" "what could not be read is counted by its reason"
capture nested 5
is "$(columns 3,4)" "192.0.2.2	2" "five tunnels within each other are undone"
capture nested 40
is "$status$out" 0 "forty are not"

# --- TCP in pieces -------------------------------------------------------------------------------
for split in 1 3 20; do
	capture http $split
	is "$(columns 9-11)" "http	nginx	1.22.1" "segments of $split bytes and 3 more, shuffled, doubled, numbers that wrap"
done
capture http 3 conflict
is "$(columns 9-11)" "http	nginx	1.22.1" "what was said first counts"
run "$PERIPLUS" identify --json --pcap "$tmp/made.pcap"
is "$(json "$tmp/out" 'd["conversations"][0]["periplus"]["conflicts"]')" 1 "and who says otherwise later is counted"
capture midstream
is "$(columns 4,9)" "2222	ssh" "without the handshake the bytes tell who serves"
capture flows 40
is "$(columns 4,6,7,9)" "22	40	240	ssh" "a client's flows to one server are one conversation"
capture snapped
run "$PERIPLUS" identify --json --pcap "$tmp/made.pcap"
is "$(json "$tmp/out" 'd["conversations"][0]["periplus"]["cut"], d["conversations"][0]["server"]["bytes"]')" "[2, 40]" "bytes that the capture has cut off are counted as said"

# --- XCP in words --------------------------------------------------------------------------------
run "$PERIPLUS" identify -v --pcap "$data/xcp.pcap"
like "$out" 'client +6  command CONNECT mode 0$' "XCP commands in words"
like "$out" 'server +12  resources 05 CAL/PAG DAQ, byte_order little endian' "XCP answers in words"

# --- captures that mean harm ---------------------------------------------------------------------
for seed in 1 2 3; do
	capture hostile $seed
	is "$status$err" 0 "damaged packets, seed $seed: an answer"
	run "$PERIPLUS" identify -v --pcap "$tmp/made.pcap"
	is "$status" 0 "damaged packets, seed $seed: in words"
	is "$(LC_ALL=C tr -d '\n -~\342\227\217\226\262\240\246\302\267\200' <"$tmp/out" | wc -c)" 0 "damaged packets, seed $seed: nothing but our own characters"
done
python3 "$here/pcap.py" pcapng >"$tmp/whole"
size=$(stat -c %s "$tmp/whole")
wrong=
for ((n = 0; n < size; n += 37)); do
	head -c $n "$tmp/whole" >"$tmp/cut"
	run timeout 60 "$PERIPLUS" identify --plain --pcap "$tmp/cut"
	case $status in 0|3|65) ;; *) wrong+="$n:$status " ;; esac
done
is "$wrong" "" "a capture that is cut anywhere is read as far as it goes, and that is said"
python3 "$here/pcap.py" showcase >"$tmp/whole"
head -c 200 "$tmp/whole" >"$tmp/cut"
run "$PERIPLUS" identify --pcap "$tmp/cut"
is "$status" 3 "a cut capture: status 3"
like "$err" "'$tmp/cut' is damaged after 1 packets: truncated dump file" "and how far it went"
run "$PERIPLUS" identify --pcap /dev/null
is "$status" 65 "no bytes are no capture"
run "$PERIPLUS" identify --pcap "$0"
like "$err" "is no capture that can be read: unknown file format" "nor is a text"
capture unknown-link
is "$status" 65 "an unknown link layer is refused"
like "$err" "a link layer that is not read here: IEEE802_15_4" "by its name"
capture empty
is "$status$out" 0 "a capture without packets is one"
capture names
run "$PERIPLUS" identify -v --pcap "$tmp/made.pcap"
unlike "$out" "$(printf '\033')|$(printf '\342\200\256')" "names are no weapons"
endless()
{
	python3 "$here/pcap.py" endless | timeout 300 "$PERIPLUS" identify --plain --pcap - --timeout 2
}
run endless
is "$status" 3 "an endless capture ends by --timeout"
is "$(columns 1-3,9,14,15)" "$showcase" "with what was seen"
like "$err" "stopped reading 'standard input' after [0-9]+ packets" "and how much that was"
python3 - "$PERIPLUS" <<'PY'
import os, subprocess, sys
r, w = os.pipe()
done = subprocess.run([sys.argv[1], "identify", "--plain", "--pcap", "-", "--timeout", "1"], stdin=r,
                      stderr=subprocess.PIPE, timeout=240)
sys.exit(0 if done.returncode == 3 and b"after 0 packets" in done.stderr else 1)
PY
ok $? "a silent one too"

# --- what is asked wrongly -----------------------------------------------------------------------
run "$PERIPLUS" identify --pcap "$tmp/none.pcap"
is "$status" 69 "no such file"
like "$err" "cannot read '$tmp/none.pcap': No such file" "is named"
run "$PERIPLUS" identify --pcap "$tmp"
like "$err" "is a directory, not a capture" "so is a directory"
run "$PERIPLUS" identify --pcap "$data/mdt.pcap" 127.0.0.1:22
is "$status" 64 "a capture and targets at once are refused"

# --- the reader ----------------------------------------------------------------------------------
run "$BUILD/periplus-pcap" --frob <"$data/mdt.pcap"
is "$status" 64 "the reader knows its two options only"
if python3 -c 'import jsonschema' 2>/dev/null; then
	python3 "$here/pcap.py" hostile 7 >"$tmp/made.pcap"
	for file in "$data"/*.pcap "$tmp/made.pcap"; do
		"$PERIPLUS" identify --json -v --pcap "$file" >"$tmp/document"
		"$PERIPLUS" identify --ndjson --pcap "$file" >"$tmp/lines"
		run python3 - "$top/schema" "$tmp/document" "$tmp/lines" <<'PY'
import json, pathlib, sys, warnings
warnings.simplefilter("ignore")
import jsonschema
schemas = {p.name: json.loads(p.read_text()) for p in pathlib.Path(sys.argv[1]).glob("*.json")}
def check(name, document):
    schema = schemas[name]
    resolver = jsonschema.RefResolver(schema["$id"], schema, store=schemas)
    jsonschema.Draft202012Validator(schema, resolver=resolver).validate(document)
check("traffic.schema.json", json.load(open(sys.argv[2])))
for line in open(sys.argv[3]):
    check("conversation.schema.json", json.loads(line))
PY
		is "$status$err" 0 "${file##*/} is as the schemas say"
	done
else
	skip 6 "python3-jsonschema is not installed"
fi
done_testing
