#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# why: every cause that this kernel can make, made for real in a namespace, is named, and none is taken
# for another. The probe leaves nothing behind, and never listens.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
for tool in python3 setpriv unshare; do
	command -v $tool >/dev/null || skip_all "no $tool here"
done
listen=$BUILD/test/test-listen
refuse=$BUILD/test/test-refuse
chmod 755 "$tmp"
cp "$PERIPLUS" "$tmp/periplus" && chmod 755 "$tmp/periplus"

# causes PORT [COMMAND PREFIX...]: sets $causes to "cause:hinders ..." and $error; the document stays in $tmp/out
causes()
{
	local port=$1
	shift
	run "$@" "$tmp/periplus" why "$port" --json
	causes=$(json "$tmp/out" '" ".join(c["cause"] + ":" + ("yes" if c["hinders"] else "no") for c in d["periplus"]["causes"])')
	error=$(json "$tmp/out" 'd["periplus"]["error"]')
}
holder() { json "$tmp/out" 'd["periplus"]["causes"][0]["socket"]["process"]["pid"]'; }

# hold PORT PYTHON: a program that does this with the number and waits
hold()
{
	spawn python3 -c "
import os, signal, socket, sys
def tcp(family=socket.AF_INET, reuse=False, only=None):
    s = socket.socket(family)
    if reuse: s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if only is not None: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
    return s
port = $1
$2
print('ready', flush=True)
signal.pause()" >"$tmp/held.$1"
	wait_for 60 grep -q ready "$tmp/held.$1"
}

causes 5000
is "$status $causes $error" "0  null" "a free number can be bound"
ok "$(json "$tmp/out" 'd["periplus"]["tried"]' | grep -q true; echo $?)" "it was tried"
causes 5000
is "$causes" "" "and is free after that: nothing was left behind"
causes 40000
is "$causes $error" "ephemeral:no null" "a source port of tomorrow is no hindrance today"
run "$PERIPLUS" why 5000
is "$status" 0 "the answer is text"
like "$out" "it can be bound" "and says so"

hold 5001 's = tcp(reuse=True); s.bind(("0.0.0.0", port)); s.listen()'
causes 5001
is "$causes $error $(holder)" "listener:yes EADDRINUSE $spawned_pid" "a listener on every address"
is "$(json "$tmp/out" 'd["periplus"]["tried"]')" false "which needs no probe"

hold 5002 's = tcp(); s.bind(("127.0.0.1", port)); s.listen()'
causes 5002
is "$causes $error $(holder)" "other-address:yes EADDRINUSE $spawned_pid" "a listener on one address"
run "$PERIPLUS" why 5002
like "$out" "another address is free" "and what that means"

hold 5013 's = tcp(socket.AF_INET6, only=1); s.bind(("::", port)); s.listen()'
causes 5013
is "$causes $error $(holder)" "other-address:yes EADDRINUSE $spawned_pid" "a listener that takes IPv6 alone leaves IPv4"
is "$(json "$tmp/out" 'd["periplus"]["tried"]')" true "so that the bind is tried"
hold 5003 's = tcp(); s.bind(("0.0.0.0", port)); s.listen()'
first=$spawned_pid
hold 5003 's = tcp(socket.AF_INET6, only=1); s.bind(("::", port)); s.listen()'
causes 5003
is "$causes" "listener:yes listener:yes" "one program on IPv4, another on IPv6"
is "$(json "$tmp/out" 'sorted(c["socket"]["process"]["pid"] for c in d["periplus"]["causes"])')" \
	"[$first, $spawned_pid]" "and both are named"

hold 5004 's = tcp(); s.bind(("0.0.0.0", port))'
bpf=(setpriv "--bounding-set=-bpf,-perfmon,-sys_admin")
causes 5004 "${bpf[@]}"
without=$causes
causes 5004
if [ -z "$causes" ] || [ "$causes" = unknown:yes ]; then
	skip 1 "this kernel does not list sockets that are only bound"
else
	is "$causes $error $(holder)" "bound:yes EADDRINUSE $spawned_pid" "bound, and not listening"
fi
is "$without" "$causes" "without CAP_BPF too"
# Many processes let periplus take the kernel's pass by itself.
mkfifo "$tmp/many"
# shellcheck disable=SC2016 -- for the inner shell
spawn bash -c 'exec "$@" <>"$0"' "$tmp/many" "$listen" -j 600 tcp/127.0.0.1/5050 >"$tmp/lots"
many=$spawned_pid
wait_for 60 grep -q ready "$tmp/lots"
before=$causes
idle=$(holder)
causes 5004
is "$causes $(holder)" "$before $idle" "and by the kernel's pass"
kill "$many"

