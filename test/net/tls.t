#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is inside of TLS: real handshakes, wrong certificates that hide nothing, and servers whose
# TLS means harm. tls.py holds the servers.
. "$(dirname "$0")/../lib.sh"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
command -v openssl >/dev/null || skip_all "there is no openssl"
python3 -c 'import ctypes; ctypes.CDLL("libssl.so.3")' 2>/dev/null || skip_all "there is no libssl.so.3"
in_namespace "$@"

# patience for slow machines: every wait is a share of it
patience=12
case $BUILD in *asan*) patience=40 ;; esac

# --- certificates: one of today, one that has ended
mkdir "$tmp/ca"
cat >"$tmp/ca/config" <<EOF2
[ca]
default_ca = own
[own]
database = $tmp/ca/index
serial = $tmp/ca/serial
new_certs_dir = $tmp/ca
default_md = sha256
policy = any
[any]
commonName = supplied
EOF2
: >"$tmp/ca/index"
echo 01 >"$tmp/ca/serial"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/good.key" -out "$tmp/good.crt" -days 30 \
	-subj /CN=farm.example.net -addext subjectAltName=DNS:farm.example.net,DNS:www.example.net 2>"$tmp/log" &&
	openssl req -newkey rsa:2048 -nodes -keyout "$tmp/old.key" -out "$tmp/old.csr" -subj /CN=old.example.net 2>>"$tmp/log" &&
	openssl ca -batch -config "$tmp/ca/config" -cert "$tmp/good.crt" -keyfile "$tmp/good.key" -notext \
		-startdate 20200101000000Z -enddate 20200201000000Z -in "$tmp/old.csr" -out "$tmp/old.crt" 2>>"$tmp/log" ||
	skip_all "openssl makes no certificates: $(tail -1 "$tmp/log")"
for name in good old; do cat "$tmp/$name.key" "$tmp/$name.crt" >"$tmp/$name.pem"; done

spawn python3 "$here/net/tls.py" "$tmp" >"$tmp/servers.log" 2>&1
wait_for 60 test -e "$tmp/ready"
ok $? "the servers listen"
spawn openssl s_server -accept 127.0.0.1:40448 -key "$tmp/good.key" -cert "$tmp/good.crt" -www -quiet >"$tmp/s1.log" 2>&1
spawn openssl s_server -accept 127.0.0.1:40449 -key "$tmp/good.key" -cert "$tmp/good.crt" -www -quiet -tls1_2 >"$tmp/s2.log" 2>&1
# more tickets than anybody wants, and no answer
spawn openssl s_server -accept 127.0.0.1:40450 -key "$tmp/good.key" -cert "$tmp/good.crt" -quiet -tls1_3 -num_tickets 100000 >"$tmp/s3.log" 2>&1 </dev/zero
listens() { grep -q "$(printf ':%04X 00000000:0000 0A' "$1")" /proc/net/tcp; }
takes() { python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)' "$1"; }
for port in 40448 40449 40450; do wait_for 60 takes $port; done

run "$PERIPLUS" identify --ndjson --timeout "$patience" 127.0.0.1:40443-40449 127.0.0.1:40465 127.0.0.1:993 127.0.0.1:46379
is "$status" 0 "all are asked side by side"
cp "$tmp/out" "$tmp/lines"
# at PORT EXPRESSION, facts in f
at()
{
	python3 - "$tmp/lines" "$1" "$2" <<'PY'
import json, sys
for line in open(sys.argv[1]):
    d = json.loads(line)
    p = d["periplus"]
    f = {x["name"]: x["value"] for x in reversed(p["facts"])}
    if d["server"]["port"] == int(sys.argv[2]):
        print(eval(sys.argv[3]))
PY
}
is "$(at 40443 'd["service"]["name"], p["within"], p["product"], p["version"]')" "('http', 'tls', 'nginx', '1.22.1')" "a web server in TLS"
is "$(at 40443 'f["subject"], f["self_signed"], "expired" in f')" "('farm.example.net', 'yes', False)" "its certificate signs itself, and is told"
is "$(at 40443 '[x["value"] for x in p["facts"] if x["name"] == "name"]')" "['farm.example.net', 'www.example.net']" "with its names"
like "$(at 40443 'f["not_before"], f["not_after"], f["tls"]')" "20[0-9-]+T.*20[0-9-]+T.*'tls1.[23]'" "its dates and the version"
is "$(at 40444 'd["service"]["name"], p["version"], f["subject"], f["issuer"], f["expired"], f["not_after"], "self_signed" in f')" \
	"('http', '1.22.1', 'old.example.net', 'farm.example.net', 'yes', '2020-02-01T00:00:00Z', False)" "an expired one hides nothing"
