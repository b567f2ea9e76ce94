#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every rule of this host, live: a real situation fires it, and the nearest innocent one does not.
# Programs are copies of test/net/listen.c in /opt, packages those of a dpkg database of our own, units
# control groups that are named as systemd names them. What lies in a disk's directory must do so:
# a program on a file system in memory is a finding of its own.
. "$(dirname "$0")/../lib.sh"

# --- the outer one makes a control group, waits, and removes it
if [ "${PERIPLUS_IN_NAMESPACE:-}" != "$0" ]; then
	[ "$(id -u)" = 0 ] || skip_all "needs root to make namespaces"
	unshare --net --mount true 2>/dev/null || skip_all "this system refuses new namespaces"
	[ -x "$PERIPLUS" ] && [ -x "$BUILD/test/test-listen" ] || skip_all "the programs are not built"
	export PERIPLUS_IN_NAMESPACE=$0
	tree=$(findmnt -n -t cgroup2 -o TARGET | sed -n 1p)
	base=$tree/periplus-rules.$$
	if [ -n "$tree" ] && unshare --cgroup true 2>/dev/null && mkdir -p "$base" 2>/dev/null; then
		leave()
		{
			local try
			for ((try = 0; try < 200; try++)); do
				find "$base" -depth -type d -exec rmdir {} + 2>/dev/null
				[ -e "$base" ] || break
				read -rt 0.05 <> <(:) || :
			done
			finish
		}
		trap leave EXIT
		export RULES_GROUP=$base
		# shellcheck disable=SC2016 -- for the inner shell
		bash -c 'echo $$ >"$1/cgroup.procs" && exec unshare --net --mount --cgroup "$BASH" "$0"' "$0" "$base"
	else
		unshare --net --mount "$BASH" "$0"
	fi
	exit $?
fi

ip link set lo up
# Files of a test must not be in memory; $tmp may be.
disk=
for place in "$tmp" "$BUILD" /var/tmp; do
	case $(stat -f -c %T "$place" 2>/dev/null) in
	tmpfs|ramfs|'') ;;
	*) disk=$(mktemp -d "$place/periplus-rules.XXXXXX") && break ;;
	esac
done
[ -n "$disk" ] || skip_all "every place for files is in memory"
# `unshare` and the first process of a namespace do not hear an ordinary signal.
inside=
end()
{
	[ -z "$inside" ] || kill -9 "$inside" 2>/dev/null
	rm -rf -- "$disk"
	finish
}
trap end EXIT

# over DIRECTORY: ours instead, for this test only
over()
{
	mkdir -p "$disk/$1"
	mount --bind "$disk/$1" "$1" 2>/dev/null
}
chmod 755 "$disk"
{ over /opt && over /var/lib; } || skip_all "cannot mount here"
mount -t tmpfs -o mode=1777 none /dev/shm 2>/dev/null
mount -t tmpfs -o mode=755 none /run || skip_all "cannot mount here"
listen=$BUILD/test/test-listen

# program PATH [PACKAGE]
mkdir -p /var/lib/dpkg/info
: >/var/lib/dpkg/status
program()
{
	mkdir -p "$(dirname "$1")"
	cp "$listen" "$1"
	[ -z "${2:-}" ] || owned "$1" "$2"
}
owned()
{
	printf '%s\n' /. "$1" >>"/var/lib/dpkg/info/$2.list"
	printf 'Package: %s\nStatus: install ok installed\nVersion: 1-1\n\n' "$2" >>/var/lib/dpkg/status
}

# start [-g UNIT] COMMAND...: runs until this test ends, when it has said that it is ready; $pid
n_started=0
start()
{
	local group= ready=$tmp/ready$((++n_started))
	if [ "$1" = -g ]; then
		group=$RULES_GROUP/system.slice/$2
		mkdir -p "$group"
		shift 2
	fi
	mkfifo "$ready.in"
	# shellcheck disable=SC2016 -- for the inner shell
	bash -c '[ -z "$1" ] || echo $$ >"$1/cgroup.procs"; shift; exec "$@"' - "$group" "$@" \
		<"$ready.in" >"$ready" 2>"$ready.err" &
	pid=$!
	spawned+=("$pid")
	exec {hold}>"$ready.in"
	wait_for 60 grep -q ready "$ready" || { sed 's/^/# /' "$ready.err"; return 1; }
}

