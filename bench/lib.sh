# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# lib: timing for the comparisons: alternating runs in one session, medians and ratios.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-$top/build}
PERIPLUS=${PERIPLUS:-$BUILD/periplus}
RUNS=${RUNS:-11}
export LC_ALL=C.UTF-8
bench_work=$(mktemp -d)
trap 'rm -rf -- "$bench_work"' EXIT
cc -O2 -o "$bench_work/spawn" "$top/bench/spawn.c"

# compare NAME COMMAND NAME COMMAND...: runs all in turn RUNS times, output to a file; prints the median
# wall time, the best, the ratio to the first, and the peak resident memory.
compare()
{
	SPAWN=$bench_work/spawn OUTPUT=$bench_work/output python3 - "$RUNS" "$@" <<'PY'
import os, statistics, subprocess, sys
runs = int(sys.argv[1])
rows = [(sys.argv[i], sys.argv[i + 1]) for i in range(2, len(sys.argv), 2)]
walls = {name: [] for name, _ in rows}
peaks = {name: 0 for name, _ in rows}
for turn in range(runs + 1):
    for name, command in rows:
        out = subprocess.run([os.environ["SPAWN"], os.environ["OUTPUT"], *command.split(" ")],
                             capture_output=True, text=True).stdout
        us, kib = out.split()
        if turn:
            walls[name].append(float(us))
            peaks[name] = max(peaks[name], int(kib))
first = statistics.median(walls[rows[0][0]])
for name, _ in rows:
    m = statistics.median(walls[name])
    print(f"{name:28} {m / 1e3:9.2f} ms  {min(walls[name]) / 1e3:9.2f} min  {m / first:7.2f} x  {peaks[name] / 1024:6.1f} MB")
PY
}
