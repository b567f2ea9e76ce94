#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every format of a scan, read by what others read it with; over servers that mean harm (the table of
# reliability.md 2.3), whom a scan survives within its limits.
. "$(dirname "$0")/../lib.sh"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
in_namespace "$@"
debian_python=/usr/bin/python3

# by PACKAGE FILE N: whether the reader is here; else N tests are skipped
by()
{
	[ -e "$2" ] || { skip "$3" "$1 is not installed" && false; }
}

# --- servers that mean harm ------------------------------------------------------------------------
mkdir "$tmp/hostile"
spawn python3 "$here/net/identify.py" hostile "$tmp/hostile" >"$tmp/hostile.log" 2>&1
wait_for 60 test -e "$tmp/hostile/ready"
n_hostile=$(grep -vc '^udp' "$tmp/hostile/table")
# scan ARGUMENTS...: of the well-known harm
scan()
{
	run timeout 400 "$PERIPLUS" scan "$@"
}
clean() { LC_ALL=C tr -d '\n\t -~' <"$1" | wc -c; }

scan 127.2.0.1-"$n_hostile" -p 47110 --rate 5000 --timeout 2 --ndjson --xml "$tmp/xml"
is "$status$err" 0 "a scan of servers that mean harm ends well"
is "$(grep -c '"state":"open"' "$tmp/out")" "$n_hostile" "each of them is open"
is "$(grep -c 'parser_failed' "$tmp/out")" 0 "and costs no worker"
for name in $(cut -f1 "$tmp/hostile/table" | grep -v '^udp' | tr ' ' '_'); do
	n=$(wc -c <"$tmp/hostile/accepted.${name//_/ }")
	# four conversations, and the connection by which the engine found it
	ok $((n > 5)) "${name//_/ }: $n connections"
done
is "$(clean "$tmp/out")" 0 "JSON: no byte of theirs but printable ASCII"
cp "$tmp/out" "$tmp/lines"
LC_ALL=C scan 127.2.0.1-"$n_hostile" -p 47110 --rate 5000 --timeout 2
is "$status:$(clean "$tmp/out")" 0:0 "text: no byte of theirs reaches a terminal"
is "$(grep -c ' 47110/tcp ' "$tmp/out")" "$n_hostile" "and a line each"

# --- over UDP: a hundred thousand answers to one question, and answers that somebody else gives ------
scan 127.2.1.1-3 -p 53 --udp --rate 5000 --timeout 2 --ndjson
is "$status$err" 0 "so does one over UDP"
is "$(python3 -c 'import json, sys
print(*sorted(d["server"]["address"] for d in map(json.loads, open(sys.argv[1])) if "server" in d))' "$tmp/out")" \
	"127.2.1.1 127.2.1.2" "who floods is open, once; who has another answer for him is not"
is "$(json "$tmp/out" 'd' 2>/dev/null | wc -l; tail -1 "$tmp/out" | python3 -c 'import json, sys
s = json.load(sys.stdin)["periplus"]["summary"]; print(s["open"], s["answered"])' | tr '\n' ' ')" "0
2 2 " "and nothing is counted twice"

# --- the readers -----------------------------------------------------------------------------------
some="127.2.0.$(grep -n '^escapes' "$tmp/hostile/table" | cut -d: -f1) 127.2.0.$(grep -n '^markup' "$tmp/hostile/table" | cut -d: -f1)"
mkdir "$tmp/www"
spawn python3 -m http.server 8000 --bind 127.5.0.1 --directory "$tmp/www" >"$tmp/www.log" 2>&1
www_serves()
{
	python3 -c 'import urllib.request as u; u.urlopen("http://127.5.0.1:8000/", timeout=20).read()'
}
wait_for 60 www_serves
who="=cmd|'/c calc'!A0, \"the owner\" <b>"
# shellcheck disable=SC2206 # words
targets=($some 127.5.0.1 -p 8000,47110 --rate 5000 --timeout 10 --authorised-by "$who")

