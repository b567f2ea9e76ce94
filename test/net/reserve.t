#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# reserve: the kernel's list and the file say the same, what others keep back stays, and all is undone.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
mkdir -p /etc/sysctl.d 2>/dev/null
mount -t tmpfs none /etc/sysctl.d 2>/dev/null || skip_all "nothing can be mounted on /etc/sysctl.d"
list=/proc/sys/net/ipv4/ip_local_reserved_ports
file=/etc/sysctl.d/90-periplus-reserve.conf
echo 9000 >$list 2>/dev/null || skip_all "the kernel's list cannot be changed here"

run "$PERIPLUS" reserve -n 5037
is "$status $out $(cat $list)" "0 would reserve: 5037 9000" "a dry run says and changes nothing"
run "$PERIPLUS" reserve 5037 8000-8002
is "$status $out" "0 reserved: 5037,8000-8002" "numbers and ranges are reserved"
is "$(cat $list)" "5037,8000-8002,9000" "in the kernel, beside what was there"
is "$(grep -v '^#' $file)" "net.ipv4.ip_local_reserved_ports = 5037,8000-8002,9000" "and at the next start"
is "$(stat -c %a $file)" 644 "in a file that everybody reads and root writes"
run "$PERIPLUS" reserve 5037
is "$status $out" "0 kept back already: 5037" "twice is once"
run "$PERIPLUS" reserve
is "$out" "kept back now: 5037,8000-8002,9000
by periplus reserve: 5037,8000-8002" "it tells what is whose"
run "$PERIPLUS" reserve --release 9000
is "$status $(cat $list)" "0 5037,8000-8002,9000" "what others keep back is not ours to release"
run "$PERIPLUS" reserve --release 8001
is "$status $(cat $list)" "0 5037,8000,8002,9000" "one out of a range is released"
run "$PERIPLUS" reserve --json
is "$(json "$tmp/out" 'd["action"], d["changed"], d["kept_back"], d["by_reserve"]')" \
	'["list", [], [[5037, 5037], [8000, 8000], [8002, 8002], [9000, 9000]], [[5037, 5037], [8000, 8000], [8002, 8002]]]' \
	"the same as a document"
run "$PERIPLUS" reserve --json --dry-run 8001
is "$(json "$tmp/out" 'd["action"], d["dry_run"], d["changed"], d["by_reserve"]')" \
	'["reserve", true, [[8001, 8001]], [[5037, 5037], [8000, 8002]]]' "and what would change"
is "$(cat $list)" "5037,8000,8002,9000" "which has not"
run "$PERIPLUS" reserve --runtime --ndjson 7000-7002
is "$status $(wc -l <"$tmp/out") $(json "$tmp/out" 'd["runtime"], d["changed"]')" '0 1 [true, [[7000, 7002]]]' "and what has"
run "$PERIPLUS" reserve --runtime --release 7000-7002
run "$PERIPLUS" reserve --runtime 7777
is "$status $(cat $list)" "0 5037,7777,8000,8002,9000" "until the next start only"
unlike "$(cat $file)" 7777 "is in no file"
run "$PERIPLUS" reserve --runtime --release 7777
is "$(cat $list)" "5037,8000,8002,9000" "and is given back"
printf 'net.ipv4.ip_local_reserved_ports = 1\n' >/etc/sysctl.d/99-other.conf
run "$PERIPLUS" reserve 5038
like "$err" "99-other.conf" "a file that will override ours is named"
run "$PERIPLUS" reserve --release 1-65535
is "$status $(cat $list)" "0 9000" "all of ours is undone"
ok "$([ ! -e $file ]; echo $?)" "and the file is gone"
run setpriv --reuid=65534 --clear-groups --bounding-set=-all "$PERIPLUS" reserve 5037
[ "$status" = 126 ] || [ "$status" = 127 ] || is "$status" 77 "without rights nothing is done"
is "$(cat $list)" 9000 "nothing at all"
run "$PERIPLUS" reserve 5037
printf '# ours: x\n' >$file
run "$PERIPLUS" reserve 5039
is "$status" 65 "a file that was mangled is not built on"
for words in "http" "0" "70000" "80-" "9-8" "--release" "5037 --plain"; do
	# shellcheck disable=SC2086 -- words
	run "$PERIPLUS" reserve $words
	is "$status" 64 "'reserve $words' is refused"
done
done_testing
