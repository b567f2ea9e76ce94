#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# snapshot: the evidence is of the very process, complete, and holds no secret.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
for tool in python3 sha256sum; do
	command -v $tool >/dev/null || skip_all "no $tool here"
done
mkfifo "$tmp/open"
cp "$BUILD/test/test-listen" "$tmp/strange"
sum=$(sha256sum <"$tmp/strange" | cut -d' ' -f1)
# shellcheck disable=SC2016 -- for the inner shell
spawn env SECRET_TOKEN=s3cr3t-value bash -c 'exec "$@" <>"$0"' "$tmp/open" "$tmp/strange" -x \
	tcp/127.0.0.1/7100 tcp/127.0.0.1/7101/connected >"$tmp/held"
wait_for 60 grep -q ready "$tmp/held"
run "$PERIPLUS" snapshot 7100
is "$status" 0 "a snapshot is taken" || sed 's/^/# /' "$tmp/err"
one() { json "$tmp/out" "(lambda p: $1)(d['processes'][0])"; }
is "$(json "$tmp/out" 'len(d["processes"])')" 1 "of one process"
is "$(one 'p["pid"]')" "$spawned_pid" "the right one"
is "$(one 'p["executable"]["path"]')" "$tmp/strange" "with its program"
is "$(one 'p["executable"]["deleted"]')" true "whose file is gone"
is "$(one 'p["executable"]["hash"]["sha256"]')" "$sum" "and was summed up all the same"
is "$(one '"SECRET_TOKEN" in p["environment_names"]')" true "names of the environment"
unlike "$out" "s3cr3t-value" "no values"
is "$(one 'p["args"][-1]')" "tcp/127.0.0.1/7101/connected" "its arguments"
is "$(one 'any("libc.so" in f["path"] and len(f["hash"]["sha256"]) == 64 for f in p["mapped"]) or len(p["mapped"]) > 0')" true \
	"what it has in memory"
is "$(one 'sum(f["target"].startswith("socket:[") for f in p["descriptors"]) >= 3')" true "its sockets"
is "$(one 'len(p["lineage"]) > 0')" true "its parents"
is "$(json "$tmp/out" 'd["listeners"][0]["server"]["port"]')" 7100 "the listener with its verdict"
run "$PERIPLUS" snapshot 7101
is "$(json "$tmp/out" 'len(d["connections"]) > 0')" true "its connections"
run "$PERIPLUS" snapshot 7102
is "$status" 69 "where nothing listens"
is "$(json "$tmp/out" 'd["processes"]')" "[]" "the document is empty"
for words in "" "http" "1-2" "0"; do
	# shellcheck disable=SC2086 -- words
	run "$PERIPLUS" snapshot $words
	is "$status" 64 "'snapshot $words' is refused"
done
done_testing
