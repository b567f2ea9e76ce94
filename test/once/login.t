#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# PP330, live: real servers of stock Debian 12 with and without a login, asked by --probe, identify and
# scan. A data base that answers everybody is unexpected; one that asks for a password, or
# answers loopback only, is not; and every one of them keeps serving.
. "$(dirname "$0")/../lib.sh"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
if [ "${PERIPLUS_IN_NAMESPACE:-}" != "$0" ]; then
	[ "$(id -u)" = 0 ] || skip_all "needs root"
	LOGIN_ROOT=$("$here/packages/root" 2>"$tmp/why") || skip_all "no Debian root: $(tail -1 "$tmp/why")"
	export LOGIN_ROOT
fi
in_namespace "$@"
patience=24
case $BUILD in *asan*) patience=60 ;; esac
ip link add far type veth peer name near && ip link set near up && ip address add 198.18.7.1/24 dev far && ip link set far up
ok $? "this machine has an address that is not loopback's"

# serve PORT COMMAND...: by the root's own program, which writes nothing there
serve()
{
	local port=$1
	shift
	spawn chroot "$LOGIN_ROOT" "$@" >"$tmp/log.$port" 2>&1
	wait_for 60 grep -q "$(printf ':%04X 00000000:0000 0A' "$port")" /proc/net/tcp
	ok $? "$1 listens on $port"
}
redis()
{
	local port=$1
	shift
	serve "$port" redis-server --port "$port" --save '' --dir / "$@"
}
redis 7401 --bind 0.0.0.0 --protected-mode no
redis 7402 --bind 0.0.0.0 --protected-mode yes
redis 7403 --bind 0.0.0.0 --requirepass x
redis 7404 --bind 127.0.0.1 --protected-mode no
redis 7405 --bind 198.18.7.1 --protected-mode no
serve 7406 memcached -l 0.0.0.0 -p 7406 -u root -U 0
# in memory, in this mount namespace: the root is not written to
mount -t tmpfs none "$LOGIN_ROOT/mnt" && printf 'user:password\n' >"$LOGIN_ROOT/mnt/users"
serve 7407 memcached -l 0.0.0.0 -p 7407 -u root -U 0 -Y /mnt/users

# effect PORT: of PP330 in the listing printed last
effect()
{
	json "$tmp/out" "','.join(r['effect'] for l in d['listeners'] if l['server']['port'] == $1 for r in l['periplus']['reasons'] if r['id'] == 'PP330')"
}
run "$PERIPLUS" --json -q
is "$(effect 7401)" "" "nobody is accused before somebody asked"
run "$PERIPLUS" --probe --timeout "$patience" --json -q
is "$(effect 7401)" unexpected "redis that answers every address is unexpected"
is "$(effect 7402)" note "redis in protected mode answers loopback only: a note"
is "$(effect 7403)" "" "redis with a password is not told"
is "$(effect 7404)" note "redis on loopback: a note"
is "$(effect 7405)" unexpected "redis on an address of the network is unexpected"
is "$(effect 7406)" unexpected "memcached that answers every address is unexpected"
is "$(effect 7407)" "" "memcached with users is not told"
is "$(json "$tmp/out" "[l['periplus']['spoken']['needs_no_login_outside'] for l in d['listeners'] if l['server']['port'] in (7401, 7402)]")" \
	'[true, false]' "and each says whom it answers"

run "$PERIPLUS" scan 198.18.7.1 -p 7401-7403 --rate 1000 --json
is "$(json "$tmp/out" "[[p['server']['port'], p['periplus']['verdict'], 'PP330' in str(p)] for p in d['ports']]")" \
	'[[7401, "unexpected", true], [7402, "look", false], [7403, "look", false]]' "a scan says the same of what it met"
run "$PERIPLUS" scan 127.0.0.1 -p 7404 --rate 1000 --json
is "$(json "$tmp/out" "[[r['rule'], r['effect']] for p in d['ports'] for r in p['periplus']['reasons'] if r['rule'] == 'PP330']")" \
	'[["PP330", "note"]]' "and of loopback no more than a note"
run "$PERIPLUS" identify --timeout "$patience" 198.18.7.1:7401 127.0.0.1:7403
like "$out" 'none is needed to command it from here' "identify says so"
is "$(grep -c 'none is needed' "$tmp/out")" 1 "of the one that answered, and not of the other"
# shellcheck disable=SC2016 -- for the inner shell
run chroot "$LOGIN_ROOT" sh -c 'for p in 7401 7402 7404; do redis-cli -p $p ping; done; redis-cli -p 7403 -a x --no-auth-warning ping'
is "$out" $'PONG\nPONG\nPONG\nPONG' "they keep serving"
done_testing
