#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The translations: every text that tools/texts finds has one in each language, none is left of texts that are gone, and
# each has the same {1} to {9} and the same %. `tools/texts update` adds new texts to po/*.po. In the sources whose
# sentences are translated, nothing is said to a person unmarked.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1
command -v xgettext >/dev/null && command -v msgfmt >/dev/null || skip_all "no gettext tools"
tools/texts pot "$tmp/now.pot" 2>"$tmp/err"
is "$(cat "$tmp/err")" "" "the texts are found, and are ASCII"
# Those that hold tables of others' words: names of interpreters, what other systems' tools print, bash.
is "$(python3 test/unmarked.py $(tools/texts sources | grep -vE '\.h$|/(completion|dpkg|foreign_[a-z]*|json|make_standing|ota_error|script|serve_scan)\.c$'))" "" "and no sentence is said without being marked"
printf 'void say(void)\n{\n\tbuf_print(b, "nobody is %%s here", name);\n\tbuf_str(b, _("marked " "twice"));\n}\n' >"$tmp/say.c"
is "$(python3 test/unmarked.py "$tmp/say.c")" "$tmp/say.c:3: buf_print(\"nobody is %s here\")" "one that is not would be found"
for po in po/*.po; do
	run msgfmt --check-format --check-domain -o "$tmp/$(basename "$po").mo" "$po"
	is "$status $err" "0 " "$po is well formed"
	is "$(sed -n 's/^"Language: \(.*\)\\n"$/po\/\1.po/p' "$po")" "$po" "$po is in the language of its name"
	run msgcmp "$po" "$tmp/now.pot"
	is "$status $err" "0 " "$po has every text, and none is uncertain"
	is "$(msgattrib --only-obsolete "$po")" "" "$po keeps nothing that is gone"
	python3 - "$po" "$tmp/now.pot" >"$tmp/out" <<'P'
import re, sys
def texts(path):
    """msgid -> [its forms, its translations], of one .po file"""
    found, key, text = {}, None, None
    entry = {}
    def close():
        if entry.get("msgid"):
            found[entry["msgid"]] = dict(entry)
        entry.clear()
    for line in open(path, encoding="utf-8").read().splitlines() + [""]:
        match = re.match(r'(msg\w+(?:\[\d\])?) "(.*)"$', line)
        if match:
            if match[1] == "msgid":
                close()
            key = match[1]
            entry[key] = match[2]
        elif line.startswith('"'):
            entry[key] += line[1:-1]
    close()
    return found
def directives(text, is_sorted):
    pattern = r"%(?:\d+\$)?([-+#0]*(?:\d+|\*)?(?:\.(?:\d+|\*)(?:\d+\$)?)?(?:<\w+>|(?:hh|h|ll|l|z|j|t)?[a-zA-Z%]))"
    found = [re.sub(r"\d+\$", "", one) for one in re.findall(pattern, text)]
    return sorted(found) if is_sorted else found
now = texts(sys.argv[2])
for text, entry in texts(sys.argv[1]).items():
    if text not in now:
        print("gone:", text)
    wanted = set(re.findall(r"\{\d\}", text))
    for key, value in entry.items():
        # a translation may leave out no part, and invent none
        if key.startswith("msgstr") and set(re.findall(r"\{[^}]*\}", value)) != wanted:
            print("parts:", text, "->", value)
        # a translation that puts values in another order says so: %2$s; msgfmt checks their types
        if key.startswith("msgstr") and directives(value, "$" in value) != directives(text, "$" in value):
            print("directives:", text, "->", value)
P
	is "$(cat "$tmp/out")" "" "$po has the parts of each text, and no text that is gone"
done
is "$(sed -n 's/.*CATALOGUE(\([a-zA-Z_]*\))}.*/\1/p' src/serve/tongue.c | sort | tr '\n' ' ')" \
	"$(printf '%s\n' po/*.po | sed 's|po/||;s|\.po||' | sort | tr '\n' ' ')" "every translation is a language of the pages"

