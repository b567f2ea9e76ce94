#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What data/ promises: valid and sorted, enough of it, from sources that may be cited, of nobody.
. "$(dirname "$0")/lib.sh"
mapgen=$BUILD/mapgen
data=$top/data
[ -x "$mapgen" ] || skip_all "no $mapgen: build first"

run "$mapgen" --source "$top" --check
is "$err" "" "every table is valid and sorted"
is "$status" 0 "and mapgen says so"

# rows TABLE...: the records, without header and comments
rows()
{
	awk 'BEGIN {FS = OFS = "\t"} FNR == 1 {n = 0} /^#/ || !NF {next} n++ {print}' "$@"
}
facts=$tmp/facts
products=$tmp/products
rows "$data"/practice/*.tsv >"$facts"
rows "$data"/products/*.tsv >"$products"

# at_least GOT WANT NAME
at_least()
{
	ok "$(($1 < $2))" "at least $2 $3 (${1})"
}
at_least "$(wc -l <"$facts")" 1000 "facts"
at_least "$(cut -f1,2 "$facts" | sort -u | wc -l)" 600 "pairs of port and transport"
at_least "$(wc -l <"$products")" 300 "products"
at_least "$(awk -F'\t' '$5 == "package" {print $3}' "$facts" | sort -u | wc -l)" 300 \
	"products with a default read in a package"
at_least "$(awk -F'\t' '$4 == "malware" {print $3}' "$facts" | sort -u | wc -l)" 60 \
	"families of malware"

# The numbers that most people argue about have more than one user.
few=
for port in 3000 4000 5000 5555 7000 8000 8008 8080 8081 8443 8888 9000 9090 9100 9200; do
	n=$(awk -F'\t' -v p="$port" '{split($1, r, "-")} p == r[1] || (r[2] && p >= r[1] + 0 && p <= r[2] + 0) {print $3}' \
		"$facts" | sort -u | wc -l)
	[ "$n" -ge 2 ] || few+="$port has $n"$'\n'
done
is "$few" "" "contested numbers have all their users"

is "$(awk -F'\t' '$4 == "malware" && ($9 !~ /^(historic|active): ./ ||
	$5 != "unconfirmed" && $8 !~ /^[0-9]+$/)' "$facts")" "" \
	"malware says whether it is history, and its year"
# Every number of malware has its innocent users in practice too, or says that none was found.
cat >"$tmp/innocent.awk" <<'AWK'
BEGIN {FS = "\t"}
{split($1, r, "-"); first[NR] = r[1] + 0; last[NR] = (r[2] ? r[2] : r[1]) + 0
 transport[NR] = $2; kind[NR] = $4; row[NR] = $0; said[NR] = $9 ~ /no lawful user found/}
END {
	for (i = 1; i <= NR; i++) {
		if (kind[i] != "malware")
			continue
		users = 0
		for (k = 1; k <= NR; k++)
			users += kind[k] != "malware" && first[k] <= last[i] && first[i] <= last[k] &&
				(transport[k] == transport[i] || transport[k] == "any" || transport[i] == "any")
		if (!users != said[i])
			print row[i]
	}
}
AWK
is "$(awk -f "$tmp/innocent.awk" "$facts")" "" "malware says when nobody lawful was found on its number, and only then"

# What a product needs to be known everywhere: program or script, package, unit, protocol, scope,
# authentication, and a number.
at_least "$(awk -F'\t' 'NR == FNR {port[$3]; next} ($3 != "-" || $6 != "-") && $4 != "-" && $5 != "-" &&
	$7 != "-" && $9 != "-" && $10 != "-" && $1 in port' "$facts" "$products" | wc -l)" 300 "products in all columns"

is "$(awk -F'\t' '$5 == "package" && $10 !~ /^(deb|npm):/ || $10 ~ /^(deb|npm):/ && $5 != "package"' "$facts")" "" \
	"what was read in a package is of grade package, and nothing else"
is "$(awk -F'\t' '$9 == "-"' "$facts")" "" "every fact says what it is there for"

tables=("$data"/practice/*.tsv "$data"/products/*.tsv "$data"/platform/*.tsv "$data"/evidence/*.tsv)
cells=("${tables[@]}" "$data/README.md")
is "$(grep -nEi '://([a-z0-9-]+\.)*(debian\.org|npmjs\.com)' "${cells[@]}" "$data"/iana/*)" "" \
	"packages are named, not linked"
is "$(grep -nEi '://[^ 	]*(wikipedia|wiktionary|fandom|stackexchange|stackoverflow|superuser|serverfault|askubuntu|nmap\.org|/nmap/nmap|firewalld|selinux-policy|speedguide)' \
	"${tables[@]}")$(grep -nEi 'nmap-services|/etc/services|cc[- ]by[- ]sa' "${tables[@]}")" "" \
	"nothing from tables under licences that would bind this one"
# A unit may be called tor@default.service.
is "$(grep -nEo '[[:alnum:]._%+-]+@[[:alnum:]-]+(\.[[:alnum:]-]+)*\.[[:alpha:]]{2,}' "${cells[@]}" "$data"/iana/*.tsv |
	grep -vE '\.(service|socket|scope|slice)$')" "" "no mailbox"
# The registry names its contacts First_Last in brackets, and links them with mailto.
is "$(grep -nE '\[[A-Z][a-z]+_[A-Z][A-Za-z_]+[0-9]*\]|mailto:|people/' "$data"/iana/*.tsv)" "" "no person"
is "$(LC_ALL=C grep -nP '[^\t\x20-\x7e\x80-\xff]|[ ]$|\t$|\r' "${tables[@]}")" "" "no stray blank or control"

# What a protocol can call a product by: slugs in the tables and calls of src/proto. A table of
# another form than the two known ones is said, not skipped.
cat >"$tmp/slugs.py" <<'PYTHON'
import pathlib, re, sys
TEXT = r'"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*'
SLUG = r'"([a-z0-9][a-z0-9+.-]*)"'
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.c")):
    code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    calls = re.findall(r"proto_set_product\(facts, (.*?)\);", code, flags=re.S)
    found = [slug for call in calls for slug in re.findall(SLUG, call)]
    tables = re.findall(r"struct (words_product|row) (?:products|rows)\[\] = \{(.*?)\n\s*\};", code, flags=re.S)
    for kind, table in tables:
        before = TEXT if kind == "words_product" else rf"(?:NULL|{TEXT}),\s*{TEXT}"
        rows = re.findall(rf"\{{\s*{before},\s*{SLUG}", table)
        if len(rows) != len(re.findall(r'\{\s*(?:NULL|")', table)):
            print("a-table-that-cannot-be-read", path.name)
        found += rows
    if "words_product(" in code and not tables and path.name != "words.c":
        print("a-table-that-cannot-be-found", path.name)
    for slug in found:
        print(slug, path.name)
PYTHON
cut -f1 "$products" | sort -u >"$tmp/described"
python3 "$tmp/slugs.py" "$top/src/proto" | sort -u >"$tmp/named"
at_least "$(cut -d' ' -f1 "$tmp/named" | sort -u | wc -l)" 150 "products that protocols name"
is "$(join -v1 "$tmp/named" "$tmp/described")" "" "each product that a protocol names has a row in data/products"
printf 'static const struct words_product products[] = {\n\t{"X ", "no-such", NULL},\n};\n' >"$tmp/x.c"
is "$(python3 "$tmp/slugs.py" "$tmp" | sort -u | join -v1 - "$tmp/described")" "no-such x.c" "and one without would be seen"

# A table that is wrong is refused with its place.
mkdir -p "$tmp/tree"
cp -r "$data" "$tmp/tree/data"
header=$(grep -m1 '^port' "$data/practice/server.tsv")
good="99	tcp	nginx	common	primary	any	default	-	here	https://example.org/	2026-11-21"
refused()
{
	printf '%s\n%b\n' "$header" "$1" >"$tmp/tree/data/practice/zz.tsv"
	run "$mapgen" --source "$tmp/tree" --check
	like "$err" "$2" "$3"
}
refused "${good/https:\/\/example.org\//-}" '^data/practice/zz.tsv:2: no source' "refused: a fact without source"
refused "${good/primary/rumour}" "^data/practice/zz.tsv:2: unknown grade 'rumour'" "refused: an unknown grade"
refused "$good\n$good" '^data/practice/zz.tsv:3: duplicate of' "refused: a fact that stands there twice"
refused "${good/99/65536}" "^data/practice/zz.tsv:2: port '65536' is out of range" "refused: a port out of range"
refused "${good/nginx/no-such}" "no row of products describes 'no-such'" "refused: a product that no row describes"
refused "${good/2026-11-21/2026-02-30}" "^data/practice/zz.tsv:2: bad date" "refused: a day that never was"
done_testing
