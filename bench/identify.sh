#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Identification: the real servers of test/servers/farm.tsv on numbers that are not their own, asked by
# periplus and, where it is installed, by `nmap -sV` in the same run: wall time, connections,
# products and versions right or wrong. periplus is asked twice: as root, when the program that listens
# tells it what to ask first, and as nobody, from whom programs are hidden as they are from afar: that
# is like for like with nmap; and a third time `periplus scan` finds and asks them, which knows of no
# program either. Connections are counted by the kernel.
#   bench/identify.sh [SERVER...]   only these
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../test/lib.sh"
if [ "${PERIPLUS_IN_NAMESPACE:-}" != "$0" ]; then
	FARM_ROOT=$("$here/packages/root") || exit 1
	FARM_MODULES=$("$here/servers/modules") || echo "# without npm's servers"
	export FARM_ROOT FARM_MODULES
fi
in_namespace "$@"
. "$here/servers/farm.sh"
start_farm 150 "$@" || { cat "$tmp/log"; exit 1; }

# timed FILE COMMAND...: milliseconds
timed()
{
	local file=$1 begin
	shift
	begin=$(date +%s%N)
	"$@" >"$file" 2>"$tmp/err" || cat "$tmp/err" >&2
	echo $((($(date +%s%N) - begin) / 1000000))
}
# SYNs on loopback since the last call
nft -f - <<'END' || exit 1
table inet bench { counter syns {}
	chain seen {
		type filter hook input priority 0
		tcp flags & (syn | ack) == syn counter name syns
	}
}
END
syns() { nft reset counter inet bench syns | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }

syns >/dev/null
ours=$(timed "$tmp/lines" "$PERIPLUS" identify --ndjson "${targets[@]}")
ours_syns=$(syns)
mkdir "$tmp/blind" && cp "$PERIPLUS" "$tmp/blind/" && chmod 755 "$tmp" "$tmp/blind" "$tmp/blind/periplus"
# what is bound over UDP on a number of its own is asked by nobody who does not know its program
mapfile -t tcp < <(printf '%s\n' "${targets[@]}" | grep -v udp)
blind=$(timed "$tmp/blind.lines" setpriv --reuid=65534 --regid=65534 --clear-groups "$tmp/blind/periplus" identify --ndjson "${tcp[@]}")
blind_syns=$(syns)
python3 "$here/servers/compare.py" "$tmp/real/table" "$tmp/blind.lines" | sed 's/^periplus_/periplus_blind_/; s/^# /# blind: /; /^servers/d'
ports=$(printf '%s\n' "${tcp[@]#*:}" | paste -sd,)
scan=$(timed "$tmp/scan.lines" "$PERIPLUS" scan --ndjson -p "$ports" 127.0.0.1)
scan_syns=$(syns)
python3 "$here/servers/compare.py" "$tmp/real/table" "$tmp/scan.lines" | sed 's/^periplus_/periplus_scan_/; s/^# /# scan: /; /^servers/d'
if command -v nmap >/dev/null; then
	# over TCP only: nmap -sU asks a port for minutes
	theirs=$(timed "$tmp/nmap.out" nmap -n -Pn -sT -sV -p "$ports" -oX "$tmp/nmap.xml" 127.0.0.1)
	theirs_syns=$(syns)
	python3 "$here/servers/compare.py" "$tmp/real/table" "$tmp/lines" "$tmp/nmap.xml"
	echo "nmap_wall_ms $theirs"
	echo "nmap_connections $theirs_syns"
	echo "ratio $((theirs / ours))"
	echo "ratio_blind $((theirs / blind))"
	echo "ratio_scan $((theirs / scan))"
else
	python3 "$here/servers/compare.py" "$tmp/real/table" "$tmp/lines"
	echo "# nmap is not installed: nothing to compare with"
fi
echo "periplus_wall_ms $ours"
echo "periplus_connections $ours_syns"
echo "periplus_blind_wall_ms $blind"
echo "periplus_blind_connections $blind_syns"
echo "periplus_scan_wall_ms $scan"
echo "periplus_scan_connections $scan_syns"
