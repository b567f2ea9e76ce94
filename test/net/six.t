#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Six ordinary servers on numbers that belong to others: script and directory are named six times
# of six, and none is unexpected for speaking HTTP. Then names as weapons: whatever a process calls
# itself, its true pid is shown, no format carries a raw control byte, and no row is forged.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
python=/usr/bin/python3
[ -x $python ] || python=$(command -v python3) || skip_all "there is no python3"
ports="3000 3476 5000 6443 8081 9981"

declare -A pid
for port in $ports; do
	mkdir -p "$tmp/site-$port"
	(cd "$tmp/site-$port" && exec $python -m http.server "$port" >/dev/null 2>&1) &
	pid[$port]=$!
	spawned+=("$!")
done
listens() { grep -qi ":$(printf %04X "$1") 0*:0000 0A" /proc/net/tcp; }
for port in $ports; do
	wait_for 60 listens "$port" || printf '# port %s did not open\n' "$port"
done

"$PERIPLUS" --json -q >"$tmp/all" 2>"$tmp/err"
for port in $ports; do
	row="next(l for l in d['listeners'] if l['server']['port'] == $port)"
	is "$(json "$tmp/all" "$row['process']['pid']")" "${pid[$port]}" "$port: the pid"
	is "$(json "$tmp/all" "$row['process']['working_directory']")" "$tmp/site-$port" "$port: the directory"
	like "$(json "$tmp/all" "$row['process']['command_line']")" "http.server $port" "$port: the command line"
	like "$("$PERIPLUS" --plain -q | awk -F'\t' -v p="$port" '$4 == p {print $7}')" "http\.server" "$port: named by the script, not python3"
	unlike "$(json "$tmp/all" "$row['periplus']['verdict']")" "unexpected" "$port: not unexpected"
	run "$PERIPLUS" "$port" -q
	like "$out" "http\.server" "$port: the page names the script"
	like "$out" "site-$port" "$port: and the directory"
done

# --- names as weapons: comm (15 bytes) and argv[0]
cat >"$tmp/hostile.py" <<'PY'
import ctypes, os, socket, sys, time
libc = ctypes.CDLL(None)
names = [b'\x1b[31mred', b'a\nb 0.0.0.0:22', b'")', b')\n0.0.0.0:22', b'x",pid=1,fd=3', b'\xe2\x80\xaetxt.exe',
         b'\xff\xfe\x80', b'=1+1', b'<b>x</b>', b'\x9b31m', b'a\tb\tc', b'(x) S 1', b'%s%n', b'\xc2\x9b2J', b'\\x1b']
pids = []
for i, name in enumerate(names):
    pid = os.fork()
    if pid == 0:
        libc.prctl(15, name + b'\0', 0, 0, 0)
        s = socket.socket()
        s.bind(('127.0.0.1', 20000 + i))
        s.listen()
        time.sleep(600)
        os._exit(0)
    pids.append(pid)
with open(sys.argv[1] + '.new', 'w') as f:
    for i, pid in enumerate(pids):
        f.write(f'{20000 + i} {pid}\n')
os.rename(sys.argv[1] + '.new', sys.argv[1])
time.sleep(600)
PY
spawn $python "$tmp/hostile.py" "$tmp/pids"
wait_for 60 test -e "$tmp/pids"
while read -r port _; do
	wait_for 60 listens "$port"
done <"$tmp/pids"
n_names=$(wc -l <"$tmp/pids")

for reader in walk bpf; do
	"$PERIPLUS" host --reader=$reader --plain -q >"$tmp/plain" 2>"$tmp/err"
	status=$?
	if [ $status -ne 0 ] && [ $status -ne 3 ]; then
		skip 1 "the reader '$reader' is not to be had: $(head -1 "$tmp/err")"
		continue
	fi
	awk -F'\t' '$4 >= 20000 && $4 < 20100 {print $4, $5}' "$tmp/plain" | sort -n >"$tmp/got"
	is "$(cat "$tmp/got")" "$(cat "$tmp/pids")" "$reader: every hostile name keeps its own pid, and no row is forged"
done
for format in text plain json ndjson; do
	"$PERIPLUS" --format=$format --all -q >"$tmp/out" 2>&1
	is "$(LC_ALL=C tr -d '\012\040-\176\200-\377' <"$tmp/out" | tr -d '\011' | wc -c)" 0 "$format: no C0 control but the line feed"
	is "$(LC_ALL=C grep -cP '\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae\x8b-\x8f]|\xe2\x81[\xa6-\xa9]' "$tmp/out")" 0 "$format: no DEL, C1 or bidi control"
	ok "$(python3 -c 'import sys; open(sys.argv[1], encoding="utf-8").read()' "$tmp/out" 2>/dev/null; echo $?)" "$format: valid UTF-8"
done
"$PERIPLUS" --json -q >"$tmp/out"
is "$(json "$tmp/out" "sum(1 for l in d['listeners'] if 20000 <= l['server']['port'] < 20100)")" "$n_names" "JSON has each once"
"$PERIPLUS" --plain -q >"$tmp/plain"
is "$(awk -F'\t' 'NF != 10' "$tmp/plain" | wc -l)" 0 "every plain row has its ten columns"
done_testing
