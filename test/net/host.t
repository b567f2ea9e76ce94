#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# This host: real sockets of every kind, hostile names, files that are gone, and what each user sees.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
dump=$BUILD/test/test-hostdump
listen=$BUILD/test/test-listen
[ -x "$dump" ] && [ -x "$listen" ] || skip_all "the test programs are not built"
nobody=65534

# opened ARGUMENT...: a `listen` with its sockets open; its pid is in $opened
n_opened=0
opened()
{
	local ready=$tmp/ready$((++n_opened))
	mkfifo "$ready.in"
	"$@" <"$ready.in" >"$ready" 2>"$ready.err" &
	opened=$!
	spawned+=("$opened")
	exec {hold}>"$ready.in"
	wait_for 20 grep -q ready "$ready" || { sed 's/^/# /' "$ready.err"; return 1; }
}

# row FILE PORT: the fields of its sockets
row()
{
	grep -P "^socket\t.*\tport=$2\t" "$1"
}

# of FILE PID: the fields of that process, once
of()
{
	grep -P "^process\tpid=$2\t" "$1" | sort -u
}

field()
{
	printf '%s\n' "$1" | tr '\t' '\n' | sed -n "s/^$2=//p" | sort -u
}

# --- kinds of sockets
specs=(tcp/0.0.0.0/7001 tcp/::/7002 tcp/::/7003/v6only tcp/127.0.0.1/7004 tcp/::1/7005
	udp/0.0.0.0/7006 udp/::/7007 udplite/0.0.0.0/7008 udplite/::1/7009
	tcp/127.0.0.1/7010/reuseport tcp/127.0.0.1/7010/reuseport tcp/127.0.0.1/7011/connected
	tcp/127.0.0.1/7012/waiting)
grep -q UDPLITE /proc/net/protocols || specs=("${specs[@]//udplite/udp}")
opened "$listen" "${specs[@]}"
ok $? "sockets of all kinds are open"
first=$opened
run "$dump"
cp "$tmp/out" "$tmp/kinds"
is "$(field "$(grep ^listing "$tmp/kinds")" n_sockets)" 13 "every socket is there, and nothing else"
is "$(row "$tmp/kinds" '70\d\d' | wc -l)" 13 "each of them once"
is "$(field "$(row "$tmp/kinds" '70\d\d' | sed 's/:[0-9]*$//')" owners)" "$first" "all with their owner"
like "$(row "$tmp/kinds" 7001)" 'transport=tcp.*state=listen.*local=0\.0\.0\.0.*backlog=16' "a TCP listener"
like "$(row "$tmp/kinds" 7002)" 'local=::.*is_dual_stack=1' "an IPv6 listener serves IPv4 as well"
like "$(row "$tmp/kinds" 7003)" 'local=::.*is_v6only=1' "unless it says not to"
unlike "$(row "$tmp/kinds" 7003)" 'is_dual_stack' "and then it does not"
like "$(row "$tmp/kinds" 7006)" 'transport=udp.*state=bound' "a UDP socket is bound"
if grep -q UDPLITE /proc/net/protocols; then
	like "$(row "$tmp/kinds" 7009)" 'transport=udplite.*local=::1' "a UDP-Lite socket"
else
	skip 1 "this kernel has no UDP-Lite"
fi
is "$(field "$(row "$tmp/kinds" 7010)" n_reuseport)" 2 "two on one number are a group"
like "$(grep ^listing "$tmp/kinds")" 'is_torn=0' "the listing came to rest"
run "$dump" -p 7011
is "$(printf '%s\n' "$out" | grep -c ^socket)" 2 "one port: its listener and its connection"
is "$(field "$(grep 'state=listen' "$tmp/out")" n_peers)" 1 "which is counted as a peer"
# By either reader: the one that walks, and the kernel's pass, which sees connections by itself.
for reader in walk bpf; do
	for port in 7011 7012; do
		run "$dump" -R $reader -p $port
		what="by $reader, who is connected to $port is counted, accepted or not"
		if [ $reader = bpf ] && [ "$status" -ne 0 ]; then
			skip 1 "there is no $reader here"
		else
			is "$(field "$(grep 'state=listen' "$tmp/out")" n_peers)" 1 "$what"
		fi
	done
done
run "$dump" 7001
is "$(printf '%s\n' "$out" | grep -c ^socket)" 1 "one port is one row"

