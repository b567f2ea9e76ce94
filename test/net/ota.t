#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ota: push against boards that are true to the ESP cores or fail in one way each, listen against
# hosts that go about it as both espota.py do or are wrong in one way each, push against listen, and
# list against responders. ota.py holds the other sides. With ESPOTA=FILE, an unmodified espota.py
# uploads too.
. "$(dirname "$0")/../lib.sh"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
[ -x "$BUILD/periplus-ota" ] || skip_all "no libcrypto: periplus-ota is not in this build"
in_namespace "$@"
cd "$tmp" || exit 1

python3 -c 'open("fw.bin", "wb").write(b"\xe9" + bytes(i * 7 % 251 for i in range(19999)))'
python3 -c 'open("small.bin", "wb").write(b"\xe9" + bytes(99))'
printf 'secret\n' >pw
printf 'wrong\n' >bad
chmod 600 pw bad
digest=$(md5sum <fw.bin | cut -d' ' -f1)

# --- push ----------------------------------------------------------------------------------------
mkdir boards
spawn python3 "$here/net/ota.py" boards "$tmp/boards" 2>boards.log
wait_for 60 test -e boards/ports || skip_all "the boards did not start: $(tail -1 boards.log)"
at()
{
	sed -n "s/^$1 //p" boards/ports
}

# push KIND [OPTION...]: patiently, unless an option says otherwise
push()
{
	local kind=$1
	shift
	run timeout 600 "$PERIPLUS" ota push "${image:-fw.bin}" "127.0.0.1:$(at "$kind")" --timeout 60 --ndjson -q "$@"
}

# later KIND [OPTION...]: what can only be waited out runs beside the rest; `push_was` has its result
later()
{
	local kind=$1
	shift
	(
		timeout 600 "$PERIPLUS" ota push "${image:-fw.bin}" "127.0.0.1:$(at "$kind")" --ndjson -q "$@" >"later.$kind.out"
		echo $? >"later.$kind.new"
		mv "later.$kind.new" "later.$kind.status"
	) &
}

push_was()
{
	wait_for 600 test -e "later.$1.status"
	status=$(cat "later.$1.status")
	cp "later.$1.out" out
}

later loses-nonce --password-file pw --timeout 8 --retries 20
later silent --timeout 1 --retries 2
later no-call --timeout 15 --retries 0
image=small.bin
later drips --timeout 8 --retries 0
unset image

# what was uploaded, and by which password
uploaded()
{
	is "$status $(json out 'd["periplus"]["state"] + " " + d["periplus"]["auth"]')" "0 uploaded $2" "$3"
	ok "$(cmp -s "boards/$1.image" "${image:-fw.bin}"; echo $?)" "and the image arrived"
}

failed()
{
	is "$status $(json out 'd["periplus"]["state"] + " " + d["periplus"]["reason"]')" "$1 failed $2" "$3"
}

# valid SCHEMA FILE: FILE holds lines or one array
valid()
{
	python3 -c 'import jsonschema' 2>/dev/null || { skip 1 "no python3-jsonschema"; return; }
	is "$(python3 -W ignore -c 'import json, jsonschema, sys
schema = json.load(open(sys.argv[1]))
text = open(sys.argv[2]).read()
for d in json.loads(text) if text.startswith("[") else map(json.loads, text.splitlines()):
    for e in jsonschema.Draft202012Validator(schema).iter_errors(d):
        print(list(e.absolute_path), e.message)' "$top/schema/$1.schema.json" "$2" 2>&1 | head -3)" "" "its JSON is by the schema $1"
}

