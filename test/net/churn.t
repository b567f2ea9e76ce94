#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A listing under churn: 1,000 listeners that stay are all there, once, with their owner, while 1,000
# others open and close. What holds on any machine: no row is there twice and no owner of one that
# stays is wrong, whatever the listing says of itself; and none is missed when it says that it is
# complete. How often it cannot be complete depends on the machine, and is only told; so is an owner
# that strayed to a socket which was closed while it was read, but for SOAK=1: 450 listings each.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
churn=$BUILD/test/test-churn
[ -x "$churn" ] || skip_all "'$churn' is not built"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
exec 3>&1 # what is wrong is told beside the counts
patience=300 # seconds for what takes less than one; only a hang is as slow
without_bpf=(setpriv "--bounding-set=-bpf,-perfmon,-sys_admin")

# await_line FD WORD: waits for the line that is WORD; what comes before it goes to stdout
await_line()
{
	local line
	while read -rt $patience -u "$1" line; do
		[ "$line" != "$2" ] || return 0
		printf '%s\n' "$line"
	done
	return 1
}

# count LISTING: "MISSED TWICE WRONG STRAYED" by $tmp/expected. A row of a stable port belongs to the
# process that holds the port; one of a churning port to the process that churns it, or to none any
# more: else it strayed.
count()
{
	awk -F'[\t ]' '
		FNR == NR && $1 == "stable" { want[$2, $3]++; is_stable[$3] = 1; stays[$2] = 1 }
		FNR == NR && $1 == "churn" { n++; who[n] = $2; first[n] = $3; last[n] = $4; is_churning[$3] = 1 }
		FNR == NR { next }
		{
			port = $4; pid = $5
			if ((pid, port) in want) { got[pid, port]++; next }
			if (pid == "-") next
			right = 0
			for (i = 1; i <= n; i++)
				if (port >= first[i] && port <= last[i] && (who[i] == pid || (who[i] == 0 && !(pid in stays))))
					right = 1
			if (right) next
			print "# not its owner: " $0 > "/dev/stderr"
			if (port in is_stable && !is_churning[port]) wrong++
			else strayed++
		}
		END {
			for (k in want) {
				if (got[k] < want[k]) missed += want[k] - got[k]
				if (got[k] > want[k]) twice += got[k] - want[k]
			}
			print missed + 0, twice + 0, wrong + 0, strayed + 0
		}' "$tmp/expected" "$1"
}

# list COMMAND...: one listing by it; adds to $missed $twice $wrong $strayed $n_complete $broken
list()
{
	local status counted
	timeout $patience "$@" --plain -q >"$tmp/listing" 2>"$tmp/said"
	status=$?
	if [ $status -ne 0 ] && [ $status -ne 3 ]; then
		broken="status $status: $(head -3 "$tmp/said")"
		return
	fi
	read -ra counted < <(count "$tmp/listing" 2>&3)
	twice=$((twice + counted[1]))
	wrong=$((wrong + counted[2]))
	strayed=$((strayed + counted[3]))
	[ $status -eq 0 ] || return
	missed=$((missed + counted[0]))
	n_complete=$((n_complete + 1))
}

# method LISTER...: by which the kernel was asked
method()
{
	"$@" --json -q 2>/dev/null | sed -n 's/.*"method": *"\([^"]*\)".*/\1/p'
}

# situation NAME N LISTER... -- CHURN OPTION...
situation()
{
	local name=$1 n=$2 lister=() i in out pid missed=0 twice=0 wrong=0 strayed=0 n_complete=0 broken= how
	shift 2
	while [ "$1" != -- ]; do
		lister+=("$1")
		shift
	done
	shift
	[ -z "${SOAK:-}" ] || n=450
	coproc CHURN { exec "$churn" "$@"; }
	# shellcheck disable=SC2153 -- coproc sets it
	pid=$CHURN_PID in=${CHURN[1]} out=${CHURN[0]}
	spawned+=("$pid")
	await_line "$out" ready >"$tmp/expected"
	is "$(grep -c '^stable' "$tmp/expected")" 1000 "$name: 1000 listeners stay"

	# Nothing comes or goes yet: all must be there. Who owns them may be hidden on this machine.
	list "${lister[@]}"
	if [ $n_complete -eq 1 ]; then
		is "$broken $missed missed, $twice twice, $wrong wrong" " 0 missed, 0 twice, 0 wrong" "$name: quiet, all are there"
	else
		is "$broken $(wc -l <"$tmp/listing") rows, $twice twice, $wrong wrong" " 1000 rows, 0 twice, 0 wrong" \
			"$name: quiet, all are there, but owners are hidden"
	fi
	missed=0 twice=0 wrong=0 n_complete=0
	echo go >&"$in"
	await_line "$out" churning >/dev/null
	ok $? "$name: others come and go"
	how=$(method "${lister[@]}")
	for ((i = 0; i < n; i++)); do
		list "${lister[@]}"
	done
	is "$broken" "" "$name: $n listings"
	is "$missed" 0 "$name: none is missed where the listing is complete"
	is "$twice" 0 "$name: none is there twice"
	is "$wrong" 0 "$name: no owner is wrong"
	[ -z "${SOAK:-}" ] || is "$strayed" 0 "$name: no owner strayed"
	echo "# $name: $n_complete of $n listings said that they are complete (method $how), $strayed owners strayed"
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
}

# One pass of the kernel where it can be had, and the quicker way where not.
as_root=("$PERIPLUS" --reader=bpf)
run "${as_root[@]}" -q
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || as_root=("$PERIPLUS")
situation "as root, distinct ports" 12 "${as_root[@]}" --
situation "as root, one port" 11 "${as_root[@]}" -- -j 200 -r
if "${without_bpf[@]}" true 2>/dev/null; then
	situation "without BPF, distinct ports" 11 "${without_bpf[@]}" "$PERIPLUS" --
	situation "without BPF, one port" 11 "${without_bpf[@]}" "$PERIPLUS" -- -j 200 -r
else
	skip 14 "setpriv cannot take capabilities away here"
fi
situation "as root, processes come and go" 5 "${as_root[@]}" -- -c 200 -l 100 -f
done_testing
