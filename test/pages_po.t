#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The translations: every text of src/serve, and of the first sentences of the program, has one in each
# language, none is left of texts that are gone, and each has the same {1} to {9} and the same %. Texts are updated with
# `xgettext` as below and `msgmerge --no-fuzzy-matching`.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1
command -v xgettext >/dev/null && command -v msgfmt >/dev/null || skip_all "no gettext tools"
xgettext --from-code=UTF-8 --language=C --keyword= --keyword=N_ --keyword=say_count:2,3 --keyword=PLACE:2 \
	-o "$tmp/pages.pot" src/serve/*.c src/serve/*.list 2>"$tmp/err"
# Of the program, what a person reads first: the listing of this host, the look-up, what comes next.
program=(src/out/{next,page,text_event,text_host,text_look,who}.c src/verdict/judge.c)
xgettext --from-code=UTF-8 --language=C --keyword= --keyword=_ --keyword=N_ --keyword=dngettext:2,3 \
	-o "$tmp/program.pot" "${program[@]}" 2>>"$tmp/err"
msgcat --use-first -o "$tmp/now.pot" "$tmp/pages.pot" "$tmp/program.pot" 2>>"$tmp/err"
is "$(cat "$tmp/err")" "" "the texts are found, and are ASCII"
for po in po/*.po; do
	run msgfmt --check-format --check-domain -o "$tmp/$(basename "$po").mo" "$po"
	is "$status $err" "0 " "$po is well formed"
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
now = texts(sys.argv[2])
for text, entry in texts(sys.argv[1]).items():
    if text not in now:
        print("gone:", text)
    wanted = set(re.findall(r"\{\d\}", text))
    for key, value in entry.items():
        # a translation may leave out no part, and invent none
        if key.startswith("msgstr") and set(re.findall(r"\{[^}]*\}", value)) != wanted:
            print("parts:", text, "->", value)
        directive = r"%[-+ #0]*[\d.*]*(?:hh|h|ll|l|z|j|t)?[a-zA-Z]"
        if key.startswith("msgstr") and re.findall(directive, value) != re.findall(directive, text):
            print("directives:", text, "->", value)
P
	is "$(cat "$tmp/out")" "" "$po has the parts of each text, and no text that is gone"
done
is "$(sed -n 's/.*CATALOGUE(\([a-zA-Z_]*\))}.*/\1/p' src/serve/tongue.c | sort | tr '\n' ' ')" \
	"$(printf '%s\n' po/*.po | sed 's|po/||;s|\.po||' | sort | tr '\n' ' ')" "every translation is a language of the pages"

# The program itself, where only C.UTF-8 is installed. JSON and --plain are the same in every language.
cat >"$tmp/columns.py" <<'P'
import sys, unicodedata
def columns(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
n = next(i for i, line in enumerate(lines) if line.startswith("22"))
head, row = lines[n - 1], lines[n]
print(columns(head[:-len(head.split(None, 1)[1])]) == columns(row[:row.index("ssh")]))
P
if [ -e "$BUILD/po/cs/LC_MESSAGES/periplus.mo" ]; then
	like "$(LANGUAGE=cs "$PERIPLUS" look nosuchname)" '"nosuchname": v mapě nic$' "the program speaks Czech"
	like "$(LANGUAGE=zh_TW "$PERIPLUS" look nosuchname)" '"nosuchname": 地圖中沒有$' "and Chinese"
	like "$("$PERIPLUS" --lang de look nosuchname)" '"nosuchname": nichts in der Karte$' "--lang asks for a language"
	like "$(LC_ALL=cs_CZ.UTF-8 "$PERIPLUS" look nosuchname)" '"nosuchname": v mapě nic$' "a locale that is not installed names one too"
	like "$(LC_ALL=C LANGUAGE=cs "$PERIPLUS" look nosuchname)" '"nosuchname": nothing in the map$' "where it could not be shown there is none"
	is "$(LANGUAGE=ru "$PERIPLUS" look --json ssh)" "$("$PERIPLUS" look --json ssh)" "JSON is never translated"
	is "$(LANGUAGE=ru "$PERIPLUS" look --plain ssh)" "$("$PERIPLUS" look --plain ssh)" "nor is --plain"
	for language in cs de ru zh_TW ar; do
		LANGUAGE=$language "$PERIPLUS" look ssh >"$tmp/look"
		is "$(python3 "$tmp/columns.py" "$tmp/look")" True "headings stand over their columns ($language)"
	done
else
	skip 12 "no msgfmt: the program speaks English"
fi
done_testing