is "$(at 40445 'd["service"]["name"], p["within"], f["subject"]')" "('tls', None, 'farm.example.net')" "who wants our certificate is TLS, and no more"
is "$(at 40446 'd["service"]["name"], f["alpn"]')" "('http', 'http/1.1')" "ALPN is told"
is "$(at 40447 'd["service"]["name"], p["within"]')" "('tls', None)" "who says nothing inside is TLS"
is "$(at 40448 'd["service"]["name"], p["within"], f["tls"]')" "('http', 'tls', 'tls1.3')" "openssl's own server"
is "$(at 40449 'd["service"]["name"], p["within"], f["tls"]')" "('http', 'tls', 'tls1.2')" "and of TLS 1.2"
is "$(at 40465 'd["service"]["name"], p["within"], p["product"]')" "('smtp', 'tls', 'postfix')" "mail on any number"
is "$(at 993 'd["service"]["name"], p["within"], p["product"]')" "('imap', 'tls', 'dovecot')" "a mailbox on its own"
is "$(at 46379 'd["service"]["name"], p["within"], p["version"]')" "('redis', 'tls', '7.0.15')" "a store that hangs up on HTTP"
# what $tmp/lines has of too many connections, and of bytes that are not told
untold()
{
	python3 -c 'import json, sys
for line in open(sys.argv[1]):
    d = json.loads(line)
    p = d["periplus"]
    if p["connections"] > 4 or p["bytes_sent"] != sum(len(s) // 2 for s in p["sent"]):
        print(d["server"]["port"], p["connections"], p["bytes_sent"])' "$tmp/lines"
}
is "$(untold)" "" "in at most 4 connections, and every byte is told"
run "$PERIPLUS" identify 127.0.0.1:40443 --timeout "$patience" -v
like "$out" '^127.0.0.1:40443/tcp  http in tls: nginx 1\.22\.1' "people read it too"
like "$out" 'of tls: it is TLS: what is inside' "and why there was a handshake"
run "$PERIPLUS" 40443 --probe --timeout "$patience" -q
like "$out" 'speaks http in tls: nginx 1\.22\.1' "--probe looks inside"

# --- who begins in clear: the certificate, and nothing inside
run "$PERIPLUS" identify --ndjson --timeout "$patience" 127.0.0.1:42021 127.0.0.1:42025-42027 127.0.0.1:42110 127.0.0.1:42143 127.0.0.1:5432
cp "$tmp/out" "$tmp/lines"
for row in '42021 ftp' '42025 smtp' '42110 pop3' '42143 imap' '5432 postgresql'; do
	read -r port service <<<"$row"
	is "$(at "$port" 'd["service"]["name"], p["within"], f.get("starttls"), f.get("subject"), f.get("not_after", "")[:2]')" \
		"('$service', None, 'yes', 'farm.example.net', '20')" "$service tells its certificate"
done
is "$(at 42026 'd["service"]["name"], p["product"], "starttls" in f')" "('smtp', 'postfix', False)" "who does not offer TLS is not asked for it"
unlike "$(cat "$tmp/heard.42026")" 'STARTTLS' "not by a word"
is "$(at 42027 'd["service"]["name"], p["product"], "starttls" in f')" "('smtp', 'postfix', False)" "who refuses is told as before"
is "$(cat "$tmp/inside" 2>/dev/null)" "" "and inside nothing was said"
is "$(untold)" "" "in at most 4 connections, and every byte is told"

# --- names: who is asked by one may want the right one
printf '127.0.0.1 farm.example.net other.example.net\n' >"$tmp/hosts"
mount --bind "$tmp/hosts" /etc/hosts
run "$PERIPLUS" identify --json --timeout "$patience" farm.example.net:40460
is "$(json "$tmp/out" 'd[0]["service"]["name"], d[0]["periplus"]["within"], d[0]["periplus"]["product"]')" '["http", "tls", "nginx"]' "the name that was given is asked for"
run "$PERIPLUS" identify --json --timeout "$patience" other.example.net:40460
is "$(json "$tmp/out" 'd[0]["service"]["name"], d[0]["periplus"]["within"]')" '["tls", null]' "another is refused, and it is TLS all the same"

# --- HTTP/2 and nothing else: no other protocol is taken in the handshake
mkfifo "$tmp/settings"
# Each connection takes what lies there, the ones too that only ask whether it is TLS; so SETTINGS (of
# 100 streams) come again and again. What runs in the background has no input but by a shell of its own.
# shellcheck disable=SC2016 -- for those shells
spawn bash -c 'while printf "\0\0\6\4\0\0\0\0\0\0\3\0\0\0\144"; do sleep 0.1; done >"$0"' "$tmp/settings"
# shellcheck disable=SC2016
spawn bash -c 'exec openssl s_server "$@" <"$0"' "$tmp/settings" -accept 127.0.0.1:40461 -key "$tmp/good.key" \
	-cert "$tmp/good.crt" -quiet -alpn h2 >"$tmp/s4.log" 2>&1
wait_for 60 listens 40461
run "$PERIPLUS" identify --json --timeout "$patience" 127.0.0.1:40461
is "$(json "$tmp/out" 'd[0]["service"]["name"], d[0]["periplus"]["within"], [f["value"] for f in d[0]["periplus"]["facts"] if f["name"] == "alpn"]')" \
	'["http2", "tls", ["h2"]]' "HTTP/2 is offered alone to who takes nothing else"

# --- node's: it begins with settings that set nothing, which prove nothing before our preface is acknowledged. Up
# to 18 it refuses no handshake, but says in HTTP/1 what it wanted; from 20 on it refuses
if command -v node >/dev/null; then
	cat >"$tmp/http2.js" <<'EOF2'
const [where] = process.argv.slice(2), fs = require("fs");
const own = { key: fs.readFileSync(where + "/good.key"), cert: fs.readFileSync(where + "/good.crt") };
const answer = (request, response) => response.end("x");
require("http2").createSecureServer(own, answer).listen(40462, "127.0.0.1");
require("http2").createSecureServer({ ...own, allowHTTP1: true }, answer).listen(40463, "127.0.0.1");
EOF2
	spawn node "$tmp/http2.js" "$tmp" >"$tmp/node.log" 2>&1
	wait_for 60 listens 40462 && wait_for 60 listens 40463
	ok $? "node listens ($(node --version))"
	run "$PERIPLUS" identify --ndjson --timeout "$patience" 127.0.0.1:40462-40463
	cp "$tmp/out" "$tmp/lines"
	is "$(at 40462 'd["service"]["name"], p["within"], f["alpn"], f["http"], f["subject"]')" \
		"('http2', 'tls', 'h2', '2', 'farm.example.net')" "a server of HTTP/2 alone is asked by our preface"
	is "$(at 40463 'd["service"]["name"], p["within"], f["alpn"], f["http"]')" "('http', 'tls', 'http/1.1', '1.1')" "who speaks both is asked as before"
	is "$(untold)" "" "in at most 4 connections, and every byte is told"
else
	skip 4 "there is no node"
fi

# --- those that mean harm
for port in 41001 41002 41003 41004 41005 41006 41007 41008 40450; do
	run "$PERIPLUS" identify --json --timeout "$patience" "127.0.0.1:$port"
	is "$status" 0 "$port: an answer"
	is "$(json "$tmp/out" 'd[0]["periplus"]["state"], d[0]["service"]["name"]')" '["open", "tls"]' "$port: it is TLS"
	is "$(json "$tmp/out" 'd[0]["periplus"]["connections"] <= 4 and d[0]["periplus"]["bytes_heard"] <= 262144')" true "$port: 4 connections, 256 KiB"
	is "$(json "$tmp/out" "d[0]['periplus']['took_ms'] <= $patience * 1000 + 2000")" true "$port: in time"
done
done_testing
