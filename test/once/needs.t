#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tools/needs says what is missing and the command that installs it; it installs nothing unasked.
. "$(dirname "$0")/../lib.sh"
mkdir -p "$tmp/tools"
cp "$top/tools/needs" "$tmp/tools/"
printf 'build\tno-such-command-periplus\tno-such-package\ncheck\tsh\tdash\n' >"$tmp/tools/needs.tsv"
run "$tmp/tools/needs" build
is "$status" 1 "something is missing"
like "$err" "missing: no-such-package" "it is named"
like "$err" "apt-get install -y no-such-package" "with the command"
printf 'build\tsh\tdash\nbench\tno-such-command-periplus\tno-such-package\n' >"$tmp/tools/needs.tsv"
run "$tmp/tools/needs" build
is "$status" 0 "nothing is missing for the build"
run "$tmp/tools/needs" check
is "$status" 0 "nor for the tests"
run "$tmp/tools/needs" bench
is "$status" 1 "but for the comparisons"
like "$(cat "$top/.ci/run")" "make check" ".ci/run calls make check"
for word in all run check install windows macos freebsd fuzz bench soak; do
	like "$(cat "$top/Makefile")" "^$word:" "make $word exists"
done
done_testing
