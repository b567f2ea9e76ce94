#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Scans by periplus with each engine, and by zmap, masscan and nmap where these are installed, in turn,
# over a veth pair whose far side answers for all of 198.18/16.
#   [TOOLS=packet,xdp,connect,zmap,zmap -P2,masscan,nmap -T4,nmap tuned] [OTHER=PROGRAM] bench/scan.sh [RUNS [PART...]]
# so many times each (1); with OTHER, another build of periplus is measured beside as "other packet" and so on:
#   a          65,535 TCP ports of a host, 51 open
#   b_closed   one port of 65,534 hosts, all closed      b_open   all open
#   c          1,000 ports of 254 hosts, two open on each
#   d          20 UDP ports of 256 hosts: unbound, tftpd-hpa, chronyd and snmpd answer on each
#   e          a million probes into an XDP program that reflects them
#   silent     1,000 ports of a host that take connections and say nothing, identified
#   lossy_a    as a, over 50 ms of round trip with 2 % loss each way      lossy_b   as b_open, so
# For each: sending time (from the first to the last packet that the far side gets, by its counters,
# every 2 ms), wall from start to exit, packets that left for a target, processor time of the tool,
# what was found of what is open, and what was reported that is not; then our sending time and wall
# beside each rival's.
# The far side shares this machine's processors: its own work is in the wall.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../test/lib.sh"
in_namespace "$@"
runs=${1:-1}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- a b_closed b_open c d e silent lossy_a lossy_b
bench=$top/bench
for program in relay sink; do
	cc -O2 -D_GNU_SOURCE -pthread -o "$tmp/$program" "$bench/$program.c" || exit 1
done
clang -O2 -g -target bpf -isystem "/usr/include/$(cc -print-multiarch)" -c "$bench/reflector.bpf.c" -o "$tmp/reflector.o"

apart far && "${far[@]}" ip link set lo up || exit 1
apart middle && "${middle[@]}" ip link set lo up || exit 1
"${far[@]}" ip route add local 198.18.0.0/16 dev lo
"${far[@]}" sysctl -qw net.core.somaxconn=65535 net.ipv4.tcp_max_syn_backlog=65536

# wire: addresses for near and far, which are there
wire()
{
	ip addr add 10.9.0.1/24 dev near
	ip link set near up
	"${far[@]}" ip addr add 10.9.0.2/24 dev far
	"${far[@]}" ip link set far up
	ip route add 198.18.0.0/16 via 10.9.0.2
}
straight()
{
	ip link add name near type veth peer name far netns "$far_pid"
	wire
	# what is sent from XDP arrives where a driver merges what it receives (GRO)
	"${far[@]}" python3 "$here/net/scan_raw.py" gro far 1
	python3 "$here/net/scan_raw.py" gro near 1
}
lossy()
{
	ip link add name near type veth peer name left netns "$middle_pid"
	"${middle[@]}" ip link add name right type veth peer name far netns "$far_pid"
	"${middle[@]}" ip link set left up
	"${middle[@]}" ip link set right up
	wire
	# the relay carries frames as they are, so their checksums have to be there
	python3 "$here/net/scan_raw.py" checksums near 0
	"${far[@]}" python3 "$here/net/scan_raw.py" checksums far 0
	spawn "${middle[@]}" "$tmp/relay" left right 25 >"$tmp/relay.ready"
	relay_pid=$spawned_pid
	wait_for 60 grep -q ready "$tmp/relay.ready" || exit 1
	"${far[@]}" nft -f - <<-'NFT'
		table inet loss {
			chain in { type filter hook input priority 0; ip daddr 198.18.0.0/16 numgen random mod 50 == 0 drop; }
			chain out { type filter hook output priority 0; ip saddr 198.18.0.0/16 numgen random mod 50 == 0 drop; }
		}
	NFT
}
unwire()
{
	ip link del near
	if [ -n "${relay_pid:-}" ]; then
		kill "$relay_pid"
		"${middle[@]}" ip link del right
		"${far[@]}" nft delete table inet loss
	fi
	relay_pid=
}

# --- servers: TCP of our own, UDP of Debian's, each answering from the address that was asked ---
spawn "${far[@]}" "$tmp/sink" $(seq 1000 1000 50000) 8080 >"$tmp/sink.ready"
wait_for 60 grep -q ready "$tmp/sink.ready" || exit 1
udp_servers()
{
	local d=$tmp/udp program
	for program in unbound chronyd snmpd in.tftpd; do
		command -v $program >/dev/null || {
			# not installed by itself: chrony would take the place of this machine's time service
			echo "# part d needs $program: apt-get install unbound chrony snmpd tftpd-hpa" >&2
			return 1
		}
	done
	mkdir -p "$d/served"
	printf 'server:\n interface: 0.0.0.0\n interface-automatic: yes\n access-control: 0.0.0.0/0 allow\n username: ""\n chroot: ""\n directory: "%s"\n pidfile: ""\n use-syslog: no\n' "$d" >"$d/unbound.conf"
	printf 'local stratum 8\nallow all\ncmdport 0\npidfile %s/chrony.pid\n' "$d" >"$d/chrony.conf"
	printf 'agentaddress udp:161\nrocommunity public\n' >"$d/snmpd.conf"
	spawn "${far[@]}" unbound -d -c "$d/unbound.conf" 2>"$d/unbound.log"
	spawn "${far[@]}" chronyd -x -d -u root -f "$d/chrony.conf" 2>"$d/chrony.log"
	spawn "${far[@]}" snmpd -f -Lo -C -c "$d/snmpd.conf" -p "$d/snmpd.pid" >"$d/snmpd.log" 2>&1
	spawn "${far[@]}" in.tftpd -L -a 0.0.0.0:69 -u root --secure "$d/served"
	wait_for 60 all_listen
}
silent_servers()
{
	ulimit -n 8192
	mkdir "$tmp/silent"
	spawn "${far[@]}" python3 "$here/net/scan.py" listen "$tmp/silent" $(seq -f 198.18.3.1:%g 52001 53000)
	wait_for 60 test -e "$tmp/silent/ready"
}
all_listen()
{
	[ "$("${far[@]}" ss -4Hlun | grep -cE ':(53|69|123|161) ')" = 4 ]
}

export tmp far_pid runs
measure()
{
	mac=$("${far[@]}" ip -j link show far | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["address"])')
	own=$(ip -j link show near | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["address"])')
	mac=$mac own=$own python3 "$bench/scan.py" "$PERIPLUS" "$@"
}
wired=
echo "| part | tool | sending | wall | packets | a second | processor time a packet | found | |"
echo "|---|---|---|---|---|---|---|---|---|"
for part in "$@"; do
	want=straight
	[ "${part#lossy}" = "$part" ] || want=lossy
	if [ "$wired" != $want ]; then
		[ -z "$wired" ] || unwire
		$want
		wired=$want
	fi
	before=${#spawned[@]}
	[ "$part" != d ] || udp_servers || continue
	[ "$part" != silent ] || silent_servers || continue
	measure "$part"
	for pid in "${spawned[@]:before}"; do # what one part has open is closed in the next
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	spawned=("${spawned[@]:0:before}")
done
