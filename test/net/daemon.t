#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# periplusd: who is in its group sees who owns the sockets, who is not does not. Hostile clients leave
# it serving, hostile daemons leave the listing right.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
[ -x "$BUILD/periplusd" ] || skip_all "periplusd is not built"
for tool in setpriv python3; do
	command -v $tool >/dev/null || skip_all "no $tool here"
done
mount -t tmpfs -o mode=755 none /run || skip_all "nothing can be mounted on /run"
chmod 755 "$tmp"
cp "$PERIPLUS" "$tmp/periplus"
chmod 755 "$tmp/periplus"
group=4242
sock=/run/periplus/listing.sock
unset PERIPLUSD_SOCKET

# member COMMAND..., stranger COMMAND..., other COMMAND...: users in the group, outside of it, and
# another one in it
member() { setpriv --reuid=65534 --regid=65534 --groups=$group "$@"; }
stranger() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
other() { setpriv --reuid=1001 --regid=1001 --groups=$group "$@"; }

# Many listeners, so that the answer does not fit into a socket's buffer; hostile names among them.
cat >"$tmp/listeners.py" <<'PYTHON'
import resource, signal, socket
n = 2500
resource.setrlimit(resource.RLIMIT_NOFILE, (n + 100, max(n + 100, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
kept = []
for port in range(7001, 7001 + n):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    s.listen(5)
    kept.append(s)
with open("/proc/self/comm", "wb") as f:
    f.write(b"x\n[end]\t\\\xff")
print("ready", flush=True)
signal.pause()
PYTHON
spawn python3 "$tmp/listeners.py" >"$tmp/listeners"
listeners=$spawned_pid
wait_for 60 grep -q ready "$tmp/listeners"
ok $? "thousands of listeners"

# --- a recording is the listing
run "$PERIPLUS" host --record "$tmp/recording" --json --all
is "$status" 0 "a recording is made" || sed 's/^/# /' "$tmp/err"
cp "$tmp/out" "$tmp/live"
# ... later, when the clock shows another second
at=$(json "$tmp/live" 'd["@timestamp"]')
wait_for 60 eval '[ "$(date -u +%FT%TZ)" != "$at" ]'
run "$PERIPLUS" host --replay "$tmp/recording" --json --all
same='s/"(method|seen_by)": ?"[a-z_]*"/"\1":0/g'
ok "$(cmp -s <(sed -E "$same" "$tmp/live") <(sed -E "$same" "$tmp/out"); echo $?)" \
	"and shows the same, byte for byte, but for how it was seen" ||
	diff <(sed -E "$same" "$tmp/live" | tr ',' '\n') <(sed -E "$same" "$tmp/out" | tr ',' '\n') | head -20 | sed 's/^/# /'
run "$PERIPLUS" host --record "$tmp/recording"
is "$status" 73 "an old recording is not replaced"
is "$(stat -c %a "$tmp/recording" "$tmp/recording/host" | tr '\n' ' ')" "700 600 " "it is its maker's alone"

# --- the daemon
listening() { python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])' "$sock"; }
mkdir -m 755 /run/periplus
spawn "$BUILD/periplusd" --listen "$sock" --group $group 2>"$tmp/log"
daemon=$spawned_pid
wait_for 20 listening
ok $? "it listens" || sed 's/^/# /' "$tmp/log"
is "$(stat -c '%a %u %g' "$sock")" "660 0 $group" "its socket is root's and the group's"
if grep -q __asan_init "$BUILD/periplusd" || ! grep -q Seccomp_filters /proc/self/status; then
	skip 1 "no filter of system calls here"
else
	is "$(awk '$1 == "Seccomp:" { print $2 }' "/proc/$daemon/status")" 2 "it has closed the system calls that it does not need"
fi
# CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_PERFMON, CAP_BPF: 2, 19, 38, 39
allowed=$(((1 << 2) | (1 << 19) | (1 << 38) | (1 << 39)))
beyond=
for set in CapInh CapPrm CapEff CapBnd CapAmb; do
	value=$(sed -n "s/^$set:\t//p" "/proc/$daemon/status")
	[ $((0x$value & ~allowed)) = 0 ] || beyond+="$set=$value "
done
is "$beyond" "" "it keeps four capabilities and can gain no others"
is "$(sed -n 's/^NoNewPrivs:\t//p' "/proc/$daemon/status")" 1 "nor new privileges"

# sees NAME COMMAND...: the owners by way of the daemon
names() { json "$1" 'sorted({r["process"]["pid"] for r in d["listeners"] if r["process"] and r["server"]["port"] >= 7001})'; }
sees()
{
	local name=$1
	shift
	run "$@" "$tmp/periplus" host --json --all
	is "$(json "$tmp/out" 'd["method"]') $(names "$tmp/out") $(json "$tmp/out" 'len(d["listeners"])')" \
		"periplusd [$listeners] 2500" "$name" || sed 's/^/# /' "$tmp/err" "$tmp/log" | head -20
}
sees "a member sees every owner" member
is "$status" "0" "and nothing is missing"
is "$(json "$tmp/out" 'd["listeners"][0]["process"]["name"]')" \
	"$(json "$tmp/live" 'd["listeners"][0]["process"]["name"]')" "under the very name"
run member "$tmp/periplus" 7001
like "$out" "pid $listeners" "one port has its owner too"
run member "$tmp/periplus" host --reader walk --json
unlike "$(json "$tmp/out" 'd["method"]')" periplusd "who asks for a reader gets that one"

hidden()
{
	local name=$1
	shift
	run "$@" "$tmp/periplus" host --json --all
	is "$status $(names "$tmp/out") $(json "$tmp/out" 'len(d["listeners"])')" "3 [] 2500" "$name"
	unlike "$(json "$tmp/out" 'd["method"]')" periplusd "$name: by their own look"
}
hidden "who is not in the group sees no owner" stranger
like "$err" "members of the group" "and is told how"
run env PERIPLUSD_SOCKET=/nonexistent "$PERIPLUS" host --json
unlike "$(json "$tmp/out" 'd["method"]')" periplusd "root never asks"

# --- hostile clients
cat >"$tmp/clients.py" <<'PYTHON'
import os, resource, select, socket, sys, time
path, group, what = sys.argv[1:]
os.setgroups([int(group)]) # here, because an interpreter may be root's alone
os.setgid(65534)
os.setuid(65534)

def client():
    s = socket.socket(socket.AF_UNIX)
    while True:
        try:
            s.connect(path)
            return s
        except BlockingIOError:
            pass

def answer(question):
    s = client()
    s.settimeout(60)
    got = b""
    try:
        s.sendall(question)
        while piece := s.recv(65536):
            got += piece
    except (BrokenPipeError, ConnectionResetError):
        pass
    return got

def silent(s):
    p = select.poll()
    p.register(s, select.POLLHUP)
    return not any(event & (select.POLLHUP | select.POLLERR) for _, event in p.poll(0))

if what == "many":
    resource.setrlimit(resource.RLIMIT_NOFILE, (1100, max(1100, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    held = [client() for _ in range(1000)]
    print("ready", flush=True)
    sys.stdin.read()
elif what == "slow":
    held = [client() for _ in range(8)]
    for s in held:
        s.sendall(b"listing 1\n")
    print("ready", flush=True)
    limit = time.monotonic() + 60
    while any(silent(s) for s in held) and time.monotonic() < limit:
        time.sleep(0.1)
    print("dropped" if not any(silent(s) for s in held) else "kept", flush=True)
elif what == "garbage":
    for question in (b"\n", b"\0" * 64, b"listing 2\n", b"listing 1", b"listing 1\r\n", b"listing 1 \n",
                     os.urandom(64), b"A" * (1 << 20), b"GET / HTTP/1.1\r\n\r\n"):
        got = answer(question)
        if got not in (b"", b"unknown\n"):
            print("answered", question[:20], got[:40])
    print("done", flush=True)
elif what == "pieces":
    s = client()
    for c in b"listing 1\nand more that nobody reads":
        s.sendall(bytes([c]))
    print(s.recv(18, socket.MSG_WAITALL).decode(), flush=True)
elif what == "shared":
    held = [client() for _ in range(12)]
    for s in held:
        s.sendall(b"listing 1\n")
    texts = []
    for s in held:
        s.settimeout(60)
        text = b""
        while piece := s.recv(65536):
            text += piece
        texts.append(text)
    print(all(t.startswith(b"periplus listing 1\n") and t.endswith(b"\n[end]\n") for t in texts), flush=True)
PYTHON
n_open() { find "/proc/$daemon/fd" -mindepth 1 | wc -l; }
idle() { [ "$(n_open)" -le "$n_idle" ]; }
n_idle=$(n_open)
run python3 "$tmp/clients.py" $sock $group garbage
is "$out" done "garbage is answered with a word or nothing"
run python3 "$tmp/clients.py" $sock $group pieces
is "$out" "periplus listing 1" "a question in pieces is one"
run python3 "$tmp/clients.py" $sock $group shared
is "$out" True "who waits together is served together"
mkfifo "$tmp/hold"
python3 "$tmp/clients.py" $sock $group many <"$tmp/hold" >"$tmp/many" &
spawned+=($!)
exec {hold}>"$tmp/hold"
wait_for 60 grep -q ready "$tmp/many"
ok $? "one member holds a thousand connections"
sees "another is served meanwhile" other
exec {hold}>&-
spawn python3 "$tmp/clients.py" $sock $group slow >"$tmp/slow"
wait_for 60 grep -q ready "$tmp/slow"
sees "and while some do not read what they asked for" other
wait_for 90 grep -qE 'dropped|kept' "$tmp/slow"
is "$(sed -n 2p "$tmp/slow")" dropped "those are dropped in the end"
is "$(ls -d "/proc/$daemon")" "/proc/$daemon" "the daemon is still the same"
wait_for 20 idle
ok $? "and holds no connection any more"
sees "and answers" member
is "$(grep -c 'user 65534 reads' "$tmp/log")" 1 "each user is noted once"

# --- the socket as systemd passes it
cat >"$tmp/activate.py" <<'PYTHON'
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
os.chown(sys.argv[1], 0, int(sys.argv[2]))
os.chmod(sys.argv[1], 0o660)
s.listen(64)
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[3], sys.argv[3:])
PYTHON
spawn python3 "$tmp/activate.py" "$tmp/passed" $group "$BUILD/periplusd" 2>"$tmp/passed.log"
wait_for 20 test -S "$tmp/passed"
wait_for 20 python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])' "$tmp/passed"
sees "it takes a socket that is passed to it" member env PERIPLUSD_SOCKET="$tmp/passed"
run "$BUILD/periplusd"
is "$status" 64 "without one it says so"
run stranger "$BUILD/periplusd" --listen "$tmp/mine"
like "$status" '^(77|126|127)$' "nobody but root starts it"
run "$BUILD/periplusd" --listen "$tmp/mine" --group no-such-group
is "$status" 67 "a group that is not there is named"

# --- hostile daemons
cat >"$tmp/daemon.py" <<'PYTHON'
import os, socket, sys, time
path, what = sys.argv[1:]
whole = open(os.environ["GOOD"], "rb").read() if "GOOD" in os.environ else b""
s = socket.socket(socket.AF_UNIX)
s.bind(path)
os.chmod(path, 0o666 if what == "open" else 0o660)
os.chown(path, 0, int(os.environ["GROUP"]))
if what == "owned":
    os.chown(path, 65534, int(os.environ["GROUP"]))
s.listen(8)
print("ready", flush=True)
forged = (b"periplus listing 1\n[host]\nis_verbatim=1\n\n[processes]\npid=1\tname=forged\n\n[sockets]\n"
          b"port=6666\tinode=1\tlocal=0.0.0.0\towners=1:3\n\n[end]\n")
while True:
    c, _ = s.accept()
    try:
        c.recv(64)
        if what == "hang":
            time.sleep(60)
        elif what == "drip":
            while True:
                c.sendall(b"p")
                time.sleep(0.1)
        elif what == "endless":
            c.sendall(b"periplus listing 1\n[host]\n")
            while True:
                c.sendall(b"#" * 65536)
        elif what == "cut":
            c.sendall(whole[:-20])
        elif what == "nonsense":
            c.sendall(os.urandom(100000))
        elif what == "unknown":
            c.sendall(forged.replace(b"name=", b"colour="))
        else:
            c.sendall(forged)
    except OSError:
        pass
    c.close()
PYTHON
python3 - "$sock" >"$tmp/good" <<'PYTHON'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"listing 1\n")
while piece := s.recv(65536):
    sys.stdout.buffer.write(piece)
PYTHON
like "$(tail -c 7 "$tmp/good")" '^\[end\]$' "a whole answer"

# against WHAT PATTERN NAME
against()
{
	spawn env GOOD="$tmp/good" GROUP=$group python3 "$tmp/daemon.py" "$tmp/$1.sock" "$1" >"$tmp/$1.out"
	wait_for 20 grep -q ready "$tmp/$1.out"
	hidden "a daemon $3" member env PERIPLUSD_SOCKET="$tmp/$1.sock"
	like "$err" "$2" "a daemon $3: it is said"
	kill "$spawned_pid"
}
against nonsense "is no listing" "that answers nonsense"
against unknown "is no listing.*colour" "that says what nobody knows"
against cut "is no listing" "whose answer is cut"
against hang "in time" "that hangs"
against drip "in time" "that never comes to an end"
against endless "longer than" "that sends without end"
against open "not as periplusd makes it" "whose socket is everybody's"
against owned "not as periplusd makes it" "whose socket is not root's"

spawn env GROUP=$group python3 "$tmp/daemon.py" "$tmp/forged.sock" forged >"$tmp/forged.out"
wait_for 20 grep -q ready "$tmp/forged.out"
run member env PERIPLUSD_SOCKET="$tmp/forged.sock" "$tmp/periplus" host --json --all
is "$status $(json "$tmp/out" 'len(d["listeners"])') $(grep -c forged "$tmp/out")" "3 2500 0" \
	"a daemon cannot make up a socket, nor hide one"
run env PERIPLUSD_SOCKET="$tmp/forged.sock" "$PERIPLUS" host --json
is "$status $(names "$tmp/out")" "0 [$listeners]" "root is not led astray by a variable"
done_testing
