#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The raw engines beside zmap, masscan and nmap where these are installed, over a veth pair whose far
# side answers for all of 198.18/16, alternating: what was found, sending time (from the first to the
# last packet that the far side gets, by its counters, every 2 ms), wall from start to exit, and
# packets that left for a target.
#   bench/scan_raw.sh [RUNS [CASE...]]   so many times each (3); a b_closed b_open c e
# The far side shares this machine's processors; in case e it is an XDP program that reflects.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../test/lib.sh"
in_namespace "$@"
runs=${1:-3}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- a b_closed b_open c e
spawn unshare -n sleep infinity
far_pid=$spawned_pid
far=(nsenter -t "$far_pid" -n)
is_apart()
{
	[ "$(readlink "/proc/$far_pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}
wait_for 60 is_apart || exit 1
ip link add name near type veth peer name far netns "$far_pid"
ip addr add 10.9.0.1/24 dev near
ip link set near up
"${far[@]}" ip link set lo up
"${far[@]}" ip link set far up
"${far[@]}" ip addr add 10.9.0.2/24 dev far
"${far[@]}" ip route add local 198.18.0.0/16 dev lo
"${far[@]}" sysctl -qw net.core.somaxconn=65535 net.ipv4.tcp_max_syn_backlog=65536
ip route add 198.18.0.0/16 via 10.9.0.2
"${far[@]}" python3 "$here/net/scan_raw.py" gro far 1
python3 "$here/net/scan_raw.py" gro near 1 # what the far side sends from XDP arrives so
ports=()
for i in $(seq 50); do ports+=("$((i * 1000))"); done
spawn "${far[@]}" python3 "$here/net/scan_raw.py" listen "$tmp/listens" "${ports[@]}" 8080
wait_for 60 test -e "$tmp/listens" || exit 1
clang -O2 -g -target bpf -isystem "/usr/include/$(cc -print-multiarch)" -c "$top/bench/reflector.bpf.c" -o "$tmp/reflector.o"
mac=$("${far[@]}" cat /proc/net/dev >/dev/null; "${far[@]}" ip -j link show far | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["address"])')
own=$(ip -j link show near | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["address"])')
export tmp far_pid mac own runs
python3 - "$PERIPLUS" "$@" <<'PY'
import json, os, re, shutil, statistics, subprocess, sys, threading, time

program, *wanted = sys.argv[1:]
tmp, far, mac, own = (os.environ[name] for name in ("tmp", "far_pid", "mac", "own"))
runs = int(os.environ["runs"])
fifty = ",".join(str(i * 1000) for i in range(1, 51))


def ours(engine):
    def words(case):
        return [program, "scan", case["net"], "-p", case["ports"], "--engine", engine, "--scope", "198.18.0.0/16", "--yes",
                "--rate", case.get("rate", "10000000"), "--no-identify", "--ndjson"]

    def read(out):
        rows = [json.loads(line) for line in out.splitlines()]
        return {(r["server"]["address"], r["server"]["port"]) for r in rows if "server" in r}
    return words, read


def zmap():
    def words(case):
        if not case["ports"].isdigit() and not case.get("reflect"):
            return None
        # one port a run: in case e as many probes of one port as there are ports
        port, times = ("8080", "16") if case.get("reflect") else (case["ports"], "1")
        return ["zmap", "-i", "near", "-G", mac, "-p", port, "-P", times, "-B", "10G", "-b", "/dev/null", "-c", "2", "-q", "-v", "0", "-T", "1",
                "--disable-syslog", "-O", "csv", "-f", "saddr,sport", "--output-filter=success = 1 && repeat = 0", "-o", "-", case["net"]]

    def read(out):
        return {(a, int(p)) for a, p in re.findall(r"^([\d.]+),(\d+)$", out, re.M)}
    return words, read


def masscan():
    def words(case):
        return ["masscan", "-e", "near", "--adapter-ip", "10.9.0.1", "--adapter-mac", own, "--router-mac", mac, "-p", case["ports"],
                "--rate", "10000000", "--wait", "2", case["net"]]

    def read(out):
        return {(a, int(p)) for p, a in re.findall(r"open port (\d+)/tcp on ([\d.]+)", out)}
    return words, read


def nmap():
    def words(case):
        return ["nmap", "-sS", "-T4", "-n", "-Pn", "-p", case["ports"], "-oG", "-", case["net"]] if case.get("nmap") else None

    def read(out):
        return {(a, int(p)) for a, rest in re.findall(r"Host: ([\d.]+) .*Ports: (.*)", out) for p in re.findall(r"(\d+)/open/", rest)}
    return words, read


tools = {"packet": ours("packet"), "xdp": ours("xdp"), "zmap": zmap(), "masscan": masscan(), "nmap": nmap()}
hosts = {f"198.18.{i}.{k}" for i in range(256) for k in range(256)}
edges = {"198.18.0.0", "198.18.255.255"}
few = {f"198.18.1.{k}" for k in range(1, 255)}
cases = {
    "a": {"net": "198.18.0.1", "ports": "1-65535", "nmap": True,
          "open": {("198.18.0.1", int(p)) for p in fifty.split(",")} | {("198.18.0.1", 8080)}},
    "b_closed": {"net": "198.18.0.0/16", "ports": "81", "open": set()},
    "b_open": {"net": "198.18.0.0/16", "ports": "8080", "open": {(a, 8080) for a in hosts - edges}},
    "c": {"net": "198.18.1.0/24", "ports": "7501-8500", "nmap": True, "open": {(a, p) for a in few for p in (8000, 8080)}},
    "e": {"net": "198.18.0.0/16", "ports": "8070-8085", "reflect": True,
          "open": {(a, 8080) for a in hosts - edges if int(a.split(".")[3]) < 12}},
}


def packets():
    for line in open(f"/proc/{far}/net/dev"):
        if line.strip().startswith("far:"):
            return int(line.split()[2])
    return 0


def timed(words):
    seen, stop = [(time.perf_counter(), packets())], threading.Event()

    def watch():
        while not stop.wait(0.002):
            n = packets()
            if n != seen[-1][1]:
                seen.append((time.perf_counter(), n))
    watcher = threading.Thread(target=watch)
    watcher.start()
    begin = time.perf_counter()
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    out = child.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begin
    stop.set()
    watcher.join()
    total = seen[-1][1] - seen[0][1]
    # without the stragglers: from the first one in a hundred to the last
    inner = [t for t, n in seen if total / 100 <= n - seen[0][1] <= total * 99 / 100]
    return out, wall, (inner[-1] - inner[0]) / 0.98 if len(inner) > 1 else 0, total, usage.ru_utime + usage.ru_stime


def attach(words):
    subprocess.run(["nsenter", "-t", far, "-n", "ip", "link", "set", "dev", "far", "xdp", *words], check=True)


for name in wanted:
    case = cases[name]
    if case.get("reflect"):
        attach(["obj", f"{tmp}/reflector.o", "sec", "xdp"])
    got = {}
    for turn in range(runs):
        for tool, (words, read) in tools.items():
            command = words(case)
            if not command or not shutil.which(command[0]):
                continue
            if case.get("reflect") and tool in ("masscan", "nmap"):
                continue
            out, wall, sending, total, cpu = timed(command)
            found = read(out)
            got.setdefault(tool, []).append((wall, sending, total, cpu, len(found & case["open"]), len({f for f in found - case["open"] if f[0] not in edges and f[0] not in ("198.18.1.0", "198.18.1.255")})))
    for tool, rows in got.items():
        wall, sending, total, cpu = (statistics.median(row[i] for row in rows) for i in range(4))
        low, false = min(row[4] for row in rows), max(row[5] for row in rows)
        print(f"{name:9} {tool:8} sending {sending:7.3f} s  wall {wall:7.3f} s  packets {total:9.0f}  "
              f"{total / sending / 1e3 if sending else 0:7.0f} k/s  cpu {cpu * 1e6 / total if total else 0:6.2f} us/packet  "
              f"found {low} of {len(case['open'])}, {false} false", flush=True)
    if case.get("reflect"):
        attach(["off"])
PY
