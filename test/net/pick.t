#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# pick: the number is free in every way, the same for the same name, and another when it is taken.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
command -v python3 >/dev/null || skip_all "no python3 here"

hold()
{
	spawn python3 -c "
import signal, socket
$1
print('ready', flush=True)
signal.pause()" >"$tmp/held"
	wait_for 60 grep -q ready "$tmp/held"
}

pick() { run "$PERIPLUS" pick -q "$@"; }

pick --for shop-api
first=$out
is "$status" 0 "a name has a number"
like "$first" '^[0-9]+$' "and nothing else with -q"
pick --for shop-api
is "$out" "$first" "the same next time"
pick --for shop-web
ok "$([ "$out" != "$first" ]; echo $?)" "another name has another"
run "$PERIPLUS" look "$first" --plain
unlike "$out" '^practice' "no practice is known of it"
run "$PERIPLUS" why "$first" --json
is "$(json "$tmp/out" 'd["periplus"]["causes"]')" "[]" "nothing is in its way"

hold "s = socket.socket(); s.bind(('127.0.0.1', $first)); s.listen()"
pick --for shop-api
second=$out
ok "$([ "$second" -gt "$first" ]; echo $?)" "when it is taken on one address, the next one is"
run "$PERIPLUS" pick --for shop-api
like "$out" "$first\? no: it is in use on this host" "and why"
hold "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('0.0.0.0', $second))"
pick --for shop-api
third=$out
ok "$([ "$third" -gt "$second" ]; echo $?)" "UDP takes it as well"
hold "s = socket.socket(socket.AF_INET6); s.setsockopt(41, 26, 1); s.bind(('::1', $third))"
pick --for shop-api
ok "$([ "$out" -gt "$third" ]; echo $?)" "and so does what is bound only, over IPv6"
fourth=$out
if echo "$fourth" >/proc/sys/net/ipv4/ip_local_reserved_ports 2>/dev/null; then
	pick --for shop-api
	ok "$([ "$out" -gt "$fourth" ]; echo $?)" "what is kept back is passed over"
	run "$PERIPLUS" pick --near "$fourth"
	like "$out" "$fourth\? no: it is kept back on this host" "and why"
else
	skip 2 "nothing can be kept back here"
fi

run "$PERIPLUS" pick --near 3000
like "$out" "3000\? no: registered: hbci" "near misses have their reason"
pick --near 3000 -n 5
is "$(printf '%s\n' "$out" | sort -u | wc -l)" 5 "five numbers are five"
run "$PERIPLUS" pick --json --near 8080
is "$(json "$tmp/out" '[d["near"], d["passed"][0]["port"], d["passed"][0]["reason"], len(d["ports"])]')" \
	'[8080, 8080, "registered", 1]' "the same as a document"
mkdir "$tmp/project-x"
is "$(cd "$tmp/project-x" && "$PERIPLUS" pick -q)" "$("$PERIPLUS" pick -q --for project-x)" "a directory is a name"

if echo "1024 65535" >/proc/sys/net/ipv4/ip_local_port_range 2>/dev/null; then
	run "$PERIPLUS" pick --for shop-api
	is "$status" 0 "where every number is a source port, one of them is given"
	like "$out" "reserve it" "and what to do about it"
else
	skip 2 "the source ports cannot be changed here"
fi

for words in "8080" "-n 0" "-n 101" "--near 0" "--near http" "--near 80 --for x" "--for ="; do
	# shellcheck disable=SC2086 -- words
	[ "$words" = "--for =" ] && words="--for="
	run "$PERIPLUS" pick $words
	is "$status" 64 "'pick $words' is refused"
done
done_testing
