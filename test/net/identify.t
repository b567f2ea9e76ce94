#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# identify, end to end: real servers, byte-exact models of every row's samples, servers that mean
# harm, and peers that a byte would harm. identify.py holds the servers.
. "$(dirname "$0")/../lib.sh"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
in_namespace "$@"

# patience for slow machines: every wait is a share of it
patience=12
cpu_us=50000
case $BUILD in *asan*) patience=40 cpu_us=600000 ;; esac

# farm KIND ARGUMENT...: its servers, listed in $tmp/KIND/table
farm()
{
	local kind=$1
	shift
	mkdir "$tmp/$kind"
	spawn python3 "$here/net/identify.py" "$kind" "$tmp/$kind" "$@" >"$tmp/$kind.log" 2>&1
	wait_for 60 test -e "$tmp/$kind/ready"
}

identify()
{
	run "$PERIPLUS" identify --ndjson --timeout "$patience" "$@"
}

# one EXPRESSION: of the single object that was printed last
one()
{
	json "$tmp/out" "$1"
}

# each_line EXPRESSION: of every line, parted by blanks
each_line()
{
	python3 -c 'import json, sys
print(*(eval(sys.argv[2], {"d": json.loads(line)}) for line in open(sys.argv[1])))' "$tmp/out" "$1"
}

targets()
{
	awk -F '\t' '{print $2 ":" $3}' "$tmp/$1/table"
}

# --- a real server -------------------------------------------------------------------------------
mkdir "$tmp/www"
spawn python3 -m http.server 47999 --bind 127.0.0.1 --directory "$tmp/www" >"$tmp/www.log" 2>&1
www_serves()
{
	python3 -c 'import urllib.request as u; u.urlopen("http://127.0.0.1:47999/", timeout=20).read()'
}
wait_for 60 www_serves
identify 127.0.0.1:47999
is "$status" 0 "a real server is identified"
is "$(one 'd["service"]["name"], d["periplus"]["product"], d["periplus"]["certainty"]')" \
	'["http", "python-http-server", "probed"]' "it is http, python's http.server, and proved"
is "$(one 'd["periplus"]["version"]')" "$(python3 -c 'import platform; print(platform.python_version())')" \
	"and its version is python's"
is "$(one '[bytes.fromhex(s)[:5].decode() for s in d["periplus"]["sent"]]')" '["GET /"]' \
	"one question was asked, and is told"
ok "$(one 'int(d["periplus"]["bytes_sent"] != len(d["periplus"]["sent"][0]) / 2)')" "every byte sent is accounted for"
run "$PERIPLUS" identify 127.0.0.1:47999 -v
like "$out" 'said .*connection 1, [0-9]+ bytes of http: ' "-v tells who asked and why"
like "$out" 'GET / HTTP' "and what"
identify 127.0.0.1:47998
is "$(one 'd["periplus"]["state"], d["periplus"]["connections"], d["periplus"]["sent"]')" '["closed", 1, []]' "a closed port is closed"
is "$(one 'd["service"]["name"]')" null "and has no service"
identify 127.0.0.1:47997/udp
is "$(one 'd["periplus"]["state"], d["periplus"]["bytes_sent"]')" '["silent", 0]' "over UDP an unknown port is not asked"
run "$PERIPLUS" identify 127.0.0.1:3432 127.0.0.1:22
like "$out" '~osdcp' "osdcp is registered there"
is "$(grep -c 'no bytes are known that would prove that name' "$tmp/out")" 1 "and no bytes are known of it, as they are of ssh"
identify 127.0.0.1:123/udp
is "$(one 'd["periplus"]["state"], d["periplus"]["certainty"]')" '["closed", "table"]' "port unreachable is closed, and the number is no fact"

