#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Listings that other systems' tools print (test/data/foreign, host data invented in their published
# form): the same rules, pages and documents as for this machine.
. "$(dirname "$0")/lib.sh"
for file in windows-netstat macos-lsof freebsd-sockstat; do
	run "$PERIPLUS" --json --replay "$top/test/data/foreign/$file.txt"
	is "$status" 0 "$file is read"
	cp "$tmp/out" "$tmp/$file.json"
	is "$(python3 "$top/test/schemas.py" host "$tmp/$file.json" 2>&1)" "" "its document is of the schema"
	is "$(json "$tmp/$file.json" '[l["server"]["port"] for l in d["listeners"] if l["periplus"]["verdict"] == "unexpected"]')" \
		"[]" "nothing innocent is unexpected"
done
# products FILE: "port product who" of what was recognised
products()
{
	json "$tmp/$1.json" '" ".join(sorted({"%d:%s" % (l["server"]["port"], l["periplus"]["product"]) for l in d["listeners"] if l["periplus"]["product"]}))'
}
like " $(products windows-netstat) " ' 135:windows-rpc .*3389:windows-rdp 445:windows-smb ' "services of svchost.exe and drivers"
like " $(products windows-netstat) " ' 6379:redis ' "a program that Linux knows without .exe"
like " $(products windows-netstat) " ' 5353:windows-dns-client ' "a service of svchost.exe by its own name"
printf '  TCP    0.0.0.0:%s    0.0.0.0:0    LISTENING    7\n  %s\n [svchost.exe]\n' 4444 TermService 135 OtherSvc >"$tmp/svchost"
run "$PERIPLUS" --json --replay "$tmp/svchost"
cp "$tmp/out" "$tmp/svchost.json"
is "$(products svchost)" "4444:windows-rdp" "neither svchost.exe nor a number makes another service one that is known"
like " $(products macos-lsof) " ' 5000:airplay-receiver .*7000:airplay-receiver ' "AirPlay's two numbers"
like " $(products freebsd-sockstat) " ' 80:nginx ' "FreeBSD's nginx"

windows=$top/test/data/foreign/windows-netstat.txt
run "$PERIPLUS" 135 --replay "$windows"
like "$out" '^135/tcp  taken by RpcEptMapper \(Windows RPC endpoint mapper\)' "a page names the service"
like "$out" 'svchost.exe, pid 1012' "and its process"
unlike "$out" 'periplus (stop|snapshot|reserve)|sudo' "no command is advised that Windows has not"
run "$PERIPLUS" 445 --replay "$windows"
like "$out" 'System, pid 4, user SYSTEM' "the kernel"
run "$PERIPLUS" 7000 --replay "$top/test/data/foreign/macos-lsof.txt"
like "$out" '^7000/tcp  taken by ControlCenter \(macOS AirPlay Receiver\)' "AirPlay's page"
for port in 5000 7000; do
	run "$PERIPLUS" why $port --replay "$top/test/data/foreign/macos-lsof.txt"
	is "$status" 0 "why $port on a Mac"
	like "$out" "[*0]:$port, ControlCenter, pid 612" "names who waits"
	like "$(tr -s ' \n' ' ' <"$tmp/out")" 'macOS AirPlay Receiver: .*off: System Settings > General > AirDrop & Handoff > AirPlay Receiver' "and how it is switched off"
	unlike "$out" 'tried|periplus (stop|reserve)' "nothing was tried, and no command is advised that macOS has not"
done
run "$PERIPLUS" why 5000 --json --replay "$top/test/data/foreign/macos-lsof.txt"
cp "$tmp/out" "$tmp/why.json"
is "$(python3 "$top/test/schemas.py" why "$tmp/why.json" 2>&1)" "" "its document is of the schema"
is "$(json "$tmp/why.json" '[(c["cause"], c["product"]) for c in d["periplus"]["causes"]]')" '[["listener", "airplay-receiver"]]' "with cause and product"
run "$PERIPLUS" why 5001 --replay "$top/test/data/foreign/macos-lsof.txt"
like "$out" 'nobody held it when this was recorded' "of a free number no more is said than is known"
run "$PERIPLUS" why 22 --replay "$top/test/data/foreign/freebsd-sockstat.txt"
like "$out" 'a program waits there, on every address' "a recording of FreeBSD likewise"
run "$PERIPLUS" --replay "$top/test/data/foreign/freebsd-sockstat.txt"
like "$out" '2049/tcp .*\(the kernel\)' "a socket without process is the kernel's"
run "$PERIPLUS" --replay "$top/README.md"
is "$status" 69 "another file is refused"
like "$err" "README.md' is no listing that is known" "by name"
printf '  TCP    0.0.0.0:1    0.0.0.0:0    LISTENING    7\n  TCP    0.0.0.0:2    0.0.0.0:0    8\n' >"$tmp/cut"
run "$PERIPLUS" --replay "$tmp/cut"
is "$status" 69 "and a damaged one"
like "$err" "line 2 is not what 'netstat -abno' prints" "with its line"
done_testing
