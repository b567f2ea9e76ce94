#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The program for Windows, built as `make windows` does and run by wine: it lists a real listener of
# wine with its owner, in documents of the same schemas as on Linux, and refuses what it has not. Wine
# lives in a namespace and a prefix of its own and ends with them.
. "$(dirname "$0")/../lib.sh"
wine=/usr/lib/wine/wine64
command -v x86_64-w64-mingw32-gcc >/dev/null || skip_all "gcc-mingw-w64-x86-64-win32 is not installed"
[ -x $wine ] || skip_all "wine64 is not installed"
in_namespace
# Wine's prefix takes 0.7 GB.
[ "$(df --output=avail -k "$tmp" | tail -1)" -gt 1500000 ] || skip_all "less than 1.5 GB is free in $tmp"

build=$BUILD-windows
(cd "$top" && CC=gcc tools/configure "$build" --cross-file tools/windows.ini -Dwerror=true -Dtests=false \
	-Dbpf=disabled && nice ninja -C "$build" --quiet) >"$tmp/build.log" 2>&1
ok $? "it builds without a warning" || sed 's/^/# /' "$tmp/build.log" | tail -40
x86_64-w64-mingw32-gcc -Wall -Wextra -Werror -static -o "$tmp/listener.exe" "$top/test/windows/listener.c" -lws2_32
ok $? "and so does a listener" || { done_testing; exit 1; }
x86_64-w64-mingw32-gcc -Wall -Wextra -Werror -static -o "$tmp/trust.exe" "$top/test/windows/trust.c" -lcrypt32
ok $? "and what takes a root among those that are trusted"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/key.pem" -out "$tmp/cert.pem" -days 30 -subj "/CN=Harbour Test" \
	-addext extendedKeyUsage=codeSigning -addext keyUsage=digitalSignature,keyCertSign 2>"$tmp/openssl.log" &&
	openssl x509 -in "$tmp/cert.pem" -outform der -out "$tmp/cert.der" &&
	osslsigncode sign -certs "$tmp/cert.pem" -key "$tmp/key.pem" -h sha256 -in "$tmp/listener.exe" -out "$tmp/signed.exe" >"$tmp/sign.log" 2>&1
ok $? "a copy of the listener is signed" || sed 's/^/# /' "$tmp/openssl.log" "$tmp/sign.log"
is "$(x86_64-w64-mingw32-objdump -p "$build/periplus.exe" | sed -n 's/.*DLL Name: //p' | tr 'A-Z' 'a-z' |
	grep -vE '^(advapi32|iphlpapi|kernel32|msvcrt|shell32|ws2_32)\.dll$')" "" "it needs only what Windows has"

export WINEPREFIX=$tmp/wine WINEDEBUG=-all HOME=$tmp/home WINEDLLOVERRIDES='winemenubuilder.exe,mscoree,mshtml='
unset DISPLAY WAYLAND_DISPLAY
mkdir -p "$WINEPREFIX" "$HOME"
timeout 300 $wine wineboot -i >"$tmp/wineboot.log" 2>&1
ok $? "wine makes its prefix" || { sed 's/^/# /' "$tmp/wineboot.log"; done_testing; exit 1; }

# windows ARGUMENT...: runs periplus.exe
windows()
{
	run timeout 120 $wine "$build/periplus.exe" "$@"
}

windows --version
is "$status" 0 "--version"
is "$out" "$("$PERIPLUS" --version)" "the same program with the same registry"
windows look 3232
is "$status" 0 "look"
is "$out" "$("$PERIPLUS" look 3232)" "says what it says on Linux"
windows nonsense
is "$status" 64 "no such command"
like "$err" "^periplus: 'nonsense' is not a command" "is named"
windows 65536
is "$status" 64 "no such port"
windows scan 127.0.0.1
is "$status" 69 "what only Linux has"
like "$err" "^periplus: 'periplus scan' works on Linux only" "says so"
windows stop 5037
is "$status" 69 "what only Linux ends"
like "$err" "^periplus: 'periplus stop' works on Linux only; 'taskkill /PID NUMBER' ends a program, 'sc stop NAME' a service" "is told how it is ended here"
windows --probe
is "$status" 69 "and --probe"

