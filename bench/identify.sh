#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Identification: the real servers of test/servers/farm.tsv on numbers that are not their own, asked by
# periplus and, where it is installed, by `nmap -sV` in the same run: wall time, connections,
# products and versions right or wrong.
#   bench/identify.sh [SERVER...]   only these
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../test/lib.sh"
if [ "${PERIPLUS_IN_NAMESPACE:-}" != "$0" ]; then
	FARM_ROOT=$("$here/packages/root") || exit 1
	export FARM_ROOT
fi
in_namespace "$@"
mkdir "$tmp/real"
spawn unshare --mount --pid --fork --kill-child --mount-proc python3 "$here/servers/farm.py" "$FARM_ROOT" "$tmp/real" "$@" >"$tmp/log" 2>&1
farm=$spawned_pid
trap 'kill -9 "$farm" 2>/dev/null; finish' EXIT
wait_for 150 test -e "$tmp/real/ready" || { cat "$tmp/log"; exit 1; }
sed 's/^/# not started: /' "$tmp/real/failed"
mapfile -t targets < <(cut -f2 "$tmp/real/table" | sed 's/^/127.0.0.1:/')

# timed FILE COMMAND...: milliseconds
timed()
{
	local file=$1 begin
	shift
	begin=$(date +%s%N)
	"$@" >"$file" 2>"$tmp/err" || cat "$tmp/err" >&2
	echo $((($(date +%s%N) - begin) / 1000000))
}
ours=$(timed "$tmp/lines" "$PERIPLUS" identify --ndjson "${targets[@]}")
if command -v nmap >/dev/null; then
	theirs=$(timed "$tmp/nmap.out" nmap -n -Pn -sT -sV -p "$(cut -f2 "$tmp/real/table" | paste -sd,)" -oX "$tmp/nmap.xml" 127.0.0.1)
	python3 "$here/servers/compare.py" "$tmp/real/table" "$tmp/lines" "$tmp/nmap.xml"
	echo "nmap_wall_ms $theirs"
	echo "ratio $((theirs / ours))"
else
	python3 "$here/servers/compare.py" "$tmp/real/table" "$tmp/lines"
	echo "# nmap is not installed: nothing to compare with"
fi
echo "periplus_wall_ms $ours"
