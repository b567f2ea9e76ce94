#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A scan that is ordered by the API: only inside of /etc/periplus/scopes, one at a time, with the token,
# as `periplus scan` finds it, and ended when nobody waits for it any more.
. "$(dirname "$0")/../lib.sh"
[ -x "$BUILD/periplus-serve" ] || skip_all "no libmicrohttpd: periplus-serve is not in this build"
command -v curl >/dev/null || skip_all "no curl"
in_namespace "$@"
own_state
mount -t tmpfs none /etc

# The far side: a namespace with two listeners, behind a veth pair.
far_side
ip addr add 198.18.0.1/24 dev near
"${far[@]}" ip addr add 198.18.0.2/24 dev far
"${far[@]}" ip addr add 198.18.0.9/24 dev far
mkdir "$tmp/far"
spawn "${far[@]}" python3 "$here/net/scan.py" listen "$tmp/far" 198.18.0.2:1025 198.18.0.9:3476
wait_for 60 test -e "$tmp/far/ready"
ok $? "somebody listens"

"$PERIPLUS" serve --listen 127.0.0.1:8010 >"$tmp/serve.out" 2>"$tmp/serve.err" &
server=$!
spawned+=("$server")
wait_for 60 grep -q . "$tmp/serve.out"
ok $? "the server starts"
token=$(sed -n 's/.*#token=//p' "$tmp/serve.out")
url=http://127.0.0.1:8010/api/v1/scan
bearer=(-H "Authorization: Bearer $token")
json=(-H "Content-Type: application/json")

# order ARGUMENTS...: the status alone; the answer is in $tmp/answer
order()
{
	curl -s -m 300 -o "$tmp/answer" -w '%{http_code}' "$@" "$url"
}

# --- whom it may ask -----------------------------------------------------------------------------
is "$(order "${bearer[@]}" "${json[@]}" -d '{"targets":["198.18.0.2"]}')" 403 "without scopes nobody, not even a neighbour"
like "$(cat "$tmp/answer")" "'198.18.0.2' is outside of the networks that may be scanned: no network; if it is yours to scan, add its network to /etc/periplus/scopes" \
	"it names the address, the scope and the remedy"
is "$(json "$tmp/answer" '[d["type"], d["title"], d["status"]]')" '["about:blank", "Forbidden", 403]' "as a problem (RFC 9457)"
mkdir /etc/periplus
echo '198.18.0.2/31 127.0.0.0/8 169.254.0.0/16 ::1 fe80::/10' >/etc/periplus/scopes
for wrong in 198.18.0.9 198.18.0.0/24 198.18.0.3-4 127.0.0.1 ::1 ::ffff:127.0.0.1 169.254.169.254 fe80::1 near lo; do
	is "$(order "${bearer[@]}" "${json[@]}" -d '{"targets":["198.18.0.2", "'$wrong'"],"ports":"1025"}')" 403 "$wrong is refused, and all with it"
done
echo '198.18.0.0/24 nonsense' >/etc/periplus/scopes
is "$(order "${bearer[@]}" "${json[@]}" -d '{"targets":["198.18.0.2"]}')" 503 "a list that is none"
like "$(cat "$tmp/answer")" "/etc/periplus/scopes:1: 'nonsense' is not a network" "is named"
echo 198.18.0.0/24 >/etc/periplus/scopes

# --- who may ask ---------------------------------------------------------------------------------
good='{"targets":["198.18.0.2","198.18.0.9"],"ports":"1020-1030,3476","rate":400,"identify":false}'
is "$(order "${json[@]}" -d "$good")" 401 "the token is wanted"
is "$(order "${bearer[@]}" -d "$good")" 415 "and JSON"
is "$(order "${bearer[@]}" "${json[@]}" -H 'Origin: http://evil.example' -d "$good")" 403 "no foreign page"
is "$(order "${bearer[@]}" "${json[@]}" -H 'Host: rebound.example:8010' -d "$good")" 421 "no rebound name"
is "$(order "${bearer[@]}")" 405 "GET changes nothing"
for wrong in '{}' '{"targets":["@/etc/passwd"]}' '{"targets":["--yes"]}' '{"targets":["198.18.0.2"],"scope":"0.0.0.0/0"}' \
	'{"targets":["198.18.0.2"],"rate":501}' '{"targets":["198.18.0.2"],"ports":"nosuchservice"}'; do
	is "$(order "${bearer[@]}" "${json[@]}" -d "$wrong")" 400 "no order: $wrong"
