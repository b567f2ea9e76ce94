# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# farm.sh: starts farm.py from a script that has sourced test/lib.sh and is in a namespace of its own.

# start_farm SECONDS WORD...: with $FARM_ROOT, in name spaces of its own: what it mounts is not in $tmp, and
# all of it ends with its first process. $tmp/real has its table; $targets are what listens.
start_farm()
{
	local limit=$1
	shift
	mkdir "$tmp/real"
	spawn unshare --mount --pid --fork --kill-child --mount-proc python3 "$here/servers/farm.py" "$FARM_ROOT" "$tmp/real" "$@" >"$tmp/log" 2>&1
	farm=$spawned_pid
	trap 'kill -9 "$farm" 2>/dev/null; finish' EXIT
	wait_for "$limit" test -e "$tmp/real/ready" || return 1
	sed 's/^/# not started: /' "$tmp/real/failed"
	mapfile -t targets < <(cut -f2 "$tmp/real/table" | sed 's/^/127.0.0.1:/')
}