push plain
uploaded plain none "a board without password is uploaded to"
port=$(json out 'd["periplus"]["call_back_port"]')
is "$(cat boards/plain.heard)" "b'0 $port 20000 $digest\\n'" "one datagram was sent, exact to the byte"
push plain --filesystem --host-port 41003
valid ota_push out
is "$(tail -1 boards/plain.heard)" "b'100 41003 20000 $digest\\n'" "a file system is another command, and the port is as asked"
push md5 --password-file pw
uploaded md5 md5 "a password by MD5"
like "$(tail -1 boards/md5.heard)" "^b'200 [0-9a-f]{32} [0-9a-f]{32}\\\\n'\$" "with an answer exact to the byte"
push sha256 --password-file pw
uploaded sha256 sha256 "a password by PBKDF2 and SHA-256"
like "$(tail -1 boards/sha256.heard)" "^b'200 [0-9a-f]{64} [0-9a-f]{64}\\\\n'\$" "with an answer exact to the byte"
push keeps-md5 --password-file pw
uploaded keeps-md5 sha256-of-md5 "a board that keeps the MD5 of its password"
for kind in md5 sha256 keeps-md5; do
	push $kind --password-file bad
	failed 77 wrong-password "a wrong password is refused by $kind"
	push $kind
	failed 77 needs-password "without password $kind says that it needs one"
	is "$(tail -1 boards/$kind.heard)" "b'1\\n'" "and is not left waiting"
	push $kind --password-file pw
	is "$status" 0 "the next upload works"
done
run "$PERIPLUS" ota push fw.bin "127.0.0.1:$(at md5)" --password-file - <pw
is "$status $out" "0 127.0.0.1:$(at md5)  uploaded  20000 bytes, password by md5" "the password from standard input, and the line of a success"
chmod 644 pw
run "$PERIPLUS" ota push fw.bin "127.0.0.1:$(at md5)" --password-file pw
like "$err" "others can read 'pw': chmod 600 helps" "a password that others can read is remarked on"
chmod 600 pw
push loses-ok
uploaded loses-ok none "a call counts where the OK was lost"
push stranger
uploaded stranger none "a stranger's call is hung up on"
push dies-once
uploaded dies-once none "a board that dies midway is tried again"
push dies --retries 1
failed 75 lost "one that always dies is given up"
is "$(json out 'd["periplus"]["invitations"]')" 2 "after the retries that were asked for"
push refuses
failed 76 refused "a refusal by UDP is not tried again"
is "$(json out 'd["periplus"]["said"]')" "ERROR[4]: Not Enough Space" "with its text"
like "$(json out 'd["periplus"]["remedy"]')" "does not fit" "and what it means"
valid ota_push out
push damages
failed 76 device-error "a board that stored something else"
like "$(json out 'd["periplus"]["said"]')" '^ERROR\[7\]: MD5 verification failed' "says so"
push esp32
failed 76 device-error "the ESP32 core's text has no number"
like "$(json out 'd["periplus"]["remedy"]')" "no firmware image" "and its meaning is known"
push early
failed 76 bad-answer "OK before all was sent is no success"
push no-result
failed 75 lost "nor is a board that hangs up without a result"
is "$(grep -c "^b'0 " boards/no-result.heard)" 1 "and it is not uploaded to again"
push endless
failed 76 device-error "an endless text is cut"
is "$(json out 'len(d["periplus"]["said"])')" 200 "at 200 bytes"
push long
failed 76 bad-answer "an answer of 4000 bytes"
run "$PERIPLUS" ota push fw.bin "127.0.0.1:$(at hostile)" "127.0.0.1:$(at hostile-text)"
is "$status" 76 "hostile bytes are failures"
ok "$(printf '%s' "$out$err" | LC_ALL=C grep -q '[^ -~]' && [ "$(printf '%s\n' "$out" | wc -l)" = 2 ]; [ $? = 1 ]; echo $?)" \
	"and none of them reaches the terminal"
like "$out" '\\x1b\]0;owned\\x07' "they are shown escaped"
like "$out" '\\x1b\[2Jmagic' "in both kinds of answer"
run "$PERIPLUS" ota push fw.bin 127.0.0.1:1 --retries 0
is "$status $out" "69 127.0.0.1:1  failed    no answer: Connection refused" "a closed port is told as such"

hosts=()
for i in 0 1 2 3 4 5 6 7; do
	hosts+=("127.0.0.1:$(at together-$i)")