# judge PORT: $effects is "PP201:look PP203:look ", of all listeners there
judge()
{
	run "$PERIPLUS" --ndjson -q "$1"
	effects=$(printf '%s\n' "$out" | grep -o '"id":"PP[0-9]*","effect":"[a-z]*"' |
		sed 's/"id":"\(PP[0-9]*\)","effect":"\([a-z]*\)"/\1:\2/' | sort -u | tr '\n' ' ')
}

# fires RULE:EFFECT PORT WHAT
fires()
{
	judge "$2"
	like "$effects" "$1" "$1 fires: $3"
}

# silent RULE PORT WHAT; what is not seen at all is not judged, which would prove nothing
silent()
{
	judge "$2"
	like "$effects" 'PP' "$1 has something to judge: $3"
	unlike "$effects" "$1" "$1 is silent: $3"
}

in_group=(start)
[ -z "${RULES_GROUP:-}" ] || in_group=(start -g redis-server.service)
program /opt/x/frobd
program /opt/redis/redis-server redis-server

# --- PP102, PP211: the service of a package
if [ -n "${RULES_GROUP:-}" ]; then
	"${in_group[@]}" /opt/redis/redis-server tcp/127.0.0.1/6379
	fires PP102:expected 6379 "a packaged redis in its own unit, on its own number"
	silent PP201:look 6379 "the same"
	silent PP211 6379 "the same"
	kill $pid
	wait $pid 2>/dev/null
	"${in_group[@]}" /opt/redis/redis-server tcp/0.0.0.0/6379
	fires PP211:look 6379 "the same on every interface"
	silent PP102 6379 "the same on every interface"
	kill $pid
	wait $pid 2>/dev/null
else
	skip 8 "no control groups can be made here"
fi

# --- PP102: a socket that systemd holds. The first process of a namespace is called so.
activated=
if [ -d /usr/lib/systemd ] && over /usr/lib/systemd; then
	mkdir -p /usr/lib/systemd/system /run/systemd/system/sockets.target.wants
	[ ! -d /etc/systemd ] || mount -t tmpfs none /etc/systemd
	program /usr/lib/systemd/systemd systemd
	printf '[Socket]\nListenStream=22\nAccept=no\n' >/usr/lib/systemd/system/ssh.socket
	printf '[Socket]\nListenStream=2222\nService=frob.service\n' >/usr/lib/systemd/system/openssh.socket
	start unshare --pid --fork --kill-child --mount-proc /usr/lib/systemd/systemd tcp/::/22 tcp/::/2222
	inside=$pid
	activated=$(pgrep -P $pid 2>/dev/null || ps -o pid= --ppid $pid)
fi
if [ -n "$activated" ] && nsenter -t ${activated} -p -m true 2>/dev/null; then
	periplus=$PERIPLUS
	printf '#!/bin/sh\nexec nsenter -t %d -p -m "%s" "$@"\n' "$activated" "$periplus" >"$tmp/inside"
	chmod 755 "$tmp/inside"
	PERIPLUS=$tmp/inside
	fires PP102:expected 22 "ssh.socket, which systemd still holds"
	like "$out" '"socket_unit":"ssh.socket"' "and it is named"
	silent PP102 2222 "a socket of systemd's for a service that is not known"
	like "$out" '"socket_unit":"openssh.socket"' "and it is named as well"
	PERIPLUS=$periplus
	kill -9 $inside
	wait $inside 2>/dev/null
	inside=
else
	skip 6 "systemd's place is not here, or cannot be entered"
fi

