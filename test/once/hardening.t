#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hardening (reliability.md 2.6) of what is installed.
. "$(dirname "$0")/../lib.sh"
command -v hardening-check >/dev/null || skip_all "no hardening-check here"
for program in "$BUILD/periplus" "$BUILD/periplus-update"; do
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
	like "$(readelf -n "$program")" "IBT|x86 feature|$(uname -m | grep -v x86_64 || echo IBT)" "$name: control-flow protection"
done
done_testing
