#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The reader for FreeBSD. There is no FreeBSD here: its files are parsed and type-checked against
# declarations of our own (test/freebsd/include), of which the compiler works out the offsets that
# src/host/freebsd.h writes as numbers. With PERIPLUS_FREEBSD_SYSROOT=DIR (base.txz unpacked) the whole
# program is built with the real headers. What its buffers become is tested by unit-host-freebsd.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1
command -v clang >/dev/null || skip_all "clang is not installed"
check()
{
	clang --target=x86_64-linux-gnu -std=gnu17 -fsyntax-only -Wall -Wextra -Werror -Wno-missing-field-initializers -D_GNU_SOURCE \
		-isystem test/freebsd/include -isystem src/base/bare/include -include base/freebsd/posix.h -Isrc -Iinclude "$@" 2>&1
}
for file in src/host/freebsd/*.c; do
	is "$(check "$file")" "" "$file is parsed without a warning"
done
sed 's/XTCPCB_STATE = 568/XTCPCB_STATE = 560/' src/host/freebsd.h >"$tmp/freebsd.h"
sed "s|\"host/freebsd.h\"|\"$tmp/freebsd.h\"|" src/host/freebsd/layout.c >"$tmp/layout.c"
like "$(check "$tmp/layout.c")" 'xtcpcb.*t_state' "a wrong number does not compile"
tools/sources program freebsd >"$tmp/files"
is "$(grep -c '^src/host/freebsd/' "$tmp/files")" "$(find src/host/freebsd -name '*.c' | wc -l)" "they belong to FreeBSD's program"
is "$(tools/sources room host linux | grep /freebsd/)" "" "and to no other"
if [ -n "${PERIPLUS_FREEBSD_SYSROOT:-}" ]; then
	run tools/freebsd "$BUILD" "$tmp/freebsd" "$PERIPLUS_FREEBSD_SYSROOT"
	is "$status:$out$err" "0:" "the whole program compiles and links without a warning"
	is "$(od -An -tu1 -j7 -N1 "$tmp/freebsd/periplus-freebsd" | tr -d ' ')" 9 "as a program of FreeBSD"
else
	skip 2 "no FreeBSD: PERIPLUS_FREEBSD_SYSROOT is not set"
fi
run tools/freebsd "$BUILD" "$tmp/freebsd" ""
is "$status" 64 "without headers of FreeBSD"
like "$err" 'make freebsd SYSROOT=DIR' "the remedy is told"
run tools/freebsd "$BUILD" "$tmp/freebsd" "$tmp"
is "$status" 66 "a directory that is no FreeBSD"
like "$err" "has no usr/include/sys/param.h" "is named"
done_testing
