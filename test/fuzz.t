#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every fuzz target runs over its samples, whole and cut.
. "$(dirname "$0")/lib.sh"
for source in "$top"/fuzz/*.c; do
	name=${source##*/}
	name=${name%.c}
	[ "$name" != replay ] || continue
	[ -x "$BUILD/test/fuzz-$name" ] || { skip 1 "$name is not in this build"; continue; }
	"$BUILD/test/fuzz-$name" "$top/test/data/fuzz/$name" >"$tmp/out" 2>&1
	ok $? "$name: $(grep -c '^ok' "$tmp/out") samples" || sed 's/^/# /' "$tmp/out" | tail -40
done
done_testing
