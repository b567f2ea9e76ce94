#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How a scan ends before it is done, each for real, and how it goes on: an interrupt, answers that stop,
# a table of connections that fills up, an interface that goes away, no route. And what stands on a
# terminal meanwhile.
. "$(dirname "$0")/../lib.sh"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
in_namespace "$@"
command -v nft >/dev/null || skip_all "nft is not installed"

# summary EXPRESSION: of the last line
summary()
{
	python3 -c 'import json, sys
s = json.loads(open(sys.argv[1]).readlines()[-1])["periplus"]["summary"]
print(json.dumps(eval(sys.argv[2])))' "$tmp/out" "$1"
}

# opens: how many ports the last scan found open
opens() { grep -c '"server"' "$tmp/out"; }

# link: near and far, joined; far answers for all of 198.18.0.0/17
link()
{
	ip link add near type veth peer name far netns "$far_pid" &&
		ip addr add 198.18.128.1/16 dev near && ip link set near up && "${far[@]}" ip link set far up &&
		"${far[@]}" ip addr add 198.18.255.1/16 dev far
}
apart far
"${far[@]}" ip link set lo up
"${far[@]}" ip route add local 198.18.0.0/17 dev lo
link || skip_all "this kernel has no veth"
"${far[@]}" nft -f - <<'NFT' || skip_all "nft does not work here"
add table inet t
add chain inet t in { type filter hook input priority 0; }
NFT
# rule WORDS...: the only rule of far from now on; none: all is open
rule()
{
	"${far[@]}" nft flush chain inet t in
	[ $# = 0 ] || "${far[@]}" nft add rule inet t in "$@"
}
mkdir "$tmp/far"
spawn "${far[@]}" python3 "$here/net/scan.py" listen "$tmp/far" 198.18.1.1:1 198.18.1.1:77 198.18.1.2:200
wait_for 60 test -e "$tmp/far/ready"

# --- on a terminal -------------------------------------------------------------------------------
# typed WIDTH [--out FILE] [--type PATTERN TEXT]... ARGUMENTS...: scan in a terminal of so many columns
typed()
{
	local width=$1
	shift
	local words=()
	while :; do
		case $1 in
		--out) words+=("$1" "$2") && shift 2 ;;
		--type) words+=("$1" "$2" "$3") && shift 3 ;;
		*) break ;;
		esac
	done
	TERM=${TERM_HERE:-xterm} timeout 400 "$here/net/terminal.py" "$width" "$tmp/raw" "$tmp/screen" "${words[@]}" \
		"$PERIPLUS" scan "$@" >"$tmp/widest"
	status=$?
	widest=$(cat "$tmp/widest")
	raw=$(tr '\r' '\n' <"$tmp/raw" | sed 's/\x1b\[K//g')
}
# the first SYN of every tenth port is lost, and one host says nothing at all
"${far[@]}" nft -f - <<'NFT'
add set inet t once { type ipv4_addr . inet_service; flags dynamic; size 65536; timeout 1h; }
add rule inet t in ip daddr 198.18.9.0/24 drop
add rule inet t in ip daddr 198.18.1.2 tcp dport 1-20 tcp flags syn / fin,syn,rst,ack ip daddr . tcp dport != @once add @once { ip daddr . tcp dport } drop
NFT
typed 80 --out "$tmp/out" 198.18.1.1-2 198.18.9.1 -p 1-100 --no-identify --ndjson --engine packet
is "$status" 0 "a scan in a terminal"
like "$raw" '^round 1, [0-9]+ %, [0-9]+ sent, [0-9]+ open, [0-9]+/s, loss unknown, [0-9]+ s left$' \
	"its progress: rate, hits, time left, and that loss has to be measured"
like "$raw" '^round [2-5], .*, 2 open, [0-9]+/s, [1-9][0-9.]* % lost, waiting for answers$' "the second round has measured the loss"
is "$(summary 's["lost"] >= 20, s["open"]')" '[true, 2]' "as the summary says"
is "$(tr -d '\n' <"$tmp/screen")" "" "nothing of it is left on the terminal"
ok $((widest > 79 || widest < 40)) "it fits 80 columns ($widest)"
is "$(grep -c 'left' "$tmp/out")" 0 "standard output has nothing of it"
rule
typed 38 198.18.1.1 -p 1-300 --no-identify --plain
ok $((widest > 37 || widest < 10)) "on a narrow terminal it is shorter ($widest)"
like "$raw" '[0-9]+ s left$' "but the time is there"
is "$(grep -c 'left\|round' "$tmp/screen")" 0 "and none of it stands between the rows"
is "$(tr -d '\n' <"$tmp/screen" | grep -o '198.18.1.1' | wc -l)" 2 "which are whole"
typed 80 198.18.1.1-2 -p 1-300 --no-identify --ndjson
is "$(grep -c 'left\|loss' "$tmp/screen")" 0 "nor between those that come while it stands"
is "$(tr -d '\n' <"$tmp/screen" | grep -o '"server"' | wc -l)" 3 "which are all there"
TERM_HERE=dumb typed 80 198.18.1.1 -p 1-300 --no-identify --plain
is "$status" 0 "where a terminal cannot erase"
unlike "$raw" 'left|round' "there is none"
typed 80 -q 198.18.1.1 -p 1-300 --no-identify --plain
unlike "$raw" 'left|round' "nor with -q"
run "$PERIPLUS" scan 198.18.1.1 -p 1-300 --no-identify --plain
is "$status:$err" "0:" "nor in a pipe"

