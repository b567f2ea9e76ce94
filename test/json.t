#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# json: another parser reads what our writer writes, and gets every byte back (U+EFNN stands for
# the byte NN that was not part of a valid character).
set -u
build=${BUILD:-build}
unit=$build/test/unit-base-json
[ -x "$unit" ] || unit=$build/unit-base-json

if [ ! -x "$unit" ]; then
	echo "1..0 # SKIP $unit is not built"
	exit 0
fi
document=$(mktemp) || exit 1
trap 'rm -f "$document"' EXIT
"$unit" --round-trip >"$document" || echo "Bail out! $unit --round-trip failed"

if python3 -m json.tool "$document" >/dev/null; then
	echo "ok 1 - python3 -m json.tool takes the document"
else
	echo "not ok 1 - python3 -m json.tool takes the document"
fi
python3 - "$document" <<'PYTHON'
import json
import sys

with open(sys.argv[1], "rb") as f:
    raw = f.read()
items = json.loads(raw.decode("utf-8"))


def back(text):
    """The bytes that the string stands for."""
    out = b""
    for c in text:
        code = ord(c)
        out += bytes([code & 0xFF]) if 0xEF80 <= code <= 0xEFFF else c.encode("utf-8")
    return out


wrong = [i for i in items if back(i["text"]).hex() != i["hex"]]
print(f"{'not ' if wrong else ''}ok 2 - {len(items)} strings come back byte for byte")
for item in wrong[:3]:
    print(f"# {item!r} came back as {back(item['text']).hex()}")
control = [b for b in raw[:-1] if b < 0x20 or b == 0x7F]
print(f"{'not ' if control else ''}ok 3 - no control byte in the document")
print("1..3")
sys.exit(bool(wrong or control))
PYTHON