done
run timeout 600 "$PERIPLUS" ota push fw.bin "${hosts[@]}" --password-file pw --timeout 60 --json -q
is "$status $(json out '[len(d)] + sorted({r["periplus"]["state"] for r in d})')" '0 [8, "uploaded"]' \
	"eight boards, each of which waits for all others"
same=0
for i in 0 1 2 3 4 5 6 7; do
	cmp -s fw.bin "boards/together-$i.image" && same=$((same + 1))
done
is "$same" 8 "have the image"
is "$(json out '[r["server"]["port"] for r in d]')" "$(json <(printf '[%s]' "$(printf '%s\n' "${hosts[@]##*:}" | paste -sd,)") d)" \
	"and are shown in the order of the command line"
run "$PERIPLUS" ota push fw.bin "127.0.0.1:$(at plain)" "127.0.0.1:$(at refuses)" "127.0.0.1:$(at md5)" --plain
is "$status $(cut -f1,2 out | paste -sd' ' | tr '\t' ' ')" "77 uploaded none failed refused failed needs-password" \
	"one that fails does not stop the others, and the worst is the status"
if command -v script >/dev/null; then
	script -qec "timeout 600 '$PERIPLUS' ota push fw.bin 127.0.0.1:$(at plain) 127.0.0.1:$(at dies) --retries 0" /dev/null >tty </dev/null
	is "$?" 75 "on a terminal the status is the same"
	like "$(cat tty)" '\[=* *\] +[0-9]+ % [a-z]+' "and there is a bar for each"
	like "$(tr -d '\r' <tty | sed 's/\x1b\[[0-9]*[AJK]//g')" 'uploaded  20000 bytes' "and the result"
else
	skip 3 "no script(1) here"
fi

push_was loses-nonce
uploaded loses-nonce sha256 "a nonce that was lost: the board is freed and invited again"
is "$(sed -n 2p boards/loses-nonce.heard)" "b'1\\n'" "by the datagram that frees it"
push_was silent
failed 69 no-answer "a silent board"
is "$(grep -c "^b'0 " boards/silent.heard)" 3 "was invited three times"
push_was no-call
failed 69 no-call "a board that never calls back"

bad()
{
	local want=$1 pattern=$2
	shift 2
	run "$PERIPLUS" ota "$@"
	is "$status" "$want" "periplus ota $*: status $want"
	like "$err" "$pattern" "and one line says what helps"
}
: >empty
bad 64 "write 'periplus ota list'"
bad 64 "list, listen, push" frob
bad 64 "IMAGE HOST" push fw.bin
bad 66 "cannot read 'none.bin'" push none.bin 127.0.0.1
bad 65 "'empty' is empty" push empty 127.0.0.1
bad 66 "cannot read the password" push fw.bin 127.0.0.1 --password-file none
bad 65 "first line of 'empty'" push fw.bin 127.0.0.1 --password-file empty
bad 64 "the same device" push fw.bin 127.0.0.1 127.0.0.1:3232
bad 64 "no single device" push fw.bin 224.0.0.1
bad 64 "number from 1 to" push fw.bin 127.0.0.1 --port 0
bad 64 "is not for 'ota push'" push fw.bin 127.0.0.1 --once
bad 64 "use --ndjson" listen --json
bad 64 "none, md5, sha256 and sha256-of-md5" listen --auth sha1
bad 64 "password-file" listen --auth md5
bad 64 "no interface" list --interface nowhere0

# --- listen --------------------------------------------------------------------------------------
# device OPTION...: a listener on a port of its own, its status in $tmp/device.status when it ends
n_devices=0
device()
{
	n_devices=$((n_devices + 1))
	port=$((3300 + n_devices))
	rm -f device.status
	: >device.out
	(
		timeout 600 "$PERIPLUS" ota listen "127.0.0.1:$port" --timeout 60 --ndjson "$@" >device.out 2>device.err &
		echo $! >device.pid
		wait $!
		echo $? >device.new
		mv device.new device.status
	) &
	wait_for 60 grep -q listening device.err
}