# --- a question at a terminal, and an interrupt there -------------------------------------------
"${far[@]}" ip route add local 192.31.196.0/24 dev lo
ip route add 192.31.196.0/24 via 198.18.255.1
typed 200 --out "$tmp/out" --type 'number of targets: $' '4\r' 192.31.196.1 -p 1-3 --no-identify --ndjson
is "$status:$(tail -1 "$tmp/screen")" "77:periplus: public addresses outside of your scope (1): say who allows it with --authorised-by TEXT, or, if they are yours, --scope NETWORK" \
	"a wrong number typed is no consent"
typed 80 --out "$tmp/out" --type 'number of targets: $' '3\r' 192.31.196.1 -p 1-3 --no-identify --ndjson
is "$status:$(summary 's["answered"]')" "0:3" "the right one is"
rule ip daddr 198.18.9.0/24 drop
typed 80 --out "$tmp/out" --type ', 1 open, ' '\x03' 198.18.1.1 198.18.9.1-100 -p 77,100 --rate 40 --ndjson --no-identify
is "$status:$(opens) $(summary 's["ended"], s["complete"], s["estimated_recall"]')" '3:1 ["stopped", false, null]' \
	"Ctrl-C tells what is known"
is "$(sed 's/^\^C//' "$tmp/screen" | grep .)" "periplus: the scan is not complete: stopped by a signal" "and why it is not all"
typed 80 --out "$tmp/out" --type '2 of 22 hosts, asking who is there' '\x03' 198.18.1.1-2 198.18.200.1-20 -p 77,100 --rate 5 --discover --resume "$tmp/found" --ndjson
is "$status:$(summary 's["ended"], s["answered"]')" '3:["stopped", 0]' "so it does while hosts are looked for"
rule
run "$PERIPLUS" scan 198.18.1.1-2 198.18.200.1-20 -p 77,100 --discover --resume "$tmp/found" --ndjson --no-identify
is "$status:$(opens) $(summary 's["ended"], s["answered"]')" '0:1 ["done", 4]' "and no host was taken for absent by that"
typed 80 --out "$tmp/out" --type 'asking what they are' '\x03' 198.18.1.1 -p 77,100 --timeout 100
is "$status" 3 "so it does while open ports are asked what they are"
like "$(cat "$tmp/out")" '^  77/tcp ' "which are told without that"
like "$(cat "$tmp/out")" '1 open, 1 closed' "in text, too"
# --- answers stop: a rule lets so many bytes of SYNs pass, and no more ---------------------------
scan()
{
	run timeout 400 "$PERIPLUS" scan "$@" --no-identify --ndjson
}
ended()
{
	is "$status:$(summary 's["ended"], s["complete"], s["estimated_recall"]')" "3:[\"$1\", false, null]" "$2"
	is "$err" "periplus: the scan is not complete: $3" "and why is said"
}
collapse="answers have stopped altogether: the scan harms somebody, or is blocked"
rule tcp flags syn / fin,syn,rst,ack quota over 24000 bytes drop
scan 198.18.1.1-10 -p 1-200 --resume "$tmp/state"
ended collapse "answers that stop in the middle are no silence of ports" "$collapse"
is "$(summary '0 < s["answered"] < 2000')" true "what had answered by then is known"
rule
scan 198.18.1.1-10 -p 1-200 --rate 5000 --resume "$tmp/state"
is "$status:$(opens) $(summary 's["ended"], s["answered"], s["estimated_recall"]')" '0:3 ["done", 2000, 1.0]' \
	"it goes on where answers still came"
rule tcp flags syn / fin,syn,rst,ack quota over 40000 bytes drop
scan 198.18.1.1-10 -p 1-2000
ended collapse "a long scan does not go on into silence" "$collapse"
is "$(summary 's["sent"] < 10000')" true "it ends in the middle"
rule
scan 198.18.1.1 198.18.9.1-9 -p 1-100 --rate 5000
is "$status:$(summary 's["ended"], s["answered"], s["silent"]')" '0:["done", 1000, 0]' "all closed"
rule ip daddr 198.18.9.0/24 drop
scan 198.18.1.1 198.18.9.1-9 -p 1-100 --rate 5000
is "$status:$(summary 's["ended"], s["answered"], s["silent"]')" '0:["done", 100, 900]' \
	"hosts that are silent from the beginning are only that"
