#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The web pages beside nginx, which sends the same bytes as files: one worker each, over loopback, wrk
# in front of both, alternating. What counts is requests per second of the server's own processor time,
# which other work on the machine disturbs little; then 500 busy connections alone, and beside 10,000
# that are idle; and memory at the end.
#   bench/serve.sh [RUNS [SECONDS]]   so many turns (5) of so long (3)
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../test/lib.sh"
for command in wrk nginx; do
	command -v $command >/dev/null || { echo "no $command"; exit 1; }
done
in_namespace "$@"
own_state
ulimit -n "$(ulimit -Hn)"
"$PERIPLUS" serve --quiet --public --listen 127.0.0.1:8010 >"$tmp/serve.out" &
spawned+=("$!")
wait_for 60 grep -q . "$tmp/serve.out" || exit 1
mkdir "$tmp/www" "$tmp/nginx"
cat >"$tmp/nginx.conf" <<C
worker_processes 1; daemon off; pid $tmp/nginx/pid; error_log $tmp/nginx/error; user root;
events { worker_connections 16384; }
http {
	access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; default_type text/html;
	client_body_temp_path $tmp/nginx; proxy_temp_path $tmp/nginx; fastcgi_temp_path $tmp/nginx;
	uwsgi_temp_path $tmp/nginx; scgi_temp_path $tmp/nginx;
	server { listen 127.0.0.1:8011; root $tmp/www; }
}
C
nginx -c "$tmp/nginx.conf" 2>/dev/null &
spawned+=("$!")
python3 - "${1:-5}" "${2:-3}" "$tmp" <<'PY'
import http.client, os, re, socket, statistics, subprocess, sys, time

runs, seconds, tmp = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
OURS, NGINX = 8010, 8011
PAGES = 20000  # many times what the server remembers

def command_of(pid):
    return open(f"/proc/{pid}/cmdline", "rb").read().replace(b"\0", b" ").decode().strip()

def children():
    return [int(p) for p in os.listdir("/proc") if p.isdigit()]

def find(wanted):
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        for pid in children():
            try:
                if wanted(pid):
                    return pid
            except OSError:
                pass
        time.sleep(0.05)
    sys.exit("a server did not start")

def parent_of(pid):
    return int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])

worker = find(lambda pid: command_of(pid).startswith("nginx: worker"))
serving = find(lambda pid: "periplus-serve" in command_of(pid) and "periplus-serve" in command_of(parent_of(pid)))

def cpu(pid):
    """Seconds of a process, from its scheduler's own count in nanoseconds."""
    return int(open(f"/proc/{pid}/schedstat").read().split()[0]) / 1e9

# The same bytes: what the server sends is what the files hold.
connection = http.client.HTTPConnection("127.0.0.1", OURS, timeout=60)
for port in range(PAGES):
    for name in (str(port), f"{port}.json") if port == 3476 else (str(port),):
        connection.request("GET", "/" + name)
        with open(f"{tmp}/www/{name}", "wb") as out:
            out.write(connection.getresponse().read())
connection.close()

open(f"{tmp}/many.lua", "w").write(f"""
local n = 0
request = function()
  n = (n + 7919) % {PAGES}
  return wrk.format("GET", "/" .. n)
end
""")

def load(port, path, connections=64, extra=()):
    """Requests, and the 99th percentile in ms, of one wrk."""
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *extra,
                          f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        print(out)
    n = int(re.search(r"(\d+) requests in", out)[1])
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return n, float(value) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]

cases = [("/3476, remembered", "/3476", ()), ("/3476.json, remembered", "/3476.json", ()),
         (f"{PAGES} pages, written anew", "/", ("-s", f"{tmp}/many.lua"))]
print(f"{'requests per second of processor time':40} {'periplus':>9} {'nginx':>9} {'ratio':>6}  (ratios of each turn)")
for name, path, extra in cases:
    rates = {OURS: [], NGINX: []}
    for turn in range(runs):
        for port, pid in ((OURS, serving), (NGINX, worker)) if turn % 2 else ((NGINX, worker), (OURS, serving)):
            before = cpu(pid)
            n, _ = load(port, path, extra=extra)
            rates[port].append(n / (cpu(pid) - before))
    ratios = [a / b for a, b in zip(rates[OURS], rates[NGINX])]
    print(f"{name:40} {statistics.median(rates[OURS]):9.0f} {statistics.median(rates[NGINX]):9.0f} "
          f"{statistics.median(ratios):6.2f}  {' '.join(f'{r:.2f}' for r in ratios)}")

def idle(port, n):
    """n connections that have asked once."""
    held = []
    for i in range(n):
        s = socket.create_connection(("127.0.0.1", port), timeout=60)
        s.sendall(b"GET /22 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
        held.append(s)
        if i % 500 == 499:
            for s in held[-500:]:
                s.recv(65536)
    return held

def is_open(s):
    s.setblocking(False)
    try:
        while s.recv(1 << 16):
            pass
        return False
    except BlockingIOError:
        return True
    except OSError:
        return False

def memory(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) / 1024

for name, port, pid in (("periplus", OURS, serving), ("nginx", NGINX, worker)):
    alone, beside = [], []
    for turn in range(max(1, runs // 2)):
        alone.append(load(port, "/3476", 500)[1])
        held = idle(port, 10000)
        beside.append(load(port, "/3476", 500)[1])
        there = sum(1 for s in held if is_open(s))
        for s in held:
            s.close()
    a, b = statistics.median(alone), statistics.median(beside)
    print(f"{name}: 500 busy connections, p99 {a:.1f} ms; beside {there} idle ones {b:.1f} ms, {b / a:.2f}x; memory {memory(pid):.0f} MB")
PY