ended() # what the device ended with, and the reason of its last line
{
	wait_for 120 test -e device.status
	printf '%s %s' "$(cat device.status)" "$(tail -1 device.out | python3 -c 'import json, sys
d = json.loads(sys.stdin.read())["periplus"]
print(d["event"], d["reason"])')"
}

upload()
{
	run timeout 600 python3 "$here/net/ota.py" host "$1" "$port" "${3:-fw.bin}" "$2"
}

for kind in esp8266 esp32; do
	for scheme in none md5 sha256; do
		rm -f kept.bin
		options=(--once -o kept.bin --auth $scheme)
		[ $scheme = none ] || options+=(--password-file pw)
		device "${options[@]}"
		upload $kind secret
		is "$status $(ended)" "0 0 received received" "the ways of $kind's espota.py, password $scheme"
		ok "$(cmp -s fw.bin kept.bin; echo $?)" "and the image is kept"
	done
done
is "$(stat -c %a kept.bin)" "$(printf '%o' $((0666 & ~$(umask))))" "with the usual mode"
device --once
upload filesystem -
is "$status $(json device.out 'd["periplus"]["image"]')" "0 file-system" "a file system is told from firmware"

before=$(md5sum <kept.bin)
for row in 'damaged 65 ERROR\[7\]:.MD5.verification.failed' 'short 65 ERROR\[6\]' 'long 65 ERROR\[4\]'; do
	read -r kind want said <<<"$row"
	device --once -o kept.bin
	upload "$kind" -
	is "$(ended)" "$want failed $kind" "an image that is $kind"
	like "$(tail -1 out)" "$said" "and what the host is told"
done
device --once -o kept.bin --timeout 1
upload drip - small.bin
is "$(ended)" "75 failed slow" "a host that drips is given up"
device --once --timeout 2
upload no-listener -
is "$(ended)" "69 failed no-call" "a host that cannot be called"
device --once -o /proc/none/kept.bin
upload esp8266 -
is "$(ended)" "73 failed not-kept" "an image that cannot be kept"
like "$(tail -1 out)" 'ERROR\[1\]' "and the host is told"
is "$(md5sum <kept.bin)" "$before" "what was kept before is still whole"
is "$(ls -d kept.bin*)" kept.bin "and nothing half lies beside it"

device --password-file pw --auth md5 --max-size 10K --timeout 60
upload esp8266 wrong
is "$(tail -1 out)" "'Authentication Failed'" "a wrong password is refused"
upload esp8266 secret
is "$(tail -1 out)" "'ERR: ERROR[4]: Not Enough Space\\n'" "an image over --max-size is refused"
upload huge secret
is "$(tail -1 out)" "'ERR: ERROR[4]: Not Enough Space\\n'" "and one of 4 GB"
upload empty secret
is "$(tail -1 out)" "'ERR: ERROR[5]: Bad Size Given\\n'" "and an empty one"
hex()
{
	printf "$1" | od -An -v -tx1 | tr -d ' \n'
}
run python3 "$here/net/ota.py" say "$port" 0 "$(hex '\033]0;owned\007')" "$(hex 'GET / HTTP/1.0\r\n\r\n')" \
	"$(hex "0 0 5 $digest\\n")" "$(hex "0  1 5 $digest\\n")" "$(hex '0 1 5\n')" "$(hex '1\n')" "$(hex "200 $digest $digest\\n")" \
	"$(printf '41%.0s' {1..3000})"
is "$status $out" "0 " "what is malformed gets no answer"
# an invitation where an answer is awaited ends the wait in silence, as on the devices
run python3 "$here/net/ota.py" say "$port" 1 "$(hex "0 1 5 $digest\\n")" "$(hex "0 1 5 $digest\\n")"
like "$out" "^b'AUTH [0-9a-f]{32}'\$" "of two invitations one is answered"
upload esp8266 secret small.bin
is "$status $(tail -1 out)" "0 'OK'" "after all that an upload works"
is "$(python3 -c 'import json
print(*(json.loads(l)["periplus"]["reason"] for l in open("device.out")))')" \
	"wrong-password too-large too-large empty malformed malformed malformed malformed malformed unasked malformed awaiting received" \
	"each was told, the cancel was not"