# --- this host no longer sends -------------------------------------------------------------------
unsent="this host does not send: no interface, no route, or its own firewall"
rule
ip route add unreachable 203.0.113.0/25
for engine in packet connect; do
	scan 203.0.113.1-2 -p 1-20 --engine $engine
	ended unsent "$engine: where there is no route, nothing is said of ports" "$unsent"
	is "$(summary 's["sent"], s["unsent"], s["closed"]')" '[0, 40, 0]' "$engine: and nothing was sent"
	scan 198.18.1.1 203.0.113.1-2 -p 71-80 --engine $engine
	is "$status:$(opens) $(summary 's["ended"], s["complete"], s["unsent"], s["answered"]')" '3:1 ["done", false, 20, 10]' \
		"$engine: what has a route is asked all the same"
	is "$err" "periplus: 20 targets were not asked: this host has no route to them, or its own firewall forbids it" \
		"$engine: and what has none is counted"
done
# gone ENGINE COMMAND...: a scan in whose middle that is done, and which is resumed when all is well again
gone()
{
	local engine=$1
	shift
	rule tcp flags syn / fin,syn,rst,ack counter
	rm -f "$tmp/state"
	timeout 400 "$PERIPLUS" scan 198.18.1.1-10 -p 1-400 --engine "$engine" --rate 500 --resume "$tmp/state" --no-identify --ndjson \
		>"$tmp/out" 2>"$tmp/err" &
	scan_pid=$!
	asked() { [ "$("${far[@]}" nft list chain inet t in | sed -n 's/.*packets \([0-9]*\) .*/\1/p')" -gt 300 ]; }
	wait_for 60 asked
	"$@"
	wait $scan_pid
	status=$?
	err=$(cat "$tmp/err")
}
for engine in packet connect; do
	gone $engine ip link del near
	ended unsent "$engine: an interface that goes away ends the scan" "$unsent"
	is "$(summary '0 < s["answered"] < 4000')" true "$engine: with what is known"
	link
	scan 198.18.1.1-10 -p 1-400 --engine $engine --rate 5000 --resume "$tmp/state"
	is "$status:$(opens) $(summary 's["ended"], s["answered"]')" '0:3 ["done", 4000]' "$engine: and it goes on when there is one again"
done
for engine in packet connect; do
	gone $engine "${far[@]}" ip link set far down
	if [ $engine = packet ]; then # it is told of every packet
		ended buffers "$engine: so does a cable that is pulled at the other end" \
			"this host cannot send so much (ENOBUFS): a lower --rate, or there is no carrier"
	else
		ended collapse "$engine: so does a cable that is pulled at the other end" "$collapse"
	fi
	"${far[@]}" ip link set far up
	scan 198.18.1.1-10 -p 1-400 --engine $engine --rate 5000 --resume "$tmp/state"
	is "$status:$(opens) $(summary 's["ended"], s["answered"]')" '0:3 ["done", 4000]' "$engine: and it goes on when there is one again"
done

# --- this host's table of connections: as small as a small router's --------------------------------
rule ip daddr 198.18.9.0/24 drop
nft -f - <<'NFT'
add table inet t
add chain inet t out { type filter hook output priority 0; }
add rule inet t out ct state new counter
NFT
echo 1000 >"$tmp/max"
if mount --bind "$tmp/max" /proc/sys/net/netfilter/nf_conntrack_max 2>/dev/null; then
	scan 198.18.9.1-200 -p 1-200 --engine connect --rate 5000
	ended conntrack "a table of connections that fills up ends the scan" "this host's table of connections fills up: a lower --rate"
	is "$(summary '900 < s["sent"] < 40000')" true "it is full of our own"
	umount /proc/sys/net/netfilter/nf_conntrack_max
	scan 198.18.1.1-10 -p 1-100 --engine connect --rate 5000
	is "$status:$(summary 's["ended"]')" '0:"done"' "it does not where there is room"
else
	skip 4 "this kernel has no table of connections"
fi
nft delete table inet t

# --- somebody else's network forbids it -------------------------------------------------------------
"${far[@]}" sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=100000
ip route add 10.88.0.0/22 via 198.18.255.1
"${far[@]}" ip route add local 10.88.0.0/22 dev lo
rule ip daddr 10.88.0.0/22 reject with icmp admin-prohibited
for engine in packet connect; do
	scan 10.88.0.0/22 -p 1-4 --engine $engine
	ended prohibited "$engine: a network that forbids it is left alone" "a network says that it forbids this (ICMP)"
	is "$(summary 's["sent"] < 4088')" true "$engine: before all was sent"
done
done_testing
