#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Facts are drawn by lot, and looked up in the packages that they cite: the number must stand as a
# word in the cited file.
#
# SEED=n draws others, DRAW=n more or fewer than 40; SEED=all takes every one. The lot depends on
# the rows alone, so that the same rows are drawn until the data changes. Packages come from apt,
# as it is configured here, or from PERIPLUS_DEBS, directories (parted by colons) of packages that
# were downloaded before; with PERIPLUS_DEBS_ONLY=1 from there alone. Where the cited version is
# gone, the present one is read instead; what a newer release of the software says otherwise is
# skipped, and told.
. "$(dirname "$0")/../lib.sh"
seed=${SEED:-1}
draw=${DRAW:-40}
for tool in apt-get apt-cache dpkg-deb python3; do
	command -v $tool >/dev/null || skip_all "no $tool here"
done

# One line a fact: number, package, version, path.
python3 - "$seed" "$draw" "$top"/data/practice/*.tsv >"$tmp/drawn" <<'PYTHON' || skip_all "nothing could be drawn"
import hashlib, sys
seed, n, rows = sys.argv[1], int(sys.argv[2]), []
for path in sys.argv[3:]:
    for line in open(path, encoding="utf-8"):
        cells = line.rstrip("\n").split("\t")
        if len(cells) > 9 and cells[9].startswith("deb:"):
            rows.append((hashlib.sha256((seed + "\0" + line).encode()).hexdigest(), cells))
if seed != "all":
    rows = sorted(rows, key=lambda row: row[0])[:n]
for _, cells in sorted(rows, key=lambda row: row[1][9]):
    package, version, path = cells[9][4:].split(" ", 2)
    print(cells[0].split("-")[0], package, version, path, sep="\t")
PYTHON
printf '# SEED=%s draws %d facts\n' "$seed" "$(wc -l <"$tmp/drawn")"

# find_deb PACKAGE VERSION: sets $deb and $have, or $why; one package is kept at a time.
debs=${PERIPLUS_DEBS:-}
n_refused=0
find_deb()
{
	local dir file
	[ "$1 $2" != "${found_for:-}" ] || return 0
	rm -rf -- "$tmp/deb"
	mkdir "$tmp/deb"
	deb=
	found_for=
	for dir in ${debs//:/ }; do
		for file in "$dir/$1_"*.deb; do
			[ ! -e "$file" ] || deb=$file
		done
	done
	if [ -z "$deb" ]; then
		why="the package is not in PERIPLUS_DEBS"
		[ -z "${PERIPLUS_DEBS_ONLY:-}" ] || return 1
		why="apt knows no package '$1' here"
		apt-cache show "$1" >/dev/null 2>&1 || return 1
		why="apt cannot download here"
		[ $n_refused -lt 3 ] || return 1
		download "$1=$2" || download "$1" || { n_refused=$((n_refused + 1)); return 1; }
		n_refused=0
		deb=$(echo "$tmp"/deb/*.deb)
	fi
	why="the package cannot be read"
	have=$(dpkg-deb -f "$deb" Version) || return 1
	found_for="$1 $2"
}

download()
{
	(cd "$tmp/deb" && timeout 300 apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=1 \
		-o Acquire::http::Timeout=20 download "$1" >/dev/null 2>&1 && ls ./*.deb >/dev/null 2>&1)
}

# The cited file as text; where /usr was merged, under either name.
cited()
{
	local path other
	case $1 in
	/usr/*) other=.${1#/usr} ;;
	*) other=./usr$1 ;;
	esac
	for path in ".$1" "$other"; do
		dpkg-deb --fsys-tarfile "$deb" | tar -xO -- "$path" 2>/dev/null >"$tmp/file" && [ -s "$tmp/file" ] || continue
		case $1 in
		*.gz) zcat <"$tmp/file" ;;
		*) cat "$tmp/file" ;;
		esac
		return 0
	done
	return 1
}

upstream()
{
	local version=${1#*:}
	printf '%s\n' "${version%-*}"
}

while IFS=$'\t' read -r number package version path; do
	name="$number is in $package $path"
	if ! find_deb "$package" "$version"; then
		skip 1 "$name: $why"
		continue
	fi
	if cited "$path" >"$tmp/text" && grep -qaw -- "$number" "$tmp/text"; then
		ok 0 "$name"
	elif [ "$(upstream "$have")" != "$(upstream "$version")" ]; then
		skip 1 "$name: $version is gone, and $have says otherwise"
	else
		[ "$have" = "$version" ] || printf '# version %s, cited was %s\n' "$have" "$version"
		ok 1 "$name"
	fi
done <"$tmp/drawn"
done_testing
