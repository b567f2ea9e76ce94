#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Scans over a veth pair whose far side answers for all of 198.18/16, by periplus with each engine
# that works here and by what else is installed (nmap, masscan, zmap), alternating. For each: wall
# time from start to exit, processor time, what was found of what is open, and false finds.
#   bench/scan.sh [RUNS]   so many times each (1)
# The rig and the scanner share this machine's processors: the far stack's own time is in the wall.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../test/lib.sh"
in_namespace "$@"
runs=${1:-1}
spawn unshare -n sleep infinity
far_pid=$spawned_pid
far=(nsenter -t "$far_pid" -n)
is_apart()
{
	[ "$(readlink "/proc/$far_pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}
wait_for 60 is_apart || exit 1
ip link add near type veth peer name far netns "$far_pid"
ip addr add 10.0.0.1/24 dev near
ip link set near up
"${far[@]}" ip link set lo up
"${far[@]}" ip link set far up
"${far[@]}" ip addr add 10.0.0.2/24 dev far
"${far[@]}" ip route add local 198.18.0.0/16 dev lo
ip route add 198.18.0.0/16 via 10.0.0.2
# how often a host tells of closed UDP ports is not what is measured
"${far[@]}" sysctl -qw net.ipv4.icmp_ratelimit=0 2>/dev/null
mkdir "$tmp/listen" "$tmp/tftp"
places=()
for i in $(seq 50); do places+=("198.18.0.1:$((i * 1000))"); done
for i in $(seq 4); do places+=("198.18.1.$((i * 50)):80"); done
spawn "${far[@]}" python3 "$here/net/scan.py" listen "$tmp/listen" "${places[@]}" 0.0.0.0:8080
spawn "${far[@]}" python3 "$here/net/scan.py" tftp "$tmp/tftp" 198.18.2.1 198.18.2.2
wait_for 60 test -e "$tmp/listen/ready" -a -e "$tmp/tftp/ready" || exit 1
python3 - "$PERIPLUS" "$runs" "$tmp" <<'PY'
import json, os, re, shutil, socket, subprocess, sys, time

program, runs, tmp = sys.argv[1], int(sys.argv[2]), sys.argv[3]
mac = json.loads(subprocess.run(["ip", "-j", "link", "show", "near"], capture_output=True, text=True).stdout)[0]["address"]
neighbour = None  # of the router, for tools that do not look it up


def gateway():
    try:  # one refused connection, and the neighbour is known
        socket.create_connection(("10.0.0.2", 9), timeout=5)
    except OSError:
        pass
    out = subprocess.run(["ip", "-j", "neigh", "show", "10.0.0.2"], capture_output=True, text=True).stdout
    return (json.loads(out) or [{}])[0].get("lladdr")


def timed(words):
    begin = time.perf_counter()
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    out = child.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    return out, time.perf_counter() - begin, usage.ru_utime + usage.ru_stime


def ours(engine):
    def run(hosts, ports, udp):
        words = [program, "scan", hosts, "-p", ports, "--scope", "198.18.0.0/16", "--yes", "--rate", "1000000",
                 "--no-identify", "--ndjson", "--engine", engine] + (["--udp"] if udp else [])
        out, wall, cpu = timed(words)
        rows = [json.loads(line) for line in out.splitlines()]
        if not rows:
            return None
        return {(d["server"]["address"], d["server"]["port"]) for d in rows if "server" in d}, wall, cpu
    return run


def nmap(hosts, ports, udp):
    out, wall, cpu = timed(["nmap", "-n", "-Pn", "-sU" if udp else "-sS", "-T4", "-p", ports, "-oG", "-", hosts])
    found = set()
    for line in out.splitlines():
        if m := re.match(r"Host: (\S+) .*Ports: (.*)", line):
            found |= {(m[1], int(p)) for p in re.findall(r"(\d+)/open/", m[2])}
    return found, wall, cpu


def masscan(hosts, ports, udp):
    if not neighbour:
        return None
    ports = ",".join("U:" + p for p in ports.split(",")) if udp else ports
    out, wall, cpu = timed(["masscan", "-e", "near", "--source-ip", "10.0.0.1", "--source-mac", mac, "--router-mac",
                            neighbour, "-p", ports, hosts, "--rate", "150000", "--wait", "2", "-oL", tmp + "/masscan"])
    try:
        lines = open(tmp + "/masscan").read()
    except OSError:
        return None
    return {(a, int(p)) for p, a in re.findall(r"^open \S+ (\d+) (\S+)", lines, re.M)}, wall, cpu


def zmap(hosts, ports, udp):
    if udp or not ports.isdigit() or not neighbour:
        return None  # one TCP port at a time
    out, wall, cpu = timed(["zmap", "-i", "near", "-S", "10.0.0.1", "-G", neighbour, "-p", ports, "-b", "/dev/null",
                            "-q", "-c", "2", "-B", "100M", hosts])
    return {(a, int(ports)) for a in re.findall(r"^(\d+\.\d+\.\d+\.\d+)$", out, re.M)}, wall, cpu


every = {(f"198.18.{a}.{b}", 8080) for a in range(256) for b in range(256)} - {("198.18.0.0", 8080), ("198.18.255.255", 8080)}
some = {("198.18.0.1", i * 1000) for i in range(1, 51)} | {("198.18.0.1", 8080)}
several = {(f"198.18.1.{i * 50}", 80) for i in range(1, 5)} | {(f"198.18.1.{i}", 8080) for i in range(1, 255)}
tries = [
    ("a_65535_ports_1_host", "198.18.0.1", "1-65535", False, some),
    ("b_1_port_65534_hosts_all_open", "198.18.0.0/16", "8080", False, every),
    ("b_1_port_65534_hosts_all_closed", "198.18.0.0/16", "81", False, set()),
    ("c_1000_ports_254_hosts", "198.18.1.0/24", "80,8001-8999", False, several),
    ("d_20_udp_ports_254_hosts", "198.18.2.0/24", "53,69,123,161,1000-1015", True, {("198.18.2.1", 69)}),
]
neighbour = gateway()
tools = [("periplus_" + e, ours(e)) for e in ("connect", "packet", "xdp")]
tools += [(f.__name__, f) for f in (nmap, masscan, zmap) if shutil.which(f.__name__)]
for name, hosts, ports, udp, want in tries:
    for _ in range(runs):
        for tool, run in tools:
            got = run(hosts, ports, udp)
            if got is None:
                continue
            found, wall, cpu = got
            # a /16 has a first and a last address, which some tools ask too
            wrong = {t for t in found - want if not t[0].endswith(("18.0.0", "255.255", "1.0", "1.255"))}
            print(f"{name}.{tool}_wall {wall:.2f} s")
            print(f"{name}.{tool}_cpu {cpu:.2f} s")
            print(f"{name}.{tool}_found {len(found & want)} of {len(want)}")
            print(f"{name}.{tool}_false {len(wrong)}", flush=True)
PY
