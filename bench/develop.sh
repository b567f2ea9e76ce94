#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Development servers: those of bench/develop/servers.tsv, started as their users start them, told by
# what they answer (identify, as nobody, who sees no programs) and by who listens (the listing).
# Needs a Debian root of its own and about 700 MB of npm packages, made once outside of the tree.
#   bench/develop.sh [SERVER...]   only these
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../test/lib.sh"
develop=$top/bench/develop
if [ "${PERIPLUS_IN_NAMESPACE:-}" != "$0" ]; then
	# the same maker, with a list of our own beside it
	mkdir "$tmp/maker" && cp "$here/packages/root" "$tmp/maker/"
	{
		printf 'service\tpackages\n'
		awk -F'\t' -v OFS='\t' '!/^#/ && $1 != "server" && $2 !~ /^npm:/ {print "x", $2}' "$develop/servers.tsv"
		printf 'x\tpython3-flask,jupyter-notebook,python3.11,nodejs,python3\n'
	} >"$tmp/maker/services.tsv"
	FARM_ROOT=$("$tmp/maker/root") || exit 1
	FARM_MODULES=$("$here/servers/modules" "$develop") || exit 1
	export FARM_ROOT FARM_MODULES FARM_TABLE=$develop/servers.tsv
fi
in_namespace "$@"
. "$here/servers/farm.sh"
start_farm 300 "$@" || { cat "$tmp/log"; exit 1; }
mkdir "$tmp/blind" && cp "$PERIPLUS" "$tmp/blind/" && chmod 755 "$tmp" "$tmp/blind" "$tmp/blind/periplus"
# what they build at the first question is not what is asked
setpriv --reuid=65534 --regid=65534 --clear-groups "$tmp/blind/periplus" identify --timeout 60 -q "${targets[@]}" >/dev/null
setpriv --reuid=65534 --regid=65534 --clear-groups "$tmp/blind/periplus" identify --timeout 30 --ndjson "${targets[@]}" >"$tmp/lines"
python3 "$here/servers/compare.py" "$tmp/real/table" "$tmp/lines"
"$PERIPLUS" --json -q >"$tmp/host"
python3 - "$tmp/real/table" "$tmp/host" <<'PY'
import json, sys
rows = [line.rstrip("\n").split("\t") for line in open(sys.argv[1], encoding="utf-8")]
listed = {l["server"]["port"]: l["periplus"] for l in json.load(open(sys.argv[2], encoding="utf-8"))["listeners"]}
right = 0
for name, port, products, *_ in rows:
    product = listed.get(int(port), {}).get("product")
    right += product in products.split(",") or (name, product) in (("flask", "flask"), ("rails", "puma"))
    print(f"# {name:16} by its owner: {product}, {listed.get(int(port), {}).get('who')}")
print("owner_products_right", right)
PY
