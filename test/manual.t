#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The pages that are printed from rows: every row stands in them, and mandoc takes them.
. "$(dirname "$0")/lib.sh"
page=$BUILD/periplus-protocols.7
[ -e "$page" ] || skip_all "'$page' is not built"
missing=
n=0
for row in $(sed -n 's/^PROTO(\(.*\))$/\1/p' "$top/src/proto/proto.list"); do
	n=$((n + 1))
	grep -qx "\.It Sy ${row//_/-}" "$page" || missing+="$row "
done
is "$missing" "" "each of the $n protocols stands in periplus-protocols(7)"
ok $((n < 60)) "and they are at least 60"
for word in ports sends proves source; do
	is "$(grep -cx "\.It $word" "$page")" "$n" "each row says what it $word"
done
is "$(awk '/^\.It (ports|sends|proves|source)$/ {getline line; if (line ~ /^\.|^$/) print NR ": " line}' "$page")" "" \
	"and none of these is empty"
missing=
for system in 3232 ArduinoOTA ESPHome MDT XCP 3451 DoIP 'Active networks' Citrix NVIDIA osdcp; do
	grep -q "^\.Ss $system" "$page" || missing+="$system "
done
is "$missing" "" "the founding systems have sections"
if command -v mandoc >/dev/null; then
	for made in "$page" "$BUILD/periplus-rules.7"; do
		is "$(mandoc -T lint -W error "$made" 2>&1)" "" "mandoc takes ${made##*/}"
	done
else
	skip 2 "no mandoc"
fi
done_testing