spawn $wine "$tmp/listener.exe" 5037 5353 8443 >"$tmp/listener.out" 2>&1
wait_for 120 grep -q ready "$tmp/listener.out"
ok $? "something listens" || sed 's/^/# /' "$tmp/listener.out"
windows
like "$out" "5037/tcp +\* +listener.exe " "text: TCP with its program"
like "$out" "5353/udp +lo +listener.exe " "UDP too"
windows --json
cp "$tmp/out" "$tmp/host.json"
is "$(python3 "$top/test/schemas.py" host "$tmp/host.json" 2>&1)" "" "--json is of the schema of Linux"
row='next(l for l in d["listeners"] if l["server"]["port"] == 5037)'
is "$(json "$tmp/host.json" "$row[\"process\"][\"name\"]")" listener.exe "its process"
like "$(json "$tmp/host.json" "$row[\"process\"][\"executable\"]")" '^Z:.*\\listener\.exe$' "its file, as Windows writes it"
like "$(json "$tmp/host.json" "$row[\"process\"][\"command_line\"]")" ' 5037 5353 8443$' "its arguments"
like "$(json "$tmp/host.json" "$row[\"process\"][\"user\"][\"name\"]")" '.' "its user"
is "$(json "$tmp/host.json" "$row[\"periplus\"][\"bind_scope\"]")" any "its scope"
is "$(json "$tmp/host.json" "$row[\"network\"]")" '{"transport": "tcp", "type": "ipv4"}' "its transport"
is "$(json "$tmp/host.json" 'sorted(l["server"]["port"] for l in d["listeners"])')" '[5037, 5353, 8443]' \
	"that is all there is"
windows 5037 --json
cp "$tmp/out" "$tmp/port.json"
is "$(python3 "$top/test/schemas.py" port "$tmp/port.json" 2>&1)" "" "a port's document likewise"
windows 5037
like "$out" '^5037/tcp  taken by listener.exe' "and its page"
unlike "$out" 'periplus (stop|snapshot)|sudo' "which advises no command that is Linux'"
windows why 8443
is "$status" 0 "why"
like "$out" 'a program waits there on one address' "names the cause"
unlike "$out" 'periplus stop|sudo' "and advises no command that is Linux'"
windows pick --near 8443 -q
is "$status" 0 "pick"
unlike "$out" '^8443$' "takes a free one"


is "$(json "$tmp/host.json" "$row[\"periplus\"][\"package\"]")" null "nobody has signed it"
spawn $wine "$tmp/signed.exe" 6001 6002 6003 >"$tmp/signed.out" 2>&1
wait_for 120 grep -q ready "$tmp/signed.out"
ok $? "the signed one listens" || sed 's/^/# /' "$tmp/signed.out"
windows 6001 --json
cp "$tmp/out" "$tmp/signed.json"
row='d["listeners"][0]'
is "$(json "$tmp/signed.json" "$row[\"periplus\"][\"package\"]")" null "a signature that leads to no trusted root is none"
run timeout 120 $wine "$tmp/trust.exe" "$tmp/cert.der"
is "$status" 0 "its root is trusted now" || cat "$tmp/err"
windows 6001 --json
cp "$tmp/out" "$tmp/signed.json"
is "$(json "$tmp/signed.json" "$row[\"periplus\"][\"package\"]")" "Harbour Test" "and its signer is named"
windows 6001
like "$out" 'signed.exe, signed by Harbour Test$' "on its page too"
windows 5037 --json
cp "$tmp/out" "$tmp/unsigned.json"
is "$(json "$tmp/unsigned.json" "$row[\"periplus\"][\"package\"]")" null "the other one stays without"

windows --json
cp "$tmp/out" "$tmp/host.json"
windows host --record "$tmp/recording"
windows --ndjson --replay "$tmp/recording"
is "$(grep -c '"port":5037' "$tmp/out")" 1 "a recording is written and read"
run "$PERIPLUS" --json --replay "$tmp/recording"
cp "$tmp/out" "$tmp/linux.json"
same='[(l["server"], l["process"], l["periplus"]["who"], l["periplus"]["verdict"]) for l in d["listeners"]]'
is "$(json "$tmp/linux.json" "$same")" "$(json "$tmp/host.json" "$same")" "and read on Linux, with the same rows and verdicts"
timeout 60 /usr/lib/wine/wineserver -k
done_testing
