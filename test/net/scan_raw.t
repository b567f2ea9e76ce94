#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The raw engines over a veth with its offloads on: every open port and no other, IPv4 and IPv6, over
# UDP too; forged answers; nothing half open left behind; and what is said when they cannot.
. "$(dirname "$0")/../lib.sh"
engines=$BUILD/test/test-engines
[ -x "$engines" ] || skip_all "'$engines' is not built"
in_namespace "$@"

# Two namespaces: this one asks (near), the other answers (far), for every address of 198.18/15 and fd18::/64.
spawn unshare -n sleep 1000000
far=$spawned_pid
other_namespace()
{
	[ "$(readlink "/proc/$far/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}
wait_for 60 other_namespace
there()
{
	nsenter -t "$far" -n "$@"
}
ip link add name near type veth peer name far netns "$far" || skip_all "this kernel has no veth"
ip addr add 10.9.0.1/24 dev near
ip addr add fd09::1/64 dev near nodad
ip link set near up
there ip link set lo up
there ip addr add 10.9.0.2/24 dev far
there ip addr add fd09::2/64 dev far nodad
there ip link set far up
there ip route add local 198.18.0.0/24 dev lo
there ip -6 route add local fd18::/64 dev lo
there sh -c 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit; echo 0 >/proc/sys/net/ipv6/icmp/ratelimit
	echo 10000 >/proc/sys/net/ipv4/icmp_msgs_per_sec; echo 10000 >/proc/sys/net/ipv4/icmp_msgs_burst' 2>/dev/null
ip route add 198.18.0.0/15 via 10.9.0.2
ip -6 route add fd18::/64 via fd09::2
ip -6 route add fd19::/64 via fd09::2
python3 "$here/net/scan_raw.py" gro near 1 && there python3 "$here/net/scan_raw.py" gro far 1
ok $? "both ends merge what they receive (GRO)"
spawn nsenter -t "$far" -n python3 "$here/net/scan_raw.py" listen "$tmp/listens" 22 80 1000 1001 65535 u:53 u:161 t:69
wait_for 60 test -e "$tmp/listens" || skip_all "the servers do not start"
spawn nsenter -t "$far" -n python3 "$here/net/scan_raw.py" forge "$tmp/forges" far
wait_for 60 test -e "$tmp/forges" || skip_all "the forger does not start"

engine()
{
	run timeout 240 "$engines" "$@"
	lines=$(sort "$tmp/out" | tr '\n' ';')
}
# The far side holds no connection that waits for our word.
half_open()
{
	there ss -Htan state syn-recv | wc -l
}
none_half_open()
{
	[ "$(half_open)" = 0 ]
}

# --- what it says when it cannot -----------------------------------------------------------------
for name in packet xdp; do
	run setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all \
		"$engines" "$name" tcp 80 1000 198.18.0.1
	is "$status" 77 "$name: without rights it refuses"
	like "$err" 'raw packets need root or CAP_NET_RAW' "$name: and says what is missing"
	is "$out" "" "$name: and finds nothing closed"
done
there python3 "$here/net/scan_raw.py" gro far 0
run "$engines" xdp tcp 80 1000 198.18.0.1
is "$status" 77 "xdp: a driver that takes no frames is noticed before anything is sent"
like "$err" "has no BPF|needs root|takes no frames|does not say|kernel refuses" "xdp: and said"
there python3 "$here/net/scan_raw.py" gro far 1
run "$engines" xdp tcp 80 1000 127.0.0.1
is "$status" 77 "xdp: this machine itself is left to others"
ip route add unreachable 203.0.113.0/24
engine packet tcp 80 1000 203.0.113.1
is "$lines" "closed 0;sent 0;silent 1;" "packet: where there is no route nothing is sent, and nothing is called closed"

# --- what they find ------------------------------------------------------------------------------
hosts="198.18.0.1-198.18.0.3 fd18::1-fd18::2"
ports=1-100,1000-1002,65535
want="closed 495;"
for address in 198.18.0.1 198.18.0.2 198.18.0.3 fd18::1 fd18::2; do
	for port in 1000 1001 22 65535 80; do
		want+="open $address $port;"
	done
done
for name in packet xdp; do
	# shellcheck disable=SC2086
	engine "$name" tcp $ports 20000 $hosts
	if [ $name = xdp ] && [ "$status" = 77 ]; then
		skip 12 "$err"
		continue
	fi
	is "${lines%sent*}" "$(printf '%s' "$want" | tr ';' '\n' | sort | tr '\n' ';')" \
		"$name: every open port of five hosts, IPv4 and IPv6, and no other"
	like "$lines" 'silent 0;$' "$name: and every closed one"
	wait_for 30 none_half_open
	is "$(half_open)" 0 "$name: nothing half open is left behind"

	engine "$name" tcp 1-65535 1000000 198.18.0.9
	is "$(printf '%s' "$lines" | tr ';' '\n' | grep open | cut -d' ' -f3 | sort -n | tr '\n' ' ')" \
		"22 80 1000 1001 65535 " "$name: all ports of one host, as fast as it goes"
	is "$(grep -E '^(closed|silent)' "$tmp/out" | tr '\n' ' ')" "closed 65530 silent 0 " "$name: all others are closed"
	wait_for 30 none_half_open
	is "$(half_open)" 0 "$name: and nothing is half open"

	engine "$name" tcp 7000 1000 198.19.0.1-198.19.0.6 fd19::1-fd19::6
	is "${lines%sent*}" "closed 0;open 198.19.0.6 7000;open fd19::6 7000;" \
		"$name: an answer that acknowledges another number, port or host is not believed"

	engine "$name" udp 7,53,69,161 200 198.18.0.1 fd18::1
	is "$(printf '%s' "$lines" | tr ';' '\n' | grep -v -E 'sent|closed|silent' | sort -u | tr '\n' ';')" \
		"elsewhere 198.18.0.1 69;elsewhere fd18::1 69;open 198.18.0.1 161;open 198.18.0.1 53;open fd18::1 161;open fd18::1 53;" \
		"$name: over UDP what answers, also from another port where its protocol may"
	like "$lines" 'closed [12];' "$name: and ICMP tells of a closed one"

	WORKER=status engine "$name" tcp 80 1000 198.18.0.1
	is "$(grep worker "$tmp/out" | tr -s '\t ' ' ' | tr '\n' ';')" \
		"worker Uid: 65534 65534 65534 65534;worker CapPrm: 0000000000000000;worker NoNewPrivs: 1;worker Seccomp: 2;" \
		"$name: answers are read by a process without rights"
	engine "$name" tcp 80,81 20 198.18.0.1-198.18.0.3
	like "$lines" '^closed 3;open 198.18.0.1 80;open 198.18.0.2 80;open 198.18.0.3 80;.*silent 0;$' \
		"$name: slowly, too"
	WORKER=kill engine "$name" tcp 1-2000 20000 198.18.0.1
	like "$lines" '^closed 1996;open.*silent 0;$' "$name: that process dies, another takes its place, and nothing is missing"
done

# --- neighbours and this machine -----------------------------------------------------------------
engine packet tcp 22,81 1000 10.9.0.2-10.9.0.5 fd09::2-fd09::3
is "${lines%%sent*}" "closed 2;open 10.9.0.2 22;open fd09::2 22;" "packet: neighbours are asked for their link addresses first"
# four probes a round to who is there; twelve and more would be to everyone
like "$lines" 'sent ([4-9]|1[0-2]);silent 8;$' "packet: who is not there is asked nothing"
spawn python3 "$here/net/scan_raw.py" listen "$tmp/here" 8080
wait_for 60 test -e "$tmp/here"
engine packet tcp 8080-8081 1000 127.0.0.1 ::1 10.9.0.1
is "${lines%%sent*}" "closed 3;open 10.9.0.1 8080;open 127.0.0.1 8080;open ::1 8080;" "packet: this machine itself, too"
done_testing