hold 5005 'a = tcp(); a.bind(("127.0.0.1", 0)); a.listen(); s = tcp(); s.bind(("127.0.0.1", port)); s.connect(a.getsockname()); t = a.accept()'
causes 5005
is "$causes $error $(holder)" "connection:yes EADDRINUSE $spawned_pid" "a connection that goes out from it"
run "$PERIPLUS" why 5005
like "$out" "sudo periplus reserve 5005" "and the remedy"
like "$out" "127.0.0.1:5005 .* 127.0.0.1:[0-9]+, python3, pid $spawned_pid" "with both ends"

# The side that closes first keeps the number.
hold 5006 'a = tcp(reuse=True); a.bind(("127.0.0.1", port)); a.listen(); s = tcp(); s.connect(("127.0.0.1", port)); t = a.accept()[0]; t.close(); s.recv(1); s.close(); a.close()'
# 138E is 5006, 06 is TIME_WAIT (proc_pid_net_tcp(5))
wait_for 60 grep -qE '^ *[0-9]+: 0100007F:138E [0-9A-F:]+ 06 ' /proc/net/tcp
causes 5006
is "$causes $error" "time-wait:yes EADDRINUSE" "TIME_WAIT is nobody's"
run "$PERIPLUS" why 5006
like "$out" "SO_REUSEADDR" "and who may bind all the same"

hold 5007 's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", port))'
causes 5007/udp
is "$causes $error $(holder)" "listener:yes EADDRINUSE $spawned_pid" "UDP"
causes 5007
is "$causes $error" " null" "TCP with the same number is another matter"

mkfifo "$tmp/open"
# shellcheck disable=SC2016 -- for the inner shell
spawn bash -c 'exec unshare --net "$@" <>"$0"' "$tmp/open" "$listen" tcp/0.0.0.0/5008 >"$tmp/elsewhere"
wait_for 60 grep -q ready "$tmp/elsewhere"
causes 5008
is "$causes $error" "other-namespace:no null" "another network namespace hinders nobody"

# --- rights
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all)
if [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 80 ]; then
	causes 80 "${nobody[@]}"
	is "$causes $error" "privileged:yes EACCES" "a number that needs a privilege"
	causes 80
	is "$causes $error" " null" "which root has"
else
	skip 2 "every number is everybody's here"
fi
hold 5010 's = tcp(); s.bind(("127.0.0.1", port)); s.listen()'
causes 5010 "${nobody[@]}"
is "$causes" "other-address:yes" "who may not see the owner still learns the cause"
causes 5011 "$refuse" seccomp
is "$causes $error" "seccomp:yes EPERM" "a filter of system calls"
causes 5011/udp "$refuse" seccomp
is "$causes $error" "seccomp:yes EPERM" "for UDP too"
mkdir "$tmp/cgroup"
if mount -t cgroup2 none "$tmp/cgroup" 2>/dev/null &&
	"$refuse" cgroup "$tmp/cgroup" true 2>/dev/null; then
	causes 5012 "$refuse" cgroup "$tmp/cgroup"
	is "$causes $error" "cgroup-program:yes EPERM" "a program of the control group"
	is "$(json "$tmp/out" 'd["periplus"]["causes"][0]["detail"]')" refuse_bind,allow_bind "by its name, and its neighbour's"
	# Whoever watches has programs at the root of all groups, which refuse nothing: other tests do so beside us.
	mkfifo "$tmp/watching"
	# shellcheck disable=SC2016 -- for the inner shell
	spawn bash -c 'exec "$@" watch -v --ndjson <>"$0"' "$tmp/watching" "$PERIPLUS" >"$tmp/watch.out" 2>"$tmp/watch.err"
	wait_for 60 grep -q watching "$tmp/watch.err"
	causes 5012 "$refuse" cgroup "$tmp/cgroup"
	is "$(json "$tmp/out" 'd["periplus"]["causes"][0]["detail"]')" refuse_bind,allow_bind "and not the watcher's"
	kill "$spawned_pid"
	causes 5012
	is "$causes" "" "outside of the group it is free"
	umount "$tmp/cgroup"
else
	skip 4 "no control group can be made here, or no program put on it"
fi

# --- a port that only looks free is explained unasked
run "$PERIPLUS" 5005
like "$out" "you cannot bind it" "a port page says so by itself"
run "$PERIPLUS" 5000
unlike "$out" "cannot bind" "and is silent where it is free"

# --- bad questions
for words in "" "http" "0" "80-90" "80/sctp" "80 81"; do
	# shellcheck disable=SC2086 -- words
	run "$PERIPLUS" why $words
	is "$status" 64 "'why $words' is refused"
done
done_testing
