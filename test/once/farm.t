#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The farm: real servers of stock Debian 12 packages, each on a number that is not its own, are told
# by what they say: the right product, no wrong version, few connections; and they keep serving.
# These are the quick rows of test/servers/farm.tsv; bench/identify.sh asks all of them, beside nmap.
. "$(dirname "$0")/../lib.sh"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
if [ "${PERIPLUS_IN_NAMESPACE:-}" != "$0" ]; then
	[ "$(id -u)" = 0 ] || skip_all "needs root"
	FARM_ROOT=$("$here/packages/root" 2>"$tmp/why") || skip_all "no Debian root: $(tail -1 "$tmp/why")"
	FARM_MODULES=$("$here/servers/modules" 2>"$tmp/why") || echo "# without npm's servers: $(tail -1 "$tmp/why")"
	export FARM_ROOT FARM_MODULES
fi
in_namespace "$@"

# patience for slow machines: every wait is a share of it
patience=24
case $BUILD in *asan*) patience=60 ;; esac
. "$here/servers/farm.sh"
start_farm 150 quick || skip_all "the farm does not start: $(tail -1 "$tmp/log")"
n=$(wc -l <"$tmp/real/table")
ok $((n < 10)) "at least ten of the farm's servers listen ($n)"

ask()
{
	run "$PERIPLUS" identify --ndjson --timeout "$patience" "${targets[@]}"
	is "$status" 0 "$1"
	cp "$tmp/out" "$tmp/lines"
	python3 "$here/servers/compare.py" "$tmp/real/table" "$tmp/lines" >"$tmp/sums"
	grep '^#' "$tmp/sums"
}
sum() { sed -n "s/^periplus_$1 //p" "$tmp/sums"; }

ask "all are asked side by side"
is "$(sum products_right)" "$n" "every product is right"
is "$(sum versions_wrong)" 0 "no version is wrong"
is "$(sum versions_missed)" 0 "and those that the bytes tell are told"
ok $(($(sum connections_most) > 4)) "in at most 4 connections each"
first=$(sed 's/, [0-9]* ms$//' "$tmp/sums")

# --- who begins in clear and becomes TLS: the certificate of the root's own making, by its words
snakeoil=$FARM_ROOT/etc/ssl/certs/ssl-cert-snakeoil.pem
subject=$(openssl x509 -in "$snakeoil" -noout -subject -nameopt multiline | sed -n 's/ *commonName *= //p')
until=$(date -u -d "$(openssl x509 -in "$snakeoil" -noout -enddate | cut -d= -f2)" +%FT%TZ)
while IFS=$'\t' read -r server port _; do
	[[ $server == *-starttls ]] || continue
	is "$(python3 - "$tmp/lines" "$port" <<'PY'
import json, sys
for line in open(sys.argv[1]):
    d = json.loads(line)
    f = {x["name"]: x["value"] for x in d["periplus"]["facts"]}
    if d["server"]["port"] == int(sys.argv[2]):
        print(d["periplus"]["within"], f.get("starttls"), f.get("subject"), f.get("not_after"))
PY
)" "None yes $subject $until" "$server shows its certificate"
done <"$tmp/real/table"
ask "they keep serving, and are asked again"
is "$(sed 's/, [0-9]* ms$//' "$tmp/sums")" "$first" "and say the same"
done_testing
