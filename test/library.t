#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# libperiplus: the example built as a stranger would, shared and static; symbols; header alone.
. "$(dirname "$0")/lib.sh"
case $BUILD in
*asan*) skip_all "the installed library is tested without sanitizers" ;;
esac
DESTDIR=$tmp/root meson install -C "$BUILD" --no-rebuild --quiet >"$tmp/install" 2>&1
ok $? "it installs" || sed 's/^/# /' "$tmp/install"
pc=$(find "$tmp/root" -name periplus.pc)
lib=$(dirname "$(dirname "$pc")")
prefix=$(sed -n 's/^prefix=//p' "$pc")
flags=$(PKG_CONFIG_SYSROOT_DIR=$tmp/root PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --cflags --libs periplus)
for compiler in gcc clang; do
	command -v $compiler >/dev/null || { skip 2 "no $compiler"; continue; }
	# shellcheck disable=SC2086 -- flags
	$compiler -Wall -Wextra -Werror -std=c99 -o "$tmp/listeners" "$top/examples/listeners.c" $flags 2>"$tmp/err"
	ok $? "the example builds with $compiler as C99" || sed 's/^/# /' "$tmp/err"
	run env LD_LIBRARY_PATH="$lib" "$tmp/listeners"
	like "$out" "^3232/udp	mdtp" "and answers"
done
static=$(find "$tmp/root" -name libperiplus.a)
gcc -o "$tmp/static" "$top/examples/listeners.c" -I"$tmp/root$prefix/include" "$static" -ldl -lpthread 2>"$tmp/err"
ok $? "the example builds with the static library" || sed 's/^/# /' "$tmp/err"
run "$tmp/static"
like "$out" "listeners, (in)?complete$" "and lists this host"
is "$(nm -D --defined-only "$(find "$tmp/root" -name 'libperiplus.so.1.0.0')" | awk '$2 == "T" && $3 !~ /@@PERIPLUS_1$/ {print $3}')" "" \
	"every symbol has the version PERIPLUS_1"
want=$(sed -n 's/.*\b\(periplus_[a-z_]*\)(.*/\1/p' "$top/include/periplus.h" | grep -v '^ \*' | sort -u)
got=$(nm -D --defined-only "$(find "$tmp/root" -name 'libperiplus.so.1.0.0')" | sed -n 's/.* T \(periplus_[a-z_]*\)@.*/\1/p' | sort -u)
is "$got" "$want" "the symbols are those of the header"
echo '#include <periplus.h>
int main() { return periplus_version() == nullptr; }' >"$tmp/x.cc"
if command -v g++ >/dev/null; then
	g++ -Wall -Wextra -Werror -I"$tmp/root$prefix/include" -fsyntax-only "$tmp/x.cc" 2>"$tmp/err"
	ok $? "the header is C++ too" || sed 's/^/# /' "$tmp/err"
else
	skip 1 "no g++"
fi
ok "$(test -x "$tmp/root$prefix/bin/periplus"; echo $?)" "the program is installed"
ok "$(test -e "$tmp/root$prefix/share/man/man1/periplus-look.1"; echo $?)" "and its pages"
run "$tmp/root$prefix/bin/periplus" look 22 --plain
is "$status" 0 "and it runs"
needed=$(readelf -d "$BUILD/periplus" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -vE '^(libc\.so|ld-linux)')
is "$needed" "" "the answering program links libc only"
done_testing