ok "$(LC_ALL=C grep -q '[^ -~]' device.out; [ $? = 1 ]; echo $?)" "and escaped"
valid ota_listen device.out
is "$(head -5 device.out | tail -1 | python3 -c 'import json, sys
print(repr(json.loads(sys.stdin.read())["periplus"]["bytes"]))')" "'\\x1b]0;owned\\x07'" "without losing a byte"
run timeout 20 "$PERIPLUS" ota listen "127.0.0.1:$port"
is "$status" 69 "a port that is taken"
like "$err" "cannot listen on 127.0.0.1:$port/udp: Address already in use" "is told"
kill "$(cat device.pid)"
wait_for 60 test -e device.status

# --- push against listen ---------------------------------------------------------------------------
for scheme in none md5 sha256; do
	options=(--once -o kept.bin --auth $scheme)
	[ $scheme = none ] || options+=(--password-file pw)
	rm -f kept.bin
	device "${options[@]}"
	run timeout 600 "$PERIPLUS" ota push fw.bin 127.0.0.1 --port "$port" --password-file pw --ndjson -q
	is "$status $(json out 'd["periplus"]["auth"]') $(ended)" "0 $scheme 0 received received" "push to listen, password $scheme"
	ok "$(cmp -s fw.bin kept.bin; echo $?)" "and the image is the same"
done
(timeout 600 "$PERIPLUS" ota listen '[::1]:3299' --once >v6.out 2>v6.err; echo $? >v6.status) &
wait_for 60 grep -q listening v6.err
run timeout 600 "$PERIPLUS" ota push fw.bin '[::1]:3299'
is "$status $out" "0 [::1]:3299  uploaded  20000 bytes" "over IPv6"
wait_for 60 test -s v6.status
like "$(cat v6.status v6.out)" 'firmware of 20000 bytes, verified and dropped' "and is verified"

