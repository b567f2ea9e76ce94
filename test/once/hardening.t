#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hardening (reliability.md 2.6) of what is installed.
. "$(dirname "$0")/../lib.sh"
command -v hardening-check >/dev/null || skip_all "no hardening-check here"
for program in "$BUILD/periplus" "$BUILD/periplus-update" "$BUILD/periplusd"; do
	[ -x "$program" ] || continue
	name=${program##*/}
	report=$(hardening-check --nocfprotection "$program" 2>&1 | cat -v)
	for line in "Position Independent Executable: yes" "Stack protected: yes" "Fortify Source functions: yes" \
		"Read-only relocations: yes" "Immediate binding: yes"; do
		like "$report" "$line" "$name: $line" || :
	done
	headers=$(readelf -lW "$program")
	unlike "$headers" "GNU_STACK.*E" "$name: no executable stack"
	unlike "$headers" "LOAD.* RWE " "$name: nothing writable and executable"
	unlike "$(readelf -d "$program")" "R(UN)?PATH" "$name: no search path of its own"
done
# The C library's own start files have no such mark here, so the programs cannot: ask the objects.
if [ "$(uname -m)" = x86_64 ]; then
	bare=
	for object in "$BUILD"/libcore.a.p/*.o "$BUILD"/periplus.p/*.o "$BUILD"/periplusd.p/*.o; do
		readelf -n "$object" 2>/dev/null | grep -q 'IBT, SHSTK' || bare+="${object##*/} "
	done
	is "$bare" "" "every object is built for control-flow protection"
else
	skip 1 "control-flow protection is looked for on x86-64"
fi
done_testing
