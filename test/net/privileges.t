#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Who looks, and what is said of it: root, root without CAP_SYS_PTRACE, root without CAP_BPF, an
# ordinary user, and root inside of a user and pid namespace of its own. Each sees every socket with
# its user; whoever may not see a program is told so: status 3, one line on stderr, the number of
# hidden owners, "complete": false, and why in each row.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
listen=$BUILD/test/test-listen
[ -x "$listen" ] || skip_all "'$listen' is not built"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
command -v setpriv >/dev/null || skip_all "there is no setpriv"
command -v python3 >/dev/null || skip_all "there is no python3"
nobody=65534
mine=1001

# Others must be able to run what they look with; the copies of the build may lie out of their reach.
chmod 755 "$tmp"
cp "$listen" "$tmp/listen"
cp "$PERIPLUS" "$tmp/periplus"
chmod 755 "$tmp/listen" "$tmp/periplus"
periplus=$tmp/periplus

opened()
{
	local line=$tmp/ready$((${#spawned[@]} + 1))
	mkfifo "$line.in"
	"$@" <"$line.in" >"$line" 2>"$line.err" &
	opened=$!
	spawned+=("$opened")
	exec {keep}>"$line.in"
	wait_for 60 grep -q ready "$line" || sed 's/^/# /' "$line.err"
}

opened "$tmp/listen" tcp/127.0.0.1/7001 udp/0.0.0.0/7002
of_root=$opened
opened setpriv --reuid=$mine --regid=$mine --clear-groups "$tmp/listen" tcp/0.0.0.0/7003
of_user=$opened

# looks LISTER...: a listing as JSON in $tmp/json, its remarks in $err, its status in $status
looks()
{
	run timeout 120 "$@" --json
	cp "$tmp/out" "$tmp/json"
}

# rows: "PORT UID PID HIDDEN" of every listener, by port
rows()
{
	python3 - "$tmp/json" <<'END'
import json, sys
d = json.load(open(sys.argv[1]))
for r in sorted(d["listeners"], key=lambda r: r["server"]["port"]):
    p = r["process"]
    if r["server"]["port"]:
        print(r["server"]["port"], p["pid"] if p else "-", r["periplus"]["hidden"] or "-",
              "complete" if r["periplus"]["complete"] else "incomplete")
END
}

# sees_all NAME: nothing is hidden, so nothing is said
sees_all()
{
	is "$status" 0 "$1: status 0"
	is "$(rows)" "7001 $of_root - complete
7002 $of_root - complete
7003 $of_user - complete" "$1: every listener with its owner"
	is "$(json "$tmp/json" '[d["complete"], d["hidden_owners"]]')" "[true, 0]" "$1: complete, nothing is hidden"
	is "$err" "" "$1: no remark"
}

# says_hidden NAME N: what cannot be seen is said in all four places
says_hidden()
{
	is "$status" 3 "$1: status 3"
	is "$(json "$tmp/json" '[d["complete"], d["hidden_owners"]]')" "[false, $2]" "$1: incomplete, and how many are hidden"
	like "$err" "^periplus: the programs of $2 of 3 sockets are hidden from you" "$1: one line says so"
	is "$(wc -l <<<"$err")" 1 "$1: only one"
	is "$(json "$tmp/json" 'sorted(r["server"]["port"] for r in d["listeners"] if r["server"]["port"])')" \
		"[7001, 7002, 7003]" "$1: every socket is there all the same"
}

# --- root. A container may run this test with less than root's rights: then say what root lacks.
effective=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
has()
{
	[ $(((16#$effective >> $1) & 1)) -eq 1 ]
}
if has 19; then
	looks "$periplus"
	sees_all "root"
	looks "$periplus" 7003
	is "$status" 0 "root, one port: status 0"
else
	skip 5 "this root lacks CAP_SYS_PTRACE"
fi

# --- root without CAP_SYS_PTRACE: the walk sees what runs with no more rights than that; one pass of
# the kernel sees who all are, but not what they run
no_ptrace=(setpriv "--bounding-set=-sys_ptrace" "--inh-caps=-sys_ptrace")
run "${no_ptrace[@]}" true
if [ "$status" -eq 0 ]; then
	looks "${no_ptrace[@]}" "$periplus" --reader=walk
	n_hidden=$(rows | grep -c ' - permission ')
	ok $((n_hidden > 0 ? 0 : 1)) "without CAP_SYS_PTRACE: programs are hidden"
	says_hidden "without CAP_SYS_PTRACE" "$n_hidden"
	like "$err" 'lacks CAP_SYS_PTRACE' "without CAP_SYS_PTRACE: and what would help"
	run timeout 120 "${no_ptrace[@]}" "$periplus" -q
	is "$status:$err" "3:" "without CAP_SYS_PTRACE: -q leaves the line out, never the status"
	run timeout 120 "${no_ptrace[@]}" "$periplus" check
	ok $((status == 0 ? 1 : 0)) "without CAP_SYS_PTRACE: a check does not pass"
	run timeout 120 "${no_ptrace[@]}" "$periplus" 7001
	is "$status" 3 "without CAP_SYS_PTRACE: nor does a port answer for sure"
	looks "${no_ptrace[@]}" "$periplus"
	is "$status:$(wc -l <<<"$err"):$(json "$tmp/json" 'd["complete"]')" 3:1:false \
		"without CAP_SYS_PTRACE: by whatever it looks, it says that a part is hidden"
else
	skip 11 "setpriv cannot take CAP_SYS_PTRACE away here"
fi

# --- root without CAP_BPF: slower, and just as whole
run setpriv "--bounding-set=-bpf,-perfmon,-sys_admin" true
if [ "$status" -eq 0 ] && has 19; then
	looks setpriv "--bounding-set=-bpf,-perfmon,-sys_admin" "$periplus"
	sees_all "without CAP_BPF"
	is "$(json "$tmp/json" 'd["method"]')" sock_diag "without CAP_BPF: says by what it looked"
else
	skip 5 "setpriv cannot take CAP_BPF away here"
fi

# --- an ordinary user: users and addresses of all, programs of one's own
looks setpriv --reuid=$nobody --regid=$nobody --clear-groups "$periplus"
says_hidden "an ordinary user" 3
is "$(rows | cut -d' ' -f2,3 | sort -u)" "- permission" "an ordinary user: each row says why"
is "$(json "$tmp/json" 'sorted(int(r["periplus"]["socket"]["user"]["id"]) for r in d["listeners"] if r["server"]["port"])')" \
	"[0, 0, $mine]" "an ordinary user: whose they are is no secret"
like "$err" 'run it as root' "an ordinary user: and what would help"
run timeout 120 setpriv --reuid=$nobody --regid=$nobody --clear-groups "$periplus" --ndjson -q
is "$(grep -c '"complete":false' "$tmp/out")" 3 "an ordinary user: each NDJSON line says so too"
looks setpriv --reuid=$mine --regid=$mine --clear-groups "$periplus"
says_hidden "the owner of one" 2
is "$(rows | grep ^7003)" "7003 $of_user - incomplete" "the owner of one: sees that one"

# --- inside of a user and pid namespace, as in a container that shares our network
if unshare -U -r -p -f --mount-proc true 2>/dev/null; then
	looks unshare -U -r -p -f --mount-proc "$periplus"
	says_hidden "in a user namespace" 3
	is "$(rows | cut -d' ' -f2)" "-
-
-" "in a user namespace: no owner is made up"
	like "$err" 'another pid namespace or outside of this container' "in a user namespace: and where to ask"
	cat >"$tmp/inside.sh" <<'END'
mkfifo "$1/inside"
"$1/listen" tcp/0.0.0.0/7009 <"$1/inside" >"$1/inside.ready" &
listening=$!
exec 5>"$1/inside"
for ((i = 0; i < 3000; i++)); do
	grep -q ready "$1/inside.ready" && break
	read -rt 0.02 <> <(:)
done
echo "$listening" >"$1/inside.pid"
"$1/periplus" --json
status=$?
kill "$listening"
exit $status
END
	run timeout 120 unshare -U -r -p -f --mount-proc -n "$BASH" "$tmp/inside.sh" "$tmp"
	cp "$tmp/out" "$tmp/json"
	is "$(rows | cut -d' ' -f1,2)" "7009 $(cat "$tmp/inside.pid")" "in a network of its own: only what is there, by the pid it has there"
	is "$status $(json "$tmp/json" '[d["complete"], d["hidden_owners"]]')" "0 [true, 0]" "in a network of its own: which is complete"
else
	skip 9 "this system refuses user namespaces"
fi
done_testing