# --- PP201, PP202, PP203: somebody's program
start /opt/x/frobd -u 33 tcp/127.0.0.1/7201
start /opt/x/frobd -u 33 tcp/0.0.0.0/7203
fires PP201:look 7201 "a program that nobody has claimed"
silent PP203 7201 "on loopback"
fires PP203:look 7203 "on every interface"
silent PP202 7203 "a program that is seen"
if command -v setpriv >/dev/null; then
	cp "$PERIPLUS" /opt/periplus
	periplus=$PERIPLUS
	printf '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups /opt/periplus "$@"\n' >"$tmp/nobody"
	chmod 755 "$tmp/nobody"
	PERIPLUS=$tmp/nobody
	fires PP202:look 7203 "the same for an ordinary user"
	silent PP201 7203 "which is no program"
	PERIPLUS=$periplus
else
	skip 3 "there is no setpriv"
fi

# --- PP204, PP301: files that are gone
program /opt/up/upd up
start /opt/up/upd -x -u 33 tcp/127.0.0.1/7204
fires PP204:look 7204 "a package's file that was replaced after the start"
silent PP301 7204 "which a package owns"
program /opt/still/stilld still
start /opt/still/stilld -u 33 tcp/127.0.0.1/7205
silent PP204 7205 "a package's file that is still there"
program /opt/x/gone
start /opt/x/gone -x -u 33 tcp/127.0.0.1/7301
fires PP301:unexpected 7301 "a program whose file was deleted, of no package"
start /opt/x/frobd -m -u 33 tcp/127.0.0.1/7302
fires PP301:unexpected 7302 "a program that runs from memory"
silent PP301 7201 "a program whose file is there"

# --- PP205: the kernel's own
if [ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ] &&
	ip link add vx0 type vxlan id 7 dstport 7206 dev lo local 127.0.0.1 2>/dev/null && ip link set vx0 up; then
	judge 7206
	case $effects in
	*PP202*) skip 1 "some process of this machine is closed even to root" ;;
	*) fires PP205:look 7206 "a tunnel of the kernel's" ;;
	esac
	ip link del vx0
else
	skip 1 "this kernel has no vxlan, or we do not see all of its processes"
fi
silent PP205 7201 "a socket with its program"

# --- PP212: published for a container
program /opt/docker/docker-proxy docker.io
proxy()
{
	start env LISTEN_SOCKET="tcp/$1/$2" /opt/docker/docker-proxy -proto tcp -host-ip "$1" -host-port "$2" \
		-container-ip 172.17.0.2 -container-port 5432
}
proxy 0.0.0.0 7212
proxy 127.0.0.1 7217
fires PP212:look 7212 "a container's port on every interface"
like "$out" '"container":{[^}]*172\.17\.0\.2:5432|172\.17\.0\.2:5432' "with the container's address, when no engine can be asked"
silent PP212 7217 "on loopback"
if command -v python3 >/dev/null; then
	# engine FILE: answers every question with it
	cat >"$tmp/engine" <<'END'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind("/run/docker.sock")
s.listen(8)
answer = open(sys.argv[1], "rb").read()
print("ready", flush=True)
while True:
    c, _ = s.accept()
    try:
        c.recv(4096)
        c.sendall(answer)
    except OSError:
        pass
    c.close()
END
	start python3 "$tmp/engine" "$top/test/data/containers/docker-28.http"
	named()
	{
		run "$PERIPLUS" --ndjson -q 7212
		printf '%s\n' "$out" | grep -q 'pg-test'
	}
	wait_for 60 named # an engine has half a second: a slow machine may need another try
	ok $? "and its name, when one can"
	kill $pid
else
	skip 1 "there is no python3"
fi

# --- PP213: two owners on one number
start /opt/x/frobd -u 1001 tcp/127.0.0.1/7213
start /opt/x/frobd -u 1002 tcp/::1/7213
fires PP213:look 7213 "two users on the two loopbacks"
like "$out" "'localhost' is either: ::1 comes here, 127.0.0.1 goes to user '" "and it says who gets what"
start /opt/x/frobd -u 1001 tcp/0.0.0.0/7214
start /opt/x/frobd -u 1002 tcp/::/7214/v6only
run "$PERIPLUS" -q 7214
like "$(printf '%s\n' "$out" | tr -s ' \n' ' ')" "IPv4 comes here, IPv6 goes to user '1002'" "as it does of the two families"
start /opt/x/frobd -u 1001 tcp/127.0.0.1/7215
start /opt/x/frobd -u 1001 tcp/::1/7215
silent PP213 7215 "one user on both"

