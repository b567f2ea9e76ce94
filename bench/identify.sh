#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Identification: the byte-exact models of test/net/identify.py on odd ports, asked by periplus and,
# where it is installed, by `nmap -sV`: wall time, connections, services right, versions right or
# wrong. The models answer only their own protocol's question, so this measures asking, not luck.
#   bench/identify.sh [SERVERS]   at most so many servers (30)
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../test/lib.sh"
in_namespace "$@"
n=${1:-30}
mkdir "$tmp/models"
"$BUILD/test/test-protos" >"$tmp/rows"
spawn python3 "$here/net/identify.py" models "$tmp/models" "$tmp/rows" "$top/test/data/proto" >"$tmp/log" 2>&1
wait_for 60 test -e "$tmp/models/ready" || { cat "$tmp/log"; exit 1; }
# one sample of each row, on the port that is usual for nobody where it speaks there
awk -F '\t' '{split($1, part, "/")} part[1] == "odd" && !seen[part[2]]++' "$tmp/models/table" | head -n "$n" >"$tmp/farm"
mapfile -t targets < <(awk -F '\t' '{print $2 ":" $3}' "$tmp/farm")
python3 - "$PERIPLUS" "$tmp/farm" "${targets[@]}" <<'PY'
import json, shutil, statistics, subprocess, sys, time
import xml.etree.ElementTree as xml

program, farm, *targets = sys.argv[1:]
rows = [line.rstrip("\n").split("\t") for line in open(farm)]


def timed(words):
    begin = time.perf_counter()
    out = subprocess.run(words, capture_output=True, text=True).stdout
    return out, time.perf_counter() - begin


def show(name, wall, got):
    right = sum(g[0] == r[3] for g, r in zip(got, rows))
    versions = sum(r[5] != "-" and g[1] == r[5] for g, r in zip(got, rows))
    wrong = sum(g[1] not in ("-", r[5]) for g, r in zip(got, rows))
    print(f"{name}_wall {wall:.2f} s")
    print(f"{name}_services_right {right} of {len(rows)}")
    print(f"{name}_versions_right {versions} of {sum(r[5] != '-' for r in rows)}")
    print(f"{name}_versions_wrong {wrong}")


out, ours = timed([program, "identify", "--ndjson", *targets])
got = [json.loads(line) for line in out.splitlines()]
show("periplus", ours, [(d["service"]["name"] or "-", d["periplus"]["version"] or "-") for d in got])
print("periplus_connections_median", statistics.median(d["periplus"]["connections"] for d in got))

if not shutil.which("nmap"):
    print("# nmap is not installed: nothing to compare with")
    sys.exit()
ports = {r[2] for r in rows}
out, theirs = timed(["nmap", "-n", "-Pn", "-sT", "-sV", "-p", ",".join(sorted(ports)), "-oX", "-",
                     *(r[1] for r in rows)])
seen = {}
for host in xml.fromstring(out).iter("host"):
    for service in host.iter("service"):
        seen[host.find("address").get("addr")] = (service.get("name", "-"), service.get("version", "-"))
# nmap has names of its own for some
same = {"vnc": "rfb", "ssl": "tls", "ssl/unknown": "tls"}
show("nmap", theirs, [(same.get(n, n), v) for n, v in (seen.get(r[1], ("-", "-")) for r in rows)])
print(f"ratio {theirs / ours:.1f}")
PY
