# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# lib: what a shell test needs. Source it first: `. "$(dirname "$0")/lib.sh"` (or ../lib.sh).
# A test prints TAP; `done_testing` comes last. Scratch space is $tmp, removed at the end; processes
# started with `spawn` are stopped by pid.
set -u
export LC_ALL=C.UTF-8 TZ=UTC COLUMNS=80
unset NO_COLOR CLICOLOR_FORCE LANGUAGE XDG_STATE_HOME PERIPLUS_STATE_DIR 2>/dev/null || :
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(dirname "$here")
BUILD=${BUILD:-$top/build}
PERIPLUS=${PERIPLUS:-$BUILD/periplus}
PERIPLUS_SOURCE_DIR=$top
export BUILD PERIPLUS PERIPLUS_SOURCE_DIR
tmp=$(mktemp -d "${TMPDIR:-/tmp}/periplus-test.XXXXXX")
n_run=0
n_failed=0
spawned=()

finish()
{
	local pid point
	for pid in "${spawned[@]:-}"; do
		[ -z "$pid" ] || kill "$pid" 2>/dev/null
	done
	# only for those: as the first process of a namespace, this shell is the parent of every orphan too
	[ -z "${spawned[*]:-}" ] || wait "${spawned[@]}" 2>/dev/null
	# what a test has mounted below is not its own to empty, and only its own namespace is its own to unmount
	if [ -n "${PERIPLUS_IN_NAMESPACE:-}" ]; then
		while read -r _ _ _ _ point _; do
			[[ $point != "$tmp"/* ]] || umount -l "$point" 2>/dev/null
		done < <(sort -r -k 5,5 /proc/self/mountinfo 2>/dev/null)
	fi
	[ -z "${tmp:-}" ] || rm -rf --one-file-system -- "$tmp"
}
trap finish EXIT

# ok STATUS NAME
ok()
{
	n_run=$((n_run + 1))
	if [ "$1" -eq 0 ]; then
		printf 'ok %d - %s\n' "$n_run" "$2"
	else
		n_failed=$((n_failed + 1))
		printf 'not ok %d - %s\n' "$n_run" "$2"
	fi
	return "$1"
}

# is GOT WANT NAME
is()
{
	if [ "$1" = "$2" ]; then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf 'got:  %s\nwant: %s\n' "$1" "$2" | cat -v | sed 's/^/# /'
		return 1
	fi
}

# like TEXT PATTERN NAME: extended regular expression
like()
{
	if printf '%s\n' "$1" | grep -qE -- "$2"; then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf 'text: %s\npattern: %s\n' "$1" "$2" | head -40 | cat -v | sed 's/^/# /'
		return 1
	fi
}

# unlike TEXT PATTERN NAME
unlike()
{
	if printf '%s\n' "$1" | grep -qE -- "$2"; then
		ok 1 "$3"
		printf 'text: %s\npattern: %s\n' "$1" "$2" | head -40 | cat -v | sed 's/^/# /'
		return 1
	fi
	ok 0 "$3"
}

# skip N REASON
skip()
{
	local i
	for ((i = 0; i < $1; i++)); do
		n_run=$((n_run + 1))
		printf 'ok %d # SKIP %s\n' "$n_run" "$2"
	done
}

skip_all()
{
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

# run COMMAND...: sets $status, $out, $err
run()
{
	"$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}

# spawn COMMAND...: starts it in the background and remembers it; its pid is in $spawned_pid
spawn()
{
	"$@" &
	spawned_pid=$!
	spawned+=("$spawned_pid")
}

# apart NAME: a network namespace besides; the command prefix that enters it is put into the array NAME,
# the pid that holds it into NAME_pid. Fails when there is none. After in_namespace.
apart()
{
	spawn unshare -n sleep infinity
	local pid=$spawned_pid
	is_apart() { [ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
	wait_for 60 is_apart || return
	eval "$1=(nsenter -t $pid -n) ${1}_pid=$pid"
}

# wait_for SECONDS COMMAND...: until it succeeds; the only way to wait in a test
wait_for()
{
	local limit=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $limit ] || return 1
		read -rt 0.02 <> <(:) || :
	done
}

# json FILE EXPRESSION: evaluates a Python expression over the document `d`
json()
{
	python3 -c 'import json,sys
d = json.load(open(sys.argv[1]))
r = eval(sys.argv[2])
print(r if isinstance(r, str) else json.dumps(r))' "$1" "$2"
}

done_testing()
{
	printf '1..%d\n' "$n_run"
	[ "$n_failed" -eq 0 ]
	exit
}

# in_namespace: runs the rest of this test in network, mount and pid namespaces of its own, with
# loopback up. Call it right after sourcing this file; needs root.
in_namespace()
{
	if [ "${PERIPLUS_IN_NAMESPACE:-}" != "$0" ]; then
		[ "$(id -u)" = 0 ] || skip_all "needs root to make namespaces"
		unshare -n -m true 2>/dev/null || skip_all "this system refuses new namespaces"
		rm -rf --one-file-system -- "$tmp"
		trap - EXIT
		PERIPLUS_IN_NAMESPACE=$0 exec unshare --net --mount --pid --fork --kill-child --mount-proc "$BASH" "$0" "$@"
	fi
	ip link set lo up
}

# own_state: what root keeps below /var/lib is this test's own; after in_namespace
own_state()
{
	mount -t tmpfs tmpfs /var/lib
}

# far_side: another namespace, reached by the link "near" here, whose end there is "far"; "${far[@]}" before a
# command runs it there, and its first process is $far_pid. After in_namespace.
far_side()
{
	apart far
	ip link add near type veth peer name far netns "$far_pid"
	ip link set near up
	"${far[@]}" ip link set lo up
	"${far[@]}" ip link set far up
}
