#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# stop: what listens ends and nothing else: clients live on, a process that took the number of an ended
# one is never reached, supervised programs are ended by their supervisor. SOAK=1: 200 reused numbers
# instead of 20.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
for tool in python3 unshare setpriv; do
	command -v $tool >/dev/null || skip_all "no $tool here"
done
# ended PID: gone, or dead and not yet waited for by this shell
ended() { [ ! -e "/proc/$1" ] || grep -q '^State:.*Z' "/proc/$1/status"; }
free() { run "$PERIPLUS" why "$1" --json; is "$(json "$tmp/out" 'd["periplus"]["can_bind"]')" true "$2"; }

# hold PORT PYTHON: $spawned_pid waits there
hold()
{
	spawn python3 -c "
import os, signal, socket, sys, time
port = $1
def listen(address='127.0.0.1', family=socket.AF_INET):
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind((address, port))
    s.listen()
    return s
$2
print('ready', flush=True)
signal.pause()" >"$tmp/held"
	wait_for 60 grep -q ready "$tmp/held"
}

hold 3000 's = listen(); c = s.accept' # a bound method: nothing is accepted yet
server=$spawned_pid
hold 3000 'c = socket.create_connection(("127.0.0.1", port))'
client=$spawned_pid
run "$PERIPLUS" stop -n 3000
is "$status" 0 "a dry run"
like "$out" "will stop +python3, pid $server, user root, started" "has the plan"
unlike "$out" "pid $client" "in which no client is"
run "$PERIPLUS" stop 3000 </dev/null
is "$status" 64 "without a terminal it wants --yes"
like "$err" "add --yes" "and says so"
ok "$(! ended "$server"; echo $?)" "nothing has ended"
run "$PERIPLUS" stop 3000 --yes
is "$status" 0 "then it stops" || sed 's/^/# /' "$tmp/err"
like "$out" "3000/tcp is free" "the port is free"
ok "$(ended "$server"; echo $?)" "the server has ended"
ok "$(! ended "$client"; echo $?)" "the client has not"

# A connection that was accepted outlives its server by a while: FIN_WAIT_2, nobody's.
hold 3000 's = listen(); c = socket.create_connection(("127.0.0.1", port)); a = s.accept()
if os.fork():
    c.close(); signal.pause()
s.close(); a[0].close(); print("ready", os.getpid(), flush=True); signal.pause()'
client=$(sed -n 's/^ready //p' "$tmp/held")
run "$PERIPLUS" stop 3000 --yes
is "$status" 0 "a server with a client that stays connected" || sed 's/^/# /' "$tmp/err"
like "$out" "3000/tcp is free; its last connections keep it" "is free, and for whom it is not is said"
ok "$(kill "$client"; echo $?)" "and the client lived"

hold 3001 'signal.signal(signal.SIGTERM, signal.SIG_IGN); s = listen()'
run "$PERIPLUS" stop 3001 --yes
is "$status" 75 "who does not listen to SIGTERM is waited for"
like "$err" "add --kill" "and the remedy is told"
ok "$(! ended "$spawned_pid"; echo $?)" "it is left running"
run "$PERIPLUS" stop 3001 --yes --kill
is "$status" 0 "until --kill"
ok "$(ended "$spawned_pid"; echo $?)" "it has ended"

hold 3002 's = listen("0.0.0.0")'
four=$spawned_pid
hold 3002 's = listen("::", socket.AF_INET6)'
six=$spawned_pid
run "$PERIPLUS" stop 3002 --yes
is "$status" 0 "two programs on IPv4 and IPv6 are one port"
ok "$(ended "$four" && ended "$six"; echo $?)" "both end"
free 3002 "and it is free"

hold 3003 's = listen()
for i in range(3):
    if os.fork() == 0:
        signal.pause()'
run "$PERIPLUS" stop -n 3003
is "$(grep -c 'will stop' "$tmp/out")" 1 "a family that shares a socket is one step"
like "$out" "pid $spawned_pid," "its eldest"
run "$PERIPLUS" stop 3003 --yes --kill
like "$err" "waits there now" "children that outlive it are told of, not ended unasked"
is "$status" 75 "and the status says that the port is not free"
run "$PERIPLUS" stop 3003 --yes
while [ "$status" != 0 ] && [ "${n_left:=0}" -lt 5 ]; do
	n_left=$((n_left + 1))
	run "$PERIPLUS" stop 3003 --yes
done
free 3003 "asked again, they are ended too"

hold 3004 's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", port))'
udp=$spawned_pid
hold 3004 's = listen()'
run "$PERIPLUS" stop 3004/udp --yes
is "$status" 0 "one transport"
ok "$(ended "$udp" && ! ended "$spawned_pid"; echo $?)" "is ended without the other"

# --- as a document, when all is done
hold 3008 'import threading
s = listen()
taken = []
threading.Thread(target=lambda: taken.append(s.accept()), daemon=True).start()'
server=$spawned_pid
hold 3008 'c = socket.create_connection(("127.0.0.1", port))'
client=$spawned_pid
run "$PERIPLUS" stop 3008 --json </dev/null
is "$status $out" "64 " "a document asks nobody, so --yes or --dry-run goes with it"
like "$err" "add --yes or --dry-run" "which it says"
run "$PERIPLUS" stop 3008 --json --dry-run
is "$status $(json "$tmp/out" 'd["periplus"]["result"]')" "0 planned" "the plan as JSON"
is "$(json "$tmp/out" '[s["process"]["pid"] for s in d["periplus"]["steps"]]')" "[$server]" "with what would end"
has_connection() { run "$PERIPLUS" stop 3008 --json -n; [ "$(json "$tmp/out" 'd["periplus"]["connections"]')" = 1 ]; }
wait_for 60 has_connection # until it is accepted
is "$(json "$tmp/out" 'd["periplus"]["connections"]')" 1 "and how many connections with it"
ok "$(! ended "$server"; echo $?)" "nothing has ended"
hold 3010 's = listen()'
run "$PERIPLUS" stop 3010 --ndjson --yes
is "$status $(wc -l <"$tmp/out") $(json "$tmp/out" 'd["periplus"]["result"]')" "0 1 stopped" "what was done, as one line"
ok "$(ended "$spawned_pid" && ! ended "$server" && ! ended "$client"; echo $?)" "and nothing else has ended"
hold 3009 'signal.signal(signal.SIGTERM, signal.SIG_IGN); s = listen()'
run "$PERIPLUS" stop 3009 --json --yes
is "$status $(json "$tmp/out" 'd["periplus"]["result"], d["periplus"]["exit_status"]')" '75 ["failed", 75]' \
	"what did not end"
