#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cppcheck, clang-tidy and the shell's own parser; exceptions are written in .clang-tidy and
# test/cppcheck.suppress with their reason.
. "$(dirname "$0")/../lib.sh"
cd "$top" || exit 1
# Minutes of reading with every processor: tests beside it come first.
renice -n 19 -p $$ >/dev/null 2>&1
if command -v cppcheck >/dev/null; then
	cppcheck --quiet --enable=warning,portability --inline-suppr --error-exitcode=1 --std=c11 -j"$(nproc)" \
		--suppressions-list=test/cppcheck.suppress -D__linux__ -D_GNU_SOURCE -DPERIPLUS_VERSION='"0"' -DPERIPLUS_LIBEXECDIR='"/"' \
		-Isrc -Iinclude $(ls src/*/*.c tools/*.c | grep -v _test.c) >"$tmp/cppcheck" 2>&1
	ok $? "cppcheck finds nothing" || sed 's/^/# /' "$tmp/cppcheck" | head -40
else
	skip 1 "no cppcheck"
fi
if command -v clang-tidy >/dev/null && [ -e build-clang/compile_commands.json ]; then
	ls src/*/*.c src/*/windows/*.c src/*/freebsd/*.c src/host/bpf/*.c | grep -v _test.c | xargs -P"$(nproc)" -n8 clang-tidy -p build-clang --quiet --warnings-as-errors='*' >"$tmp/tidy" 2>/dev/null
	ok $? "clang-tidy finds nothing" || grep -E 'error:|warning:' "$tmp/tidy" | sort -u | sed 's/^/# /' | head -40
else
	skip 1 "no clang-tidy or no clang build"
fi
bad=
for file in tools/needs tools/configure tools/sources tools/texts tools/macos tools/freebsd test/run test/soak fuzz/run .ci/run test/*.t test/net/*.t test/once/*.t bench/*.sh; do
	[ -e "$file" ] || continue
	sed -n 1p "$file" | grep -q python && continue
	bash -n "$file" 2>/dev/null || bad+="$file "
done
is "$bad" "" "every script parses"
is "$(grep -nE '(^|[^A-Za-z])(TODO|FIXME|XXX)([^A-Za-z]|$)' -r src tools fuzz test/*.t test/net test/once bench 2>/dev/null | grep -v 'once/lint.t')" "" "nothing is left for later in the code"
is "$(git ls-files -z 2>/dev/null | xargs -0 grep -lIE '[[:space:]]+$' -- 2>/dev/null | grep -vE '\.tsv$|^test/data/|^LICENSE' | head)" "" "no blanks at the ends of lines"
done_testing