# --- one that builds its page when it is first asked for -------------------------------------------
farm builds
ok $? "a server whose first answer takes long listens"
identify 127.2.2.1:47110
is "$(one 'd["service"]["name"], d["periplus"]["product"]')" '["http", "nextjs"]' "what it is shows in its refusal of a handshake, and it is asked again"
is "$(one '[bytes.fromhex(s)[:5].decode("latin-1") for s in d["periplus"]["sent"]].count("GET /"), d["periplus"]["connections"]')" \
	'[2, 3]' "once, in three connections"

# --- scope ---------------------------------------------------------------------------------------
for address in 224.0.0.1 255.255.255.255 0.0.0.1 240.0.0.1 169.254.169.254 127.255.255.255 \
	'[ff02::1]' '[::ffff:169.254.169.254]'; do
	run "$PERIPLUS" identify "$address:80" --scope 0.0.0.0/0,::/0 </dev/null
	is "$status" 77 "$address is never asked"
done
run "$PERIPLUS" identify 198.18.0.1:80 </dev/null
is "$status" 77 "an address outside of our networks is refused"
like "$err" '--scope 198.18.0.1' "and the remedy is named"

# --- models --------------------------------------------------------------------------------------
"$BUILD/test/test-protos" >"$tmp/rows"
farm models "$tmp/rows" "$top/test/data/proto"
ok $? "models of $(wc -l <"$tmp/models/table") samples listen"
compare()
{
	python3 - "$tmp/models/table" "$tmp/out" <<'PY'
import json, sys
wanted = [line.rstrip("\n").split("\t") for line in open(sys.argv[1])]
got = [json.loads(line) for line in open(sys.argv[2])]
for (name, _, _, service, product, version), d in zip(wanted, got, strict=True):
    p = d["periplus"]
    seen = (d["service"]["name"] or "-", p["product"] or "-", p["version"] or "-")
    if seen != (service, product, version):
        print(name, "got", *seen, "want", service, product, version, p["connections"], "connections;",
              [(s["protocol"], s["reason"]) for s in p["steps"]])
    if p["connections"] > 4 or p["bytes_heard"] > 262144:
        print(name, "budget", p["connections"], p["bytes_heard"])
    if sum(len(s) // 2 for s in p["sent"]) != p["bytes_sent"]:
        print(name, "did not tell all that it sent")
PY
}
mapfile -t all < <(targets models)
identify "${all[@]}"
is "$status" 0 "all models are asked side by side"
is "$(compare)" "" "every row's samples are told by their own question, and the speakers on any port"
identify "${all[@]}"
is "$(compare)" "" "they keep serving, and say the same again"
cp "$tmp/out" "$tmp/lines"
run www_serves
is "$status" 0 "the real server keeps serving"
if python3 -c 'import jsonschema' 2>/dev/null; then
	run python3 - "$top/schema/identify.schema.json" "$tmp/lines" <<'PY'
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
for line in open(sys.argv[2]):
    jsonschema.validate(json.loads(line), schema)
PY
	is "$status$err" 0 "each line is as the schema says"
else
	skip 1 "python3-jsonschema is not installed"
fi

# --- servers that mean harm ----------------------------------------------------------------------
farm hostile
while IFS=$'\t' read -r name address port _; do
	place=$address:$port want=open
	[[ $name != udp* ]] || place+=/udp
	[ "$name" != "udp forged" ] || want=silent # what somebody else says in his name is not heard
	identify "$place"
	is "$status" 0 "$name: an answer"
	is "$(one 'd["periplus"]["state"]')" $want "$name: $want"
	is "$(one 'd["periplus"]["connections"] <= 4 and d["periplus"]["bytes_heard"] <= 262144')" true "$name: 4 connections, 256 KiB"
	is "$(one "d['periplus']['took_ms'] <= $patience * 1000 + 2000")" true "$name: in time"
	is "$(one "d['periplus']['cpu_us'] <= $cpu_us")" true "$name: 50 ms of processor time ($(one 'd["periplus"]["cpu_us"]') us)"
	run "$PERIPLUS" identify "$place" --timeout "$patience" -v
	is "$(LC_ALL=C tr -d '\n\t -~' <"$tmp/out" | wc -c)" 0 "$name: nothing but printable ASCII reaches a terminal"
done <"$tmp/hostile/table"

# --- peers that a byte would harm ----------------------------------------------------------------
farm delicate
heard()
{
	cat "$tmp/delicate/heard.$1" 2>/dev/null | tr -d "\\0" | tr "\\n" " " | cat -v
}
xcp_serves()
{
	python3 - <<'PY'
import socket
s = socket.create_connection(("127.3.0.1", 5555), timeout=20)
s.sendall(b"\x02\0\0\0\xff\0")
assert s.recv(64)[4] == 0xff
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.settimeout(20)
u.sendto(b"\x02\0\0\0\xff\0", ("127.3.0.1", 5555))
assert u.recv(64)[4] == 0xff
PY
}
identify 127.3.0.1:5555 127.3.0.1:5555/udp 127.3.0.1:3232/udp
is "$status" 0 "XCP and ArduinoOTA are looked at"
is "$(each_line 'd["periplus"]["bytes_sent"]')" "0 0 0" "and nothing is sent to them"
is "$(each_line 'd["periplus"]["certainty"]')" "table table table" "nor claimed by number"
is "$(each_line 'd["periplus"]["class"]')" "A A A" "for their class"
is "$(heard xcp)$(heard xcp-udp)$(heard ota)" "" "the peers have not heard one byte"
run xcp_serves
is "$status" 0 "the XCP slave serves"
identify 127.3.0.1:3232/udp --allow-intrusive
is "$(one 'd["service"]["name"]')" arduino-ota "on explicit order ArduinoOTA is asked and known"
is "$(one '[s["reason"] for s in d["periplus"]["steps"] if s["side"] == "said"]')" '["port", "farewell"]' "and what was asked is undone"
like "$(heard ota)" '^0 9 0 0+ [|]1 [|]$' "the device has heard both"
upload()
{
	python3 - <<'PY'
import socket
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.settimeout(20)
u.sendto(b"0 40000 1000 " + b"ab" * 16 + b"\n", ("127.3.0.1", 3232))
assert u.recv(64).startswith(b"AUTH ")
u.sendto(b"200 " + b"cd" * 16 + b" " + b"ef" * 16 + b"\n", ("127.3.0.1", 3232))
assert u.recv(64) == b"OK"
PY
}
run upload
is "$status" 0 "and its next genuine upload begins"

for target in 127.3.0.1:5555 127.3.0.1:5555/udp; do
	identify "$target" --allow-intrusive
	is "$(one 'd["service"]["name"]')" xcp "$target: on explicit order XCP is asked and known"
	is "$(one '[s["reason"] for s in d["periplus"]["steps"] if s["side"] == "said"][-1], d["periplus"]["sent"][-1][-2:]')" '["farewell", "fe"]' \
		"$target: DISCONNECT comes last"
	run xcp_serves
	is "$status" 0 "$target: and the slave serves"
done

# --- many ----------------------------------------------------------------------------------------
mkdir "$tmp/silent"
spawn python3 "$here/net/identify.py" silent "$tmp/silent" 20001 1000 >"$tmp/silent.log" 2>&1
if wait_for 60 test -e "$tmp/silent/ready"; then
	begin=$SECONDS
	run "$PERIPLUS" identify --ndjson 127.4.0.1:20001-21000
	took=$((SECONDS - begin))
	is "$(each_line 'd["periplus"]["state"]' | tr ' ' '\n' | sort | uniq -c | tr -s ' ')" " 1000 open" "1,000 silent ports are open"
	is "$(each_line 'd["service"]["name"]' | tr ' ' '\n' | sort -u)" None "and are called nothing"
	if [ -n "${SOAK:-}" ]; then
		ok $((took > 30)) "in at most 30 s (${took} s)"
	else
		echo "# 1,000 silent ports took ${took} s; make soak asserts 30"
	fi
else
	skip 2 "cannot open 1,000 ports: $(tail -1 "$tmp/silent.log")"
fi
done_testing