like "$err" "add --kill" "is told to people too"
run "$PERIPLUS" stop 3009 --json --yes --kill
is "$status $(json "$tmp/out" 'd["periplus"]["result"], d["periplus"]["kill"]')" '0 ["stopped", true]' "and ends by --kill"

# --- what cannot be
mkdir -m 755 "$tmp/bin"
chmod 755 "$tmp"
cp "$PERIPLUS" "$tmp/bin/periplus"
hold 3005 's = listen()'
run setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$tmp/bin/periplus" stop 3005 --yes
is "$status" 77 "another's hidden program is not guessed at"
ok "$(! ended "$spawned_pid"; echo $?)" "and lives"
run "$PERIPLUS" stop 3999
is "$status" 69 "nothing listens: nothing is done"
for words in "" "http" "3000-3001" "0" "3000 3001" "3005 --plain"; do
	# shellcheck disable=SC2086 -- words
	run "$PERIPLUS" stop $words
	is "$status" 64 "'stop $words' is refused"
done

# --- a supervisor: the unit by its control group; systemctl is one that writes down what it is asked
mkdir "$tmp/cgroup"
shop=shop-$RANDOM-$RANDOM # control groups are of the whole machine
if mount -t cgroup2 none "$tmp/cgroup" 2>/dev/null && mkdir -p "$tmp/cgroup/system.slice/$shop.service" 2>/dev/null; then
	group=$tmp/cgroup/system.slice/$shop.service
	hold 3006 's = listen()'
	echo "$spawned_pid" >"$group/cgroup.procs"
	cat >"$tmp/bin/systemctl" <<SH
#!/bin/sh
echo "\$@" >>"$tmp/asked"
kill $spawned_pid
SH
	chmod 755 "$tmp/bin/systemctl"
	run env PATH="$tmp/bin:$PATH" "$PERIPLUS" stop 3006 --yes
	wait_for 60 ended "$spawned_pid"
	is "$(cat "$tmp/asked")" "stop -- $shop.service" "a service is ended by its supervisor"
	like "$out" "via +systemctl stop $shop.service" "as the plan says"
	wait "$spawned_pid" 2>/dev/null
	wait_for 60 rmdir "$group"
	rmdir "$tmp/cgroup/system.slice" 2>/dev/null
	umount "$tmp/cgroup"
else
	skip 2 "no control group can be made here"
fi

# --- numbers of processes that come back: the plan is shown, its process ends, another gets its number
# (with a client of another server), and then the answer is yes
cat >"$tmp/reuse.py" <<'PYTHON'
import os, pty, select, signal, socket, sys, time
periplus, n = sys.argv[1], int(sys.argv[2])
last = "/proc/sys/kernel/ns_last_pid"
wrong = reused = 0

def server(ready):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 4000))
    s.listen()
    os.write(ready, b"x")
    signal.pause()

other = socket.socket()
other.bind(("127.0.0.1", 0))
other.listen(64)

def read_until(fd, text, limit=120):
    got = b""
    end = time.monotonic() + limit
    while text not in got and time.monotonic() < end:
        if select.select([fd], [], [], 1)[0]:
            try:
                piece = os.read(fd, 4096)
            except OSError:
                break
            if not piece:
                break
            got += piece
    return got

for i in range(n):
    r, w = os.pipe()
    old = os.fork()
    if old == 0:
        server(w)
    os.read(r, 1)
    os.close(r)
    os.close(w)
    stop, terminal = pty.fork()
    if stop == 0:
        os.execv(periplus, [periplus, "stop", "4000"])
    shown = read_until(terminal, b"[y/N]")
    if b"pid %d" % old not in shown:
        print("no plan:", shown)
        wrong += 1
    os.kill(old, signal.SIGKILL)
    os.waitpid(old, 0)
    try:
        with open(last, "w") as f:
            f.write(str(old - 1))
    except OSError:
        print("cannot choose numbers")
        sys.exit(3)
    victim = os.fork()
    if victim == 0:
        c = socket.create_connection(other.getsockname())
        signal.pause()
    reused += victim == old
    os.write(terminal, b"y\n")
    read_until(terminal, b"\0")
    os.waitpid(stop, 0)
    os.close(terminal)
    ended, _ = os.waitpid(victim, os.WNOHANG)
    if ended:
        wrong += 1
    else:
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
print("reused", reused, "wrong", wrong)
PYTHON
n=20
[ -z "${SOAK:-}" ] || n=200
run unshare --pid --fork --mount-proc python3 "$tmp/reuse.py" "$PERIPLUS" $n
if [ "$status" = 3 ]; then
	skip 2 "this kernel does not let numbers be chosen"
else
	is "$status" 0 "$n times a number came back" || sed 's/^/# /' "$tmp/err"
	is "$out" "reused $n wrong 0" "and its new process was never reached"
fi
done_testing