done
like "$(cat "$tmp/answer")" "nosuchservice" "what the scan did not understand is named"

# --- what it finds -------------------------------------------------------------------------------
is "$(order "${bearer[@]}" "${json[@]}" -d "$good")" 200 "a scan"
ports='[[p["server"]["address"], p["server"]["port"]] for p in d["ports"]]'
is "$(json "$tmp/answer" "$ports")" '[["198.18.0.2", 1025], ["198.18.0.9", 3476]]' "what listens, and nothing else"
cp "$tmp/answer" "$tmp/document"
"$PERIPLUS" scan --only-scopes --json 198.18.0.2 198.18.0.9 -p 1020-1030,3476 --rate 400 --no-identify >"$tmp/own"
same='[[p["server"], p["network"], p["periplus"]["verdict"]] for p in d["ports"]]'
is "$(json "$tmp/document" "$same")" "$(json "$tmp/own" "$same")" "the same objects as of periplus scan --json"
is "$(order "${bearer[@]}" "${json[@]}" -H 'Accept: application/x-ndjson' -D "$tmp/head" -d "$good")" 200 "the same as lines"
like "$(cat "$tmp/head")" '^Content-Type: application/x-ndjson' "of their type"
is "$(python3 -c 'import json, sys
lines = [json.loads(line)["periplus"] for line in open(sys.argv[1])]
print(len(lines), "summary" in lines[-1])' "$tmp/answer")" "3 True" "two ports, and the summary"

# --- one at a time, and for somebody -------------------------------------------------------------
slow='{"targets":["198.18.0.3-250"],"ports":"1-100","rate":1}'
scans()
{
	local pid
	for pid in $(cat "/proc/$server/task/$server/children"); do
		tr '\0' ' ' <"/proc/$pid/cmdline"
	done | grep -o ' scan --only-scopes '
}
none_scans()
{
	! scans
}
spawn curl -s -m 600 -o /dev/null "${bearer[@]}" "${json[@]}" -d "$slow" "$url"
waiting=$spawned_pid
wait_for 120 scans
ok $? "a long one begins"
is "$(order "${bearer[@]}" "${json[@]}" -d "$good")" 429 "another one has to wait"
like "$(cat "$tmp/answer")" "one scan at a time" "and is told why"
is "$(curl -s -m 60 -o /dev/null -w '%{http_code}' http://127.0.0.1:8010/22)" 200 "pages are served meanwhile"
kill "$waiting"
wait_for 120 none_scans
ok $? "it is ended when its client is gone"
again()
{
	[ "$(order "${bearer[@]}" "${json[@]}" -d "$good")" = 200 ]
}
wait_for 120 again
ok $? "then the next may come"
spawn curl -s -m 600 -o /dev/null "${bearer[@]}" "${json[@]}" -H 'Accept: application/x-ndjson' -d "$slow" "$url"
wait_for 120 scans
ok $? "a long one again"
kill -TERM "$server"
wait "$server"
is $? 0 "the server ends all the same"
like "$(cat "$tmp/serve.err")" 'POST 200 [0-9]+ /api/v1/scan$' "orders are in the log"

"$PERIPLUS" serve --public --listen 127.0.0.1:8010 >"$tmp/public.out" 2>/dev/null &
server=$!
spawned+=("$server")
wait_for 60 grep -q . "$tmp/public.out"
is "$(order "${json[@]}" -d "$good")" 404 "a public server scans for nobody"
kill -TERM "$server"
wait "$server"
done_testing