# --- PP214: numbers that the kernel hands out
start /opt/redis/redis-server tcp/127.0.0.1/6379
silent PP214 6379 "a number below the range"
if echo 6000 6999 2>/dev/null >/proc/sys/net/ipv4/ip_local_port_range; then
	fires PP214:look 6379 "the same inside of it"
	echo 32768 60999 >/proc/sys/net/ipv4/ip_local_port_range
else
	skip 1 "the range cannot be set here"
fi

# --- PP302: where anybody can write
program /dev/shm/.x/frobd
start /dev/shm/.x/frobd -u 33 tcp/0.0.0.0/7311
fires PP302:unexpected 7311 "a program in memory"
program /opt/drop/frobd
chmod 1777 /opt/drop
start /opt/drop/frobd -u 33 tcp/0.0.0.0/7312
fires PP302:unexpected 7312 "a program in a directory of everybody's"
silent PP302 7203 "a program in a directory of root's"

# --- PP303: under another's name
start /opt/x/frobd -u 33 -c kworker/0:1 tcp/0.0.0.0/7321
fires PP303:unexpected 7321 "a program that calls itself like a thread of the kernel"
start /opt/x/frobd -u 33 -c worker/0:1 tcp/0.0.0.0/7322
silent PP303 7322 "a program that calls itself like anything else"
program /dev/shm/sshd
start /dev/shm/sshd -u 33 tcp/0.0.0.0/7323
fires PP303:unexpected 7323 "an sshd in memory"
program /opt/ssh/sshd
start /opt/ssh/sshd -u 33 tcp/0.0.0.0/7324
silent PP303 7324 "an sshd that somebody installed"

# --- PP304: started by what serves strangers
mkdir -p /opt/php /opt/shell
cp "$BASH" /opt/php/php-fpm8.2
cp "$BASH" /opt/shell/tool
start /opt/php/php-fpm8.2 -c '/opt/x/frobd -u 33 tcp/0.0.0.0/7331; :'
fires PP304:unexpected 7331 "a child of a worker of php-fpm"
start /opt/shell/tool -c '/opt/x/frobd -u 33 tcp/0.0.0.0/7332; :'
silent PP304 7332 "a child of a shell"

# --- PP320: from a recording, since no kernel here hides anything
run "$PERIPLUS" --replay "$here/data/replay/hidden" --ndjson
like "$(printf '%s\n' "$out" | grep '"port":7341')" '"id":"PP320","effect":"unexpected"' "PP320 fires: kept from the kernel's list"
like "$(printf '%s\n' "$out" | grep '"port":7342')" '"id":"PP320","effect":"unexpected"' "PP320 fires: a process kept from /proc"
unlike "$(printf '%s\n' "$out" | grep '"port":7343')" 'PP320' "PP320 is silent: one that all views show"

# --- PP321: without a port
# portless PID
portless()
{
	run "$PERIPLUS" --ndjson -q
	printf '%s\n' "$out" | grep "\"pid\":$1," | grep -o '"id":"PP321","effect":"[a-z]*"'
}
start /opt/x/frobd packet
like "$(portless $pid)" 'unexpected' "PP321 fires: a program of no package reads the wire"
if [ -n "${RULES_GROUP:-}" ]; then
	program /opt/dhcp/dhclient isc-dhcp-client
	start -g networking.service /opt/dhcp/dhclient packet
	like "$(portless $pid)" 'expected' "PP321 is at rest: the DHCP client of a package"
	unlike "$(portless $pid)" 'unexpected' "which nobody minds"
else
	skip 2 "no control groups can be made here"
fi
silent PP321 7201 "a listener with a port"
done_testing
