#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The translations of the pages: every text of src/serve has one in each language, none is left of
# texts that are gone, and each has the same {1} to {9}. Texts are updated with
# `xgettext` as below and `msgmerge --no-fuzzy-matching`.
. "$(dirname "$0")/lib.sh"
cd "$top" || exit 1
command -v xgettext >/dev/null && command -v msgfmt >/dev/null || skip_all "no gettext tools"
xgettext --from-code=UTF-8 --language=C --keyword= --keyword=N_ --keyword=say_count:2,3 --keyword=PLACE:2 \
	-o "$tmp/now.pot" src/serve/*.c src/serve/*.list 2>"$tmp/err"
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
P
	is "$(cat "$tmp/out")" "" "$po has the parts of each text, and no text that is gone"
done
is "$(sed -n 's/.*CATALOGUE(\([a-zA-Z_]*\))}.*/\1/p' src/serve/tongue.c | sort | tr '\n' ' ')" \
	"$(printf '%s\n' po/*.po | sed 's|po/||;s|\.po||' | sort | tr '\n' ' ')" "every translation is a language of the pages"
done_testing
