#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The program for both processors of macOS compiles and links without a warning, as `make macos` does
# it. It cannot run here: what this shows ends there.
. "$(dirname "$0")/../lib.sh"
[ "$(uname -m)" = x86_64 ] || skip_all "the cross compiler of package-lock.json is for x86-64"
[ -e "$BUILD/images.S" ] || skip_all "no build in $BUILD"
dir=$BUILD-macos
timeout 1500 nice "$top/tools/macos" "$BUILD" "$dir" >"$tmp/log" 2>&1
status=$?
[ $status != 75 ] || skip_all "$(tail -1 "$tmp/log")"
ok $status "it builds" || sed 's/^/# /' "$tmp/log" | head -40
is "$(cat "$tmp/log")" "" "without a warning"
# first bytes of a Mach-O file for 64 bits, processor, executable (<mach-o/loader.h>, <mach/machine.h>)
head_of()
{
	od -An -tx4 -N16 "$dir/$1" | awk '{print $1, $2, $4}'
}
is "$(head_of periplus-arm64)" "feedfacf 0100000c 00000002" "a program for arm64"
is "$(head_of periplus-x86_64)" "feedfacf 01000007 00000002" "a program for x86-64"
is "$(strings -a "$dir/periplus-arm64" | grep -E '^/usr/lib/.*dylib$' | sort -u)" /usr/lib/libSystem.B.dylib \
	"it needs only what every Mac has"
done_testing
