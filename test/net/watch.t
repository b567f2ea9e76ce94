#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# watch: two programs on one address and number are two listeners, and no news while they stay.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
listen=$BUILD/test/test-listen
[ -x "$listen" ] || skip_all "the test programs are not built"

# opened PROGRAM SPEC: a `listen` with its sockets open until $tmp/NAME.in is closed
opened()
{
	local ready=$tmp/${1##*/}${2##*/}
	mkfifo "$ready.in"
	"$@" <"$ready.in" >"$ready.out" 2>"$ready.err" &
	spawned+=("$!")
	exec {hold}>"$ready.in"
	wait_for 20 grep -q ready "$ready.out"
}

mkdir "$tmp/bin"
cp "$listen" "$tmp/bin/one"
cp "$listen" "$tmp/bin/two"
opened "$tmp/bin/one" tcp/127.0.0.1/7020/reuseport && opened "$tmp/bin/two" tcp/127.0.0.1/7020/reuseport
ok $? "two programs listen on one address and number"
run "$PERIPLUS" --plain --all
is "$(printf '%s\n' "$out" | grep -c '7020')" 2 "both are listed"
run "$PERIPLUS" watch --ndjson --interval 20 --count 3
is "$status" 0 "watch ends after its looks"
is "$out" "" "and neither takes the number from the other"

# --- other network namespaces: told with -N, and no listener of ours for it
if unshare --net true 2>/dev/null; then
	for option in -N ""; do
		log=$tmp/watch$option
		# shellcheck disable=SC2086 -- none, or one word
		"$PERIPLUS" watch --ndjson -v $option --interval 50 >"$log.out" 2>"$log.err" &
		spawned+=("$!")
		wait_for 60 grep -q watching "$log.err" || sed 's/^/# /' "$log.err"
	done
	mkfifo "$tmp/elsewhere.in"
	unshare --net bash -c 'ip link set lo up && exec "$1" tcp/127.0.0.1/7021' - "$tmp/bin/one" \
		<"$tmp/elsewhere.in" >"$tmp/elsewhere.out" &
	spawned+=("$!")
	exec {hold}>"$tmp/elsewhere.in"
	wait_for 60 grep -q 7021 "$tmp/watch-N.out"
	ok $? "watch -N tells of a listener in another network namespace"
	like "$(cat "$tmp/watch-N.out")" 'listener-opened' "that it opened"
	is "$(grep -c 7020 "$tmp/watch-N.out")" 0 "and takes nobody of ours for new"
	opened "$tmp/bin/two" tcp/127.0.0.1/7022
	wait_for 60 grep -q 7022 "$tmp/watch.out"
	ok $? "without it our own listeners are told"
	is "$(grep -c 7021 "$tmp/watch.out")" 0 "and nobody else's"
else
	skip 5 "this system refuses new network namespaces"
fi
done_testing