# The program itself, where only C.UTF-8 is installed. JSON and --plain are the same in every language.
cat >"$tmp/width.py" <<'P'
import unicodedata
def columns(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
P
cat >"$tmp/columns.py" <<'P'
import sys
from width import columns
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
n = next(i for i, line in enumerate(lines) if line.startswith("22"))
head, row = lines[n - 1], lines[n]
print(columns(head[:-len(head.split(None, 1)[1])]) == columns(row[:row.index("ssh")]))
P
cat >"$tmp/blocks.py" <<'P'
import re, sys
from width import columns
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
begins = {columns(m[0]) for m in (re.match(r"  (?:\S+(?: \S+)? {2,}| {8,})", line) for line in lines[1:] if line) if m}
print(len(begins) == 1, max(map(columns, lines)) <= int(sys.argv[2]), not any("…" in line for line in lines[1:]))
P
cat >"$tmp/plan.py" <<'P'
import re, sys
from width import columns
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
print(len({columns(m[0]) for m in (re.match(r"\S+(?: \S+)? {2,}", line) for line in lines) if m}) if len(lines) > 3 else lines)
P
if [ -e "$BUILD/po/cs/LC_MESSAGES/periplus.mo" ]; then
	like "$(LANGUAGE=cs "$PERIPLUS" look nosuchname)" '"nosuchname": v mapě nic$' "the program speaks Czech"
	like "$(LANGUAGE=zh_TW "$PERIPLUS" look nosuchname)" '"nosuchname": 地圖中沒有$' "and Chinese"
	like "$("$PERIPLUS" --lang de look nosuchname)" '"nosuchname": nichts in der Karte$' "--lang asks for a language"
	like "$(LC_ALL=cs_CZ.UTF-8 "$PERIPLUS" look nosuchname)" '"nosuchname": v mapě nic$' "a locale that is not installed names one too"
	like "$(LC_ALL=C LANGUAGE=cs "$PERIPLUS" look nosuchname)" '"nosuchname": nothing in the map$' "where it could not be shown there is none"
	is "$(LANGUAGE=ru "$PERIPLUS" look --json ssh)" "$("$PERIPLUS" look --json ssh)" "JSON is never translated"
	is "$(LANGUAGE=ru "$PERIPLUS" look --plain ssh)" "$("$PERIPLUS" look --plain ssh)" "nor is --plain"
	seen="$top/test/data/foreign/windows-netstat.txt"
	like "$(LANGUAGE=cs "$PERIPLUS" 135 --replay "$seen")" 'drží ho .* a +\[PP201\]' "a rule gives its reason in Czech"
	like "$("$PERIPLUS" 135 --replay "$seen" --json)" 'nobody has claimed it' "a rule's reason is in the document"
	run env LANGUAGE=de "$PERIPLUS" 70000
	is "$status $err" "64 periplus: der Port „70000“ liegt außerhalb des Bereichs: Ports enden bei 65535" "an error is told in German"
	run env LANGUAGE=de "$PERIPLUS" pick --json --near x
	is "$status $err" "64 periplus: 'x' is not a port from 1 to 65535" "in English where a program reads"
	if [ -x "$BUILD/periplus-ota" ]; then
		run env LANGUAGE=ru "$PERIPLUS" ota list --timeout x
		is "$err" "periplus: --timeout — число от 1 до 3600, а не «x»" "a program of libexec is told in Russian"
		run env LANGUAGE=ru "$PERIPLUS" ota list --timeout x --json
		is "$err" "periplus: --timeout is a number from 1 to 3600, not 'x'" "and in English where a program reads"
	else
		skip 2 "no libcrypto: no periplus-ota"
	fi
	for language in cs de ru zh_TW ar; do
		LANGUAGE=$language "$PERIPLUS" scan 127.0.0.1 -p 1-9 --dry-run >"$tmp/plan"
		is "$(python3 "$tmp/plan.py" "$tmp/plan")" 1 "the plan of a scan stands in one column ($language)"
	done
	like "$(LANGUAGE=zh_TW "$PERIPLUS" why -h)" '^用法：periplus why' "and usage in Chinese"
	for language in cs de ru zh_TW ar; do
		LANGUAGE=$language "$PERIPLUS" look ssh >"$tmp/look"
		is "$(python3 "$tmp/columns.py" "$tmp/look")" True "headings stand over their columns ($language)"
		is "$(LANGUAGE=$language "$PERIPLUS" 135 --replay "$seen" --json | sed 's/"took[^,]*//')" \
			"$("$PERIPLUS" 135 --replay "$seen" --json | sed 's/"took[^,]*//')" "and there it is English ($language)"
		LANGUAGE=$language COLUMNS=80 "$PERIPLUS" 135 --replay "$seen" >"$tmp/port"
		is "$(python3 "$tmp/blocks.py" "$tmp/port" 80)" "True True True" "blocks stand in one column and nothing is cut ($language)"
	done
	LANGUAGE=zh_TW COLUMNS=40 "$PERIPLUS" help PP330 >"$tmp/help"
	is "$(python3 "$tmp/blocks.py" "$tmp/help" 40 | cut -d' ' -f2-)" "True True" "a language without blanks is wrapped too"
else
	skip 35 "no msgfmt: the program speaks English"
fi
done_testing