# --- what an unmodified espota.py and a device said, byte by byte -------------------------------------
python3 -c 'open("captured.bin", "wb").write(b"\xe9" + bytes(i * 7 % 251 for i in range(2999)))'
for capture in espota8266-none espota8266-md5 espota32-md5 espota32-sha256 espota32-sha256-of-md5; do
	scheme=${capture#*-}
	options=(--once -o kept.bin --auth "$scheme")
	[ "$scheme" = none ] || options+=(--password-file pw)
	rm -f kept.bin
	device "${options[@]}"
	run python3 "$here/net/ota_replay.py" host "$port" "$here/data/ota/$capture.pcap"
	is "$status $err $(ended)" "0  0 received received" "listen answers the captured host of $capture as it was answered then"
	ok "$(cmp -s captured.bin kept.bin; echo $?)" "and has its image"
done
for capture in espota8266-none espota8266-md5 espota32-sha256 espota32-sha256-of-md5; do
	scheme=${capture#*-}
	rm -f replay.out
	spawn python3 "$here/net/ota_replay.py" device 8300 "$here/data/ota/$capture.pcap" >replay.out 2>replay.err
	wait_for 60 grep -q waiting replay.out
	run timeout 600 "$PERIPLUS" ota push captured.bin 127.0.0.1 --port 8300 --password-file pw --ndjson -q
	wait "$spawned_pid"
	is "$? $(cat replay.err) $status $(json out 'd["periplus"]["auth"]')" "0  0 $scheme" \
		"push says what the captured host of $capture said"
done

# --- an unmodified espota.py: one since core 3.3.1 knows the schemes of SHA-256 too --------------------
if [ -n "${ESPOTA:-}" ]; then
	schemes=(none md5)
	! grep -q pbkdf2 "$ESPOTA" || schemes+=(sha256 sha256-of-md5)
	for scheme in "${schemes[@]}"; do
		options=(--once -o kept.bin --auth $scheme)
		[ $scheme = none ] || options+=(--password-file pw)
		device "${options[@]}"
		run timeout 600 python3 "$ESPOTA" -i 127.0.0.1 -p "$port" -f fw.bin -a secret
		is "$status $(ended)" "0 0 received received" "$ESPOTA uploads, password $scheme"
	done
	device --once --auth md5 --password-file pw
	run timeout 600 python3 "$ESPOTA" -i 127.0.0.1 -p "$port" -f fw.bin -a wrong
	like "$err" 'Authentication Failed' "and is told of a wrong password"
	kill "$(cat device.pid)"
	wait_for 60 test -e device.status
else
	skip 3 "ESPOTA names no espota.py"
fi

# --- list ----------------------------------------------------------------------------------------
mkdir one
spawn python3 "$here/net/ota.py" responder "$tmp/one" 127.0.0.1 5454 2>one.log
wait_for 60 test -e one/ready
# listed PATTERN OPTION...: asks again until the pattern is there, should this machine be slow
listed()
{
	local pattern=$1 try
	shift
	for try in 1 2 3 4 5 6 7 8; do
		run "$PERIPLUS" ota list "$@" --timeout $((3 * try))
		! grep -qE -- "$pattern" out || return 0
	done
}

listed '^late.*esp32s3' 127.0.0.1:5454 --plain
is "$status" 0 "boards are listed"
is "$(printf '%s\n' "$out" | grep -v x1b)" "door	198.18.0.21	3232	esp32	yes
lamp	198.18.0.22	8266	generic	no
late	198.18.0.23	3232	esp32s3	yes" "with what they say, late ones too, and not the one that left"
like "$out" '^\\x1b\[2J\\xe2\\x80\\xaeboard\. x	198.18.0.21	3232	\\x1b\[31m	yes$' "a name as a weapon is escaped"
listed ^lamp 127.0.0.1:5454 --fail-on look
is "$status" 1 "one without password needs a look, where that is asked for"
like "$out" '^lamp  198.18.0.22:8266  generic  needs a look: no password.*PP331' "and is told so, by its rule"
listed '"look"' 127.0.0.1:5454 --json
is "$(json out '[[r["periplus"]["name"], r["periplus"]["verdict"]] for r in d if r["periplus"]["auth"] == "no"]')" \
	'[["lamp", "look"]]' "in JSON too"
valid ota_list out
run "$PERIPLUS" ota list 127.0.0.1:5455 --timeout 1 --json
is "$status $(json out d)" "0 []" "where nothing answers the list is empty"
like "$err" "no board answered within 1 s" "and that is said"
run "$PERIPLUS" ota list
is "$status" 69 "without an interface nothing was asked"
if ip link add pa type veth peer name pb 2>/dev/null && ip link set pa up && ip link set pb up &&
	ip address add 198.18.0.1/24 dev pa; then
	mkdir group group6
	spawn python3 "$here/net/ota.py" responder "$tmp/group" 224.0.0.251 5353 pa 2>group.log
	spawn python3 "$here/net/ota.py" responder "$tmp/group6" ff02::fb 5353 pa 2>group6.log
	wait_for 60 test -e group/ready
	wait_for 60 test -e group6/ready
	ready() # addresses of link scope are checked for doubles first
	{
		! ip -6 address show dev pa | grep -q tentative && ip -6 address show dev pa | grep -q fe80
	}
	wait_for 60 ready
	listed ^lamp --interface pa --plain
	like "$out" '^lamp	198.18.0.22	8266	generic	no$' "a group of an interface is asked"
	is "$(cut -d' ' -f1 group/queries | sort -u)" 255 "over IPv4 with hop limit 255"
	is "$(cut -d' ' -f1 group6/queries | sort -u)" 255 "and over IPv6"
	is "$(cut -d' ' -f2 group/queries | head -1 | cut -c5-)" \
		"00000001000000000000085f61726475696e6f045f746370056c6f63616c00000c0001" "by the question for the type"
else
	skip 4 "no veth here"
fi

# begun first, and ended by patience only
push_was drips
failed 75 stalled "a board that drips counts and never ends"
done_testing