if [ -e /proc/sys/net/mptcp/enabled ] && opened "$listen" mptcp/127.0.0.1/7020; then
	run "$dump" 7020
	is "$(field "$(grep ^socket "$tmp/out")" transport)" mptcp "an MPTCP listener is one row, and MPTCP"
else
	skip 1 "this kernel has no MPTCP"
fi
if grep -q SCTP /proc/net/protocols && opened "$listen" sctp/127.0.0.1/7021; then
	run "$dump" 7021
	is "$(field "$(grep ^socket "$tmp/out")" transport)" sctp "an SCTP listener"
else
	skip 1 "this kernel has no SCTP"
fi

# --- users on one number
cp "$listen" "$tmp/listen" && cp "$dump" "$tmp/dump" && chmod 755 "$tmp" "$tmp/listen" "$tmp/dump"
as_user="-u 1001"
drop=()
if command -v setpriv >/dev/null; then
	as_user=
	drop=(setpriv --reuid=1001 --regid=1001 --clear-groups)
fi
# shellcheck disable=SC2086 -- none, or two words
opened "${drop[@]}" "$tmp/listen" $as_user tcp/127.0.0.1/7030 udp/0.0.0.0/5353/reuseaddr udp/0.0.0.0/7031/reuseaddr
opened "$listen" -u 1002 tcp/::1/7030 udp/0.0.0.0/5353/reuseaddr udp/0.0.0.0/7031/reuseaddr
run "$dump"
is "$(row "$tmp/out" 7030 | grep -c has_rival=1)" 2 "another user's listener on the other loopback is a rival"
is "$(row "$tmp/out" 7031 | grep -c has_rival=1)" 2 "so is one on the same address"
is "$(row "$tmp/out" 5353 | grep -c has_rival=1)" 0 "multicast DNS of several users is not"

# --- names as weapons: each process is shown once, by its own pid, and forges no row
names=($')' $')\n' $'")\n0.0.0.0:22' $'x",pid=1,fd=3))' $'\e[2J' $'\e]52;c;x\a' $'\x9b2J' $'\u202e\u202d' $'=1+1'
	$'<b>' $'\xff\xfe' $'a\tb' $'a\rb' $' ' $'kworker/0:1' $'() S 1 1 1' $'\\' $'%s%n' $'"' $'(')
port=7100
declare -A pid_of
for name in "${names[@]}"; do
	port=$((port + 1))
	opened "$listen" -c "$name" "tcp/127.0.0.1/$port"
	pid_of[$port]=$opened
