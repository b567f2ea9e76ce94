#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# host: who listens here, beside ss, lsof and netstat: same work, output formatted and written to a
# file. Loads are made in a network namespace of their own (needs root): quiet; 500 processes with
# 1,000 listeners; (ii) 2,000 processes x 50 descriptors, 5,000 TCP and 2,000 UDP listeners; (iii)
# 100,000 established sockets, 500 listeners.
. "$(dirname "$0")/lib.sh"
if [ -z "${INSIDE:-}" ]; then
	[ "$(id -u)" = 0 ] || { echo "bench/host.sh: needs root for a network namespace" >&2; exit 77; }
	INSIDE=1 exec unshare --net --pid --fork --mount --mount-proc --kill-child "$BASH" "$0" "$@"
fi
ip link set lo up
work=$bench_work
cc -O2 -o "$work/load" "$(dirname "$0")/load.c"

# under NAME RUNS PORTS LOAD-ARGUMENTS...: whole host, then each of the ports (by comma)
under()
{
	local name=$1 ports=$3 port
	RUNS=$2
	shift 3
	mkfifo "$work/hold"
	if [ $# -gt 0 ]; then
		"$work/load" "$@" <"$work/hold" >"$work/ready" &
	else
		(cat <"$work/hold" >/dev/null) &
		echo ready >"$work/ready"
	fi
	exec 9>"$work/hold"
	for _ in $(seq 600); do
		grep -q ready "$work/ready" && break
		read -rt 0.1 <> <(:) || :
	done
	echo "== $name"
	compare "periplus --plain" "$PERIPLUS --plain -q" "ss -Htulnp" "ss -Htulnp" \
		"lsof -nP -i" "lsof -nP -i" "netstat -tulnp" "netstat -tulnp"
	for port in ${ports//,/ }; do
		compare "periplus $port --plain" "$PERIPLUS $port --plain -q" \
			"ss -Hltnp sport = :$port" "ss -Hltnp sport = :$port"
	done
	exec 9>&-
	wait
	rm -f "$work/hold"
}

[ "${1:-}" = heavy ] || under "quiet" 21 22
[ "${1:-}" = heavy ] || under "500 processes, 1,000 listeners" 11 10001 500 10 1000 0
# One port ends early when its owner comes early: one of the first, and one in the middle.
under "(ii) 2,000 processes x 50 descriptors, 7,000 listeners" 7 10001,12500 2000 50 5000 2000
under "(iii) 100,000 established, 500 listeners" 7 10001,10250 50 50 500 0 100000