dtd=/usr/share/nmap/nmap.dtd
if by nmap-common $dtd 1; then
	run xmllint --noout --dtdvalid $dtd "$tmp/xml"
	is "$status$err" 0 "XML: valid by nmap's document type definition, with all of their bytes in it"
fi
scan "${targets[@]}" --xml "$tmp/before.xml" --json
is "$status" 0 "a few of them, and a web server"
cp "$tmp/out" "$tmp/document"
if by python3-libnmap /usr/lib/python3/dist-packages/libnmap 3; then
	run $debian_python - "$tmp/before.xml" <<'PY'
import sys
from libnmap.parser import NmapParser
report = NmapParser.parse_fromfile(sys.argv[1])
print(report.hosts_up, report.hosts_total)
for host in report.hosts:
    for s in host.services:
        print(host.address, s.port, s.protocol, s.state, s.service, s.service_dict.get("product"))
print(report.commandline)
PY
	is "$status$err" 0 "XML: python3-libnmap reads it"
	like "$out" '^3 3$' "XML: the hosts"
	like "$out" '^127.5.0.1 8000 tcp open http python-http-server$' "XML: the service and its product"
fi
scan "127.5.0.1" -p 8001,47110 --rate 5000 --timeout 2 --xml "$tmp/after.xml" --plain
if by ndiff /usr/bin/ndiff 2; then
	run ndiff "$tmp/before.xml" "$tmp/before.xml"
	is "$status:$(grep -c '^[-+]' <<<"$out")" 0:0 "XML: ndiff finds it equal to itself"
	run ndiff "$tmp/before.xml" "$tmp/after.xml"
	like "$status $out" '^-8000/tcp +open +http +python-http-server' "XML: ndiff tells what is gone"
fi
scan "${targets[@]}" --csv
cp "$tmp/out" "$tmp/csv"
run python3 - "$tmp/csv" "$who" <<'PY'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
print(len(rows), [r["product"] for r in rows if r["port"] == "8000"], {r["authorised_by"] == "'" + sys.argv[2] for r in rows},
      [None in r or None in r.values() for r in rows].count(True), any(v[:1] in tuple("=+-@\t\r") for r in rows for v in r.values() if v))
PY
is "$status:$out" "0:3 ['python-http-server'] {True} 0 False" "CSV: python reads each cell, and none is a formula"
scan "${targets[@]}" --greppable
is "$(awk '/Up$/{print $2}' "$tmp/out" | wc -l)" 3 "greppable: the hosts that are up, by the usual awk"
is "$(awk -F'[/ ]' '/\/open\//{h=$2; for(i=1;i<=NF;i++) if($i=="open") print h, $(i-1), $(i+1)}' "$tmp/out" | sort | tail -1)" \
	"127.5.0.1 8000 tcp" "greppable: their open ports"
is "$(grep -c $'^Host: .*\tPorts: ' "$tmp/out")" 3 "greppable: a line each"
is "$(clean "$tmp/out")" 0 "greppable: and nobody writes another"
scan "${targets[@]}" --plain
is "$(awk -F'\t' 'NF && $1 != "summary" {print NF}' "$tmp/out" | sort -u):$(clean "$tmp/out")" 14:0 "plain: fourteen columns"
like "$out" $'^summary\t.*\tauthorised_by==cmd' "plain: with who allowed it"
if python3 -c 'import jsonschema' 2>/dev/null; then
	run python3 - "$top/schema/scan.schema.json" "$tmp/lines" "$tmp/document" <<'PY'
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
for line in open(sys.argv[2]):
    jsonschema.validate(json.loads(line), schema)
jsonschema.validate(json.load(open(sys.argv[3])), schema)
PY
	is "$status$err" 0 "JSON and NDJSON are as the schema says"
else
	skip 1 "python3-jsonschema is not installed"
fi
is "$(json "$tmp/document" 'd["periplus"]["summary"]["authorised_by"]')" "$who" "JSON: with who allowed it"
scan "${targets[@]}"
like "$out" "^  authorised =cmd" "text: too"
like "$(grep authorised "$tmp/before.xml")" "authorised_by\">=cmd\|&#39;/c calc" "XML: too"
done_testing