done
run "$dump"
is "$(row "$tmp/out" '71\d\d' | wc -l)" ${#names[@]} "names cannot hide or forge a row"
wrong=
for port in "${!pid_of[@]}"; do
	owner=$(field "$(row "$tmp/out" "$port")" owners)
	[ "${owner%%:*}" = "${pid_of[$port]}" ] || wrong+="$port "
done
is "$wrong" "" "nor another owner"
like "$(of "$tmp/out" "${pid_of[7103]}")" 'name="\)\\x0a0\.0\.0\.0:22' "a name keeps its bytes"
like "$(of "$tmp/out" "${pid_of[7111]}")" 'name=\\xff\\xfe' "also those that are no text"

# --- what runs
cp "$listen" "$tmp/gone"
opened "$tmp/gone" -x tcp/127.0.0.1/7201
gone=$opened
cp "$listen" "$tmp/replaced"
opened "$tmp/replaced" -x tcp/127.0.0.1/7202
replaced=$opened
cp "$listen" "$tmp/replaced"
opened "$listen" -m tcp/127.0.0.1/7203
memory=$opened
mkdir -m 1777 "$tmp/open"
chmod 1777 "$tmp/open"
cp "$listen" "$tmp/open/tool (deleted)"
opened "$tmp/open/tool (deleted)" tcp/127.0.0.1/7204
open=$opened
mount -t tmpfs none /mnt && cp "$listen" /mnt/tool && opened /mnt/tool tcp/127.0.0.1/7205
tmpfs=$opened
run "$dump"
like "$(of "$tmp/out" $gone)" "executable=$tmp/gone	.*is_deleted=1" "a program whose file is gone"
unlike "$(of "$tmp/out" $gone)" 'is_replaced|is_memfd' "and only that"
like "$(of "$tmp/out" $replaced)" 'is_deleted=1	is_replaced=1' "one whose file is another now"
like "$(of "$tmp/out" $memory)" 'executable=/memfd:hidden	.*is_deleted=1	is_memfd=1' "one that runs from memory"
like "$(of "$tmp/out" $open)" 'tool \(deleted\)	.*is_in_world_writable=1' "one from a directory that is everybody's"
unlike "$(of "$tmp/out" $open)" 'is_deleted' "whose name only says that it was deleted"
like "$(of "$tmp/out" $tmpfs)" 'is_in_tmpfs=1' "one from a file system in memory"
unlike "$(of "$tmp/out" $first)" 'is_deleted|is_memfd' "an ordinary one is neither"

# --- scripts
mkdir -p "$tmp/site/.git"
echo 'ref: refs/heads/fix-cart' >"$tmp/site/.git/HEAD"
if command -v python3 >/dev/null; then
	cd "$tmp/site" && spawn python3 -m http.server --bind 127.0.0.1 7301 >/dev/null 2>&1
	cd "$top" || exit 1
	wait_for 20 "$BASH" -c "exec 3<>/dev/tcp/127.0.0.1/7301"
	run "$dump" 7301
	python=$(of "$tmp/out" $spawned_pid)
	like "$python" 'runtime=python	script=-m http\.server' "an interpreter's module"
	is "$(field "$python" working_directory)" "$tmp/site" "its directory"
	is "$(field "$python" git_branch)" fix-cart "and the branch that it is on"
	like "$(field "$python" parents)" "^$$(,|\$)" "and its parent"
else
	skip 4 "there is no python3"
fi

# --- who asks
if [ ${#drop[@]} -gt 0 ]; then
	run setpriv --reuid=$nobody --regid=$nobody --clear-groups "$tmp/dump" 7001
	is "$status" 0 "an ordinary user gets a listing"
	like "$(grep ^socket "$tmp/out")" 'uid=0.*user=root.*hidden=permission.*owners=$' "with the user, and why the owner is hidden"
	like "$(grep ^listing "$tmp/out")" 'is_complete=0.*hidden_owners=1' "which is said and counted"
	run setpriv --reuid=1001 --regid=1001 --clear-groups "$tmp/dump" 7030
	like "$(grep uid=1001 "$tmp/out" | grep ^socket)" 'hidden=none' "one's own sockets have their owner"
	run setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace "$tmp/dump" -R walk 7030
	like "$(grep ^listing "$tmp/out")" 'is_complete=0.*hidden_owners=2.*lacks_ptrace=1' "root without CAP_SYS_PTRACE says so"
else
	skip 5 "there is no setpriv"
fi
mount -o remount,hidepid=2 /proc 2>/dev/null || mount -t proc -o hidepid=2 proc /proc
if grep -q 'hidepid=\(2\|invisible\)' /proc/self/mounts && [ -x "$tmp/dump" ]; then
	run setpriv --reuid=$nobody --regid=$nobody --clear-groups "$tmp/dump" 7001
	like "$(grep ^socket "$tmp/out")" 'hidden=hidepid' "a /proc that hides processes is named"
else
	skip 1 "/proc cannot be mounted with hidepid"
fi
mount -o remount,hidepid=0 /proc 2>/dev/null

# --- kernel's own, and elsewhere
if ip link add vx0 type vxlan id 7 dstport 7401 dev lo local 127.0.0.1 2>/dev/null && ip link set vx0 up; then
	run "$dump" 7401
	like "$(grep ^socket "$tmp/out")" 'transport=udp.*hidden=(kernel|pid-namespace)' "a socket of the kernel's has no owner"
	ip link del vx0
else
	skip 1 "this kernel has no vxlan"
fi
opened unshare -n "$BASH" -c "ip link set lo up; exec '$listen' tcp/127.0.0.1/7501"
run "$dump" 7501
is "$(grep -c ^socket "$tmp/out")" 0 "another network namespace is another place"
run "$dump" -N 7501
like "$(grep ^socket "$tmp/out")" 'is_elsewhere=1.*owners=[0-9]+:' "that is looked into when asked, with owners"

# --- descriptors that are passed on
opened "$listen" tcp/127.0.0.1/7601 -j 1
run "$BASH" -c "exec 2>&1; '$dump' 7601"
is "$(grep -c "^process" "$tmp/out")" 1 "one owner"
done_testing
