#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sockets that no ordinary table of descriptors holds: on their way between processes, fixed files of
# an io_uring, in the table of one thread. Each reader finds the owner or says that there is none to
# be found; neither names a wrong one.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
dump=$BUILD/test/test-hostdump
limits=$BUILD/test/test-limits
listen=$BUILD/test/test-listen
[ -x "$dump" ] && [ -x "$limits" ] && [ -x "$listen" ] || skip_all "the test programs are not built"

# hidden HOW PORT: `limits` with its socket out of sight; its pid is in $owner
hidden()
{
	local ready=$tmp/ready.$1
	owner=
	mkfifo "$ready.in"
	"$limits" "$1" "$2" <"$ready.in" >"$ready" 2>&1 &
	spawned+=("$!")
	exec {hold}>"$ready.in"
	wait_for 60 grep -q '^ready\|^cannot' "$ready" || return 1
	owner=$(sed -n 's/^ready //p' "$ready")
	refused=$(sed -n 's/^cannot //p' "$ready")
	[ -n "$owner" ]
}

# Bystanders hold other sockets: none of them may be named instead.
mkfifo "$tmp/in"
"$listen" tcp/127.0.0.1/7100+20 -j 4 <"$tmp/in" >"$tmp/listen" 2>&1 &
spawned+=("$!")
exec {keep}>"$tmp/in"
wait_for 60 grep -q ready "$tmp/listen" || skip_all "no sockets can be opened here"

readers=(walk)
"$dump" -R bpf 7100 >/dev/null 2>&1 && readers+=(bpf)

# found READER PORT: "OWNERS HIDDEN" of the one row of that port
found()
{
	"$dump" -R "$1" "$2" >"$tmp/out" 2>"$tmp/err" || { cat "$tmp/err"; return; }
	sed -n 's/^socket\t.*\thidden=\([a-z-]*\)\t.*\towners=\(.*\)$/\2 \1/p' "$tmp/out" | sed 's/:[0-9]*/:/g'
}

for how in flight io_uring; do
	port=7001
	[ $how = flight ] || port=7002
	if ! hidden $how $port; then
		skip $((2 * ${#readers[@]})) "$how: ${refused:-it did not start}"
		continue
	fi
	for reader in "${readers[@]}"; do
		got=$(found "$reader" $port)
		like "$got" "^( (kernel|pid-namespace|unknown)|$owner: none)\$" "$how: $reader finds the owner, or that it finds none"
		is "$(grep -c '^socket' "$tmp/out")" 1 "$how: $reader lists the socket once"
	done
	run "$PERIPLUS" $port
	like "$out" 'PP202|PP205|pid '"$owner" "$how: the page says so"
done

if hidden thread 7003; then
	like "$(found walk 7003)" "^( (kernel|pid-namespace|unknown)|$owner: none)\$" \
		"a thread's own table: the walk names nobody else"
	if [ ${#readers[@]} -gt 1 ]; then
		is "$(found bpf 7003)" "$owner: none" "a thread's own table: bpf finds the process"
	else
		skip 1 "BPF is not available"
	fi
else
	skip 2 "thread: ${refused:-it did not start}"
fi
if hidden empty 7004; then
	for reader in walk bpf; do
		if [ $reader = bpf ] && [ ${#readers[@]} -eq 1 ]; then
			skip 1 "BPF is not available"
			continue
		fi
		is "$(found $reader 7004)" "$owner: none" "a first thread without descriptors: $reader asks the others"
	done
else
	skip 2 "empty: ${refused:-it did not start}"
fi
done_testing
