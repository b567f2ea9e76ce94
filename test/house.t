#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The house: order of the rooms, their doors, rows with file and page, sizes, banned calls.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1
order="base map import proto claim store host scan wire verdict out guard serve fleet lib cli"
# room:room pairs that never meet, whatever the order says
never="host:map scan:map wire:map scan:host wire:host wire:scan map:host map:import"

place()
{
	local i=0 room
	for room in $order; do
		i=$((i + 1))
		[ "$room" != "$1" ] || { echo $i; return; }
	done
	echo 0
}

wrong=
doors=
for file in src/*/*.[ch]; do
	room=${file#src/}
	room=${room%%/*}
	[ "$(place "$room")" != 0 ] || wrong+="$file: '$room' is no room of the house"$'\n'
	while read -r include; do
		other=${include%%/*}
		[ "$other" != "$include" ] || continue
		[ "$(place "$other")" != 0 ] || continue
		[ "$other" != "$room" ] || continue
		[ "$(place "$other")" -lt "$(place "$room")" ] || wrong+="$file uses $include, a room below it"$'\n'
		case " $never " in
		*" $room:$other "*) wrong+="$file uses $include: these rooms never meet"$'\n' ;;
		esac
		case $include in
		base/*|"$other/$other.h") ;;
		map/make.h|proto/ota.h) [ "$room" = cli ] || [ "$room" = import ] || doors+="$file includes $include"$'\n' ;;
		*) case $file in *_test.c) ;; *) doors+="$file includes $include, not the door"$'\n' ;; esac ;;
		esac
	done < <(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file")
done
is "$wrong" "" "rooms use only rooms above them, and never-pairs never meet"
is "$doors" "" "other rooms are entered by their door"

for list in src/cli/command.list src/out/format.list; do
	rows=$(sed -n 's/^[A-Z]*(\([a-z_]*\)).*/\1/p' $list)
	is "$rows" "$(printf '%s\n' "$rows" | LC_ALL=C sort)" "$list is sorted"
done
missing=
for name in $(sed -n 's/^COMMAND(\([a-z_]*\)).*/\1/p' src/cli/command.list); do
	[ -e "src/cli/$name.c" ] || missing+="src/cli/$name.c "
	[ -e "src/cli/$name.1" ] || missing+="src/cli/$name.1 "
	grep -q "^\.It Cm $name\b" src/cli/periplus.1 || missing+="periplus.1:$name "
done
is "$missing" "" "every command has its file, its page and a line in periplus(1)"

is "$(grep -nE '\b(strcpy|strcat|sprintf|vsprintf|sscanf|alloca|strtok|gets|atoi|system|popen)[ ]*\(' src/*/*.c tools/*.c | grep -v '^[^:]*:[0-9]*: \*')" "" \
	"no unbounded or shell call"
is "$(wc -l src/*/*.[ch] tools/*.c | awk '$2 != "total" && $1 > 700 {print $2, $1}')" "" "no file over 700 lines"
is "$(grep -LE 'SPDX-License-Identifier: (Apache-2.0|\(?GPL-2.0-only OR BSD-2-Clause\)?)' src/*/*.[ch] tools/*.c fuzz/*.c)" "" "every file names its licence"
is "$(awk 'FNR <= 3 && /^\/\*$|^\/\* [a-z_0-9.]+[: ]/ && !/SPDX/ {seen[FILENAME] = 1} ENDFILE {if (!(FILENAME in seen)) print FILENAME}' src/*/*.[ch] 2>/dev/null |
	grep -v _test.c)" "" "every file opens with what it is"
# Global variables that are not const are looked for where the linker puts them.
if [ -d "$BUILD/libcore.a.p" ] && [ "${BUILD##*-}" != asan ]; then
	is "$(objdump -t "$BUILD"/libcore.a.p/*.o 2>/dev/null | awk 'NF > 3 && $(NF - 2) ~ /^\.(t?data|t?bss)$/ && $NF !~ /^\./ && $(NF - 1) != 0 {print $NF}' |
		grep -vE '^(libmnl|once)')" "" "the library rooms have no writable global"
else
	skip 1 "the sanitizers add variables of their own"
fi
products=$(cut -f1 data/products/*.tsv | grep -E '^(nginx|apache2|redis|postgresql|docker|php-fpm|uwsgi|postfix|dovecot|exim4|gunicorn)$' | sort -u)
found=
for product in $products; do
	found+=$(grep -nE "\"$product\"" src/verdict/*.c | grep -v _test.c)
done
is "$found" "" "the rules name no product: data does"
missing=
for name in $(sed -n 's/^COMMAND(\(.*\))$/\1/p' src/cli/command.list); do
	tools/sources room cli windows | grep -qx "src/cli/$name.c" || grep -q "^ELSEWHERE($name)$" src/cli/elsewhere.c ||
		missing+="$name "
done
is "$missing" "" "every command is built on other systems too, or says there that it is Linux'"
done_testing
