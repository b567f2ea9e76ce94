#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every network namespace: 200 of them with a listener each, all on the same port, are listed in one
# run, and go on to be while others are removed in the middle of it. A listing always ends, and leaves
# no descriptor open. SOAK=1: 500 removals instead of 50.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
many=$BUILD/test/test-namespaces
[ -x "$many" ] || skip_all "'$many' is not built"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
command -v python3 >/dev/null || skip_all "there is no python3"
n_lived=180
n_named=20
n_removals=50
[ -z "${SOAK:-}" ] || n_removals=500
patience=300 # seconds; a listing takes less than one, and only a hang takes as long
without_bpf=(setpriv "--bounding-set=-bpf,-perfmon")
# names of this test's own, nobody else's
mount -t tmpfs none /run && mkdir /run/netns || skip_all "cannot mount in a mount namespace"

# Prints what is wrong with a listing: a namespace that is not there, or twice, or with another's
# process. An owner may be hidden when the listing says that it is not complete.
cat >"$tmp/compare.py" <<'END'
import collections, json, sys
want = {int(n): int(pid) for n, pid in (l.split()[1:] for l in open(sys.argv[1]) if l.startswith("netns "))}
seen = collections.defaultdict(list)
for line in open(sys.argv[2]):
    row = json.loads(line)
    p = row["periplus"]
    if row["server"]["port"] == 7000:
        seen[int(p["socket"]["netns"])].append((row["process"] and row["process"]["pid"], p["complete"]))
missing = [n for n in want if n not in seen]
twice = [n for n in want if len(seen[n]) > 1]
wrong = [n for n in want for pid, complete in seen[n] if pid != want[n] and (pid or complete)]
print(f"{len(want)} namespaces, {len(missing)} missing, {len(twice)} twice, {len(wrong)} with a wrong owner")
END

# all_there NAME LISTER...
all_there()
{
	local name=$1
	shift
	run timeout $patience "$@" --all-namespaces --ndjson -q
	like "$status" '^[03]$' "$name: the listing ends"
	is "$(python3 "$tmp/compare.py" "$tmp/expected" "$tmp/out")" \
		"$((n_lived + n_named)) namespaces, 0 missing, 0 twice, 0 with a wrong owner" "$name: all are there"
}

# ready FILE: waits for the line
ready()
{
	wait_for $patience grep -qx ready "$1"
}

mkfifo "$tmp/hold" "$tmp/vanish"
"$many" hold $n_lived $n_named <"$tmp/hold" >"$tmp/expected" &
spawned+=($!)
exec {hold}>"$tmp/hold"
ready "$tmp/expected"
is "$(grep -c ^netns "$tmp/expected")" 200 "200 namespaces, 20 of them without a process"

situations=(with)
if "${without_bpf[@]}" true 2>/dev/null; then
	situations+=(without)
else
	skip 4 "setpriv cannot take capabilities away here"
fi
for situation in "${situations[@]}"; do
	lister=("$PERIPLUS")
	[ $situation = with ] || lister=("${without_bpf[@]}" "$PERIPLUS")
	all_there "$situation BPF" "${lister[@]}"
	run timeout $patience "${lister[@]}" --ndjson -q
	is "$(grep -c '"port":7000\b' "$tmp/out")" 0 "$situation BPF: none of them is there unasked"
done

"$many" vanish <"$tmp/vanish" >"$tmp/removed" &
vanishing=$!
spawned+=("$vanishing")
exec {vanish}>"$tmp/vanish"
ready "$tmp/removed"
for situation in "${situations[@]}"; do
	lister=("$PERIPLUS")
	[ $situation = with ] || lister=("${without_bpf[@]}" "$PERIPLUS")
	for i in 1 2 3; do
		all_there "$situation BPF, others are removed ($i)" "${lister[@]}"
	done
done
exec {vanish}>&-
wait "$vanishing"
echo "# $(tail -1 "$tmp/removed") removed meanwhile"
exec {hold}>&-

for situation in "${situations[@]}"; do
	lister=("$many")
	[ $situation = with ] || lister=("${without_bpf[@]}" "$many")
	run "${lister[@]}" list $n_removals
	is "$status" 0 "$situation BPF: no listing hangs while $n_removals namespaces are removed"
	like "$out" ' failed 0 ' "$situation BPF: none fails"
	read -r _ n_listings _ removed _ _ _ before after <<<"$out"
	is "$after" "$before" "$situation BPF: none leaves a descriptor open"
	echo "# $n_listings listings, $removed removed"
done
done_testing
