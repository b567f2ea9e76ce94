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
	local ready=$tmp/${1##*/}
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
done_testing
