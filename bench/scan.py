# SPDX-License-Identifier: Apache-2.0
"""scan.py PROGRAM PART: one part of scan.sh, every tool in turn; see there. The namespace, the far side's pid
and link addresses come in the environment."""
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time

PROGRAM, PART = sys.argv[1:]
tmp, far, mac, own = (os.environ[name] for name in ("tmp", "far_pid", "mac", "own"))
RUNS = int(os.environ["runs"])
ONLY = os.environ.get("TOOLS")  # by comma; else all
LIMIT = 170  # seconds: who takes longer is stopped

FIFTY = {str(i * 1000) for i in range(1, 51)} | {"8080"}
EDGES = {"198.18.0.0", "198.18.255.255", "198.18.1.0", "198.18.1.255"}
HOSTS = {f"198.18.{i}.{k}" for i in range(256) for k in range(256)} - EDGES
FEW = {f"198.18.1.{k}" for k in range(1, 255)}
ONE = {"net": "198.18.0.1", "ports": "1-65535", "open": {("198.18.0.1", int(p)) for p in FIFTY}}
ALL = {"net": "198.18.0.0/16", "ports": "8080", "open": {(a, 8080) for a in HOSTS}}
UDP = "53,69,123,161,7,19,67,111,137,500,514,520,623,1194,1701,1900,4500,5004,5353,10000"
PARTS = {
    "a": ONE,
    "b_closed": {"net": "198.18.0.0/16", "ports": "81", "open": set(), "but": ("nmap",)},
    "b_open": ALL | {"but": ("nmap",)},
    "c": {"net": "198.18.1.0/24", "ports": "7501-8500", "open": {(a, p) for a in FEW for p in (8000, 8080)}},
    "d": {"net": "198.18.2.0-198.18.2.255", "nmap": "198.18.2.0-255", "ports": UDP, "udp": True, "rate": 20000, "but": ("zmap", "xdp"),
          "open": {(f"198.18.2.{i}", p) for i in range(256) for p in (53, 69, 123, 161)}},
    "e": {"net": "198.18.0.0/16", "ports": "8070-8085", "reflect": True, "but": ("masscan", "nmap", "connect"),
          "open": {(a, 8080) for a in HOSTS if int(a.split(".")[3]) < 12}},
    "silent": {"net": "198.18.3.1", "ports": "52001-53000", "identify": True, "rate": 20000, "but": ("zmap", "masscan", "nmap", "xdp"),
               "open": {("198.18.3.1", p) for p in range(52001, 53001)}},
    "lossy_a": ONE | {"rate": 50000, "lossy": True, "but": ("xdp",)},
    "lossy_b": ALL | {"rate": 50000, "lossy": True, "but": ("xdp",)},
}
case = PARTS[PART]


def ours(engine, program=PROGRAM):
    def words():
        return [program, "scan", case["net"], "-p", case["ports"], "--engine", engine, "--scope", "198.18.0.0/16", "--yes",
                "--rate", str(case.get("rate", 10000000)), "--ndjson", *(["--udp"] if case.get("udp") else []),
                *([] if case.get("identify") else ["--no-identify"])]

    def read(out):
        rows = [json.loads(line) for line in out.splitlines()]
        s = rows[-1]["periplus"]["summary"] if rows else {"sent": 0, "targets": 1, "answered": 0, "ended": "nothing"}
        note = f"{s['sent'] / s['targets']:.3f} probes a target, {s['answered'] / s['targets']:.4%} answered, {s['ended']}"
        return {(r["server"]["address"], r["server"]["port"]) for r in rows if "server" in r}, note
    return words, read


def zmap(times):
    def words():
        if not case["ports"].isdigit() and not case.get("reflect"):
            return None  # one port a run: in part e as many probes of one port as there are ports
        port, n = ("8080", 16) if case.get("reflect") else (case["ports"], times)
        speed = ["-r", "20000"] if case.get("lossy") else ["-B", "10G"]
        if times > 1 and not case.get("lossy"):
            return None
        return ["zmap", "-i", "near", "-G", mac, "-p", port, "-P", str(n), *speed, "-b", "/dev/null", "-c", "2", "-q", "-v", "0", "-T",
                "1", "--disable-syslog", "-O", "csv", "-f", "saddr,sport", "--output-filter=success = 1 && repeat = 0", "-o", "-",
                case["net"]]

    def read(out):
        return {(a, int(p)) for a, p in re.findall(r"^([\d.]+),(\d+)$", out, re.M)}, ""
    return words, read


def masscan():
    def words():
        ports = ",".join("U:" + p for p in case["ports"].split(",")) if case.get("udp") else case["ports"]
        return ["masscan", "-e", "near", "--adapter-ip", "10.9.0.1", "--adapter-mac", own, "--router-mac", mac, "-p", ports,
                "--rate", "20000" if case.get("lossy") else str(case.get("rate", 10000000)), "--wait", "2", case["net"]]

    def read(out):
        return {(a, int(p)) for p, a in re.findall(r"open port (\d+)/(?:tcp|udp) on ([\d.]+)", out)}, ""
    return words, read


def nmap(*options):
    def words():
        if len(options) > 1 and not case.get("lossy"):
            return None
        return ["nmap", "-sU" if case.get("udp") else "-sS", *options, "-n", "-Pn", "-p", case["ports"], "-oG", "-", case.get("nmap", case["net"])]

    def read(out):
        return {(a, int(p)) for a, rest in re.findall(r"Host: ([\d.]+) .*Ports: (.*)", out) for p in re.findall(r"(\d+)/open/", rest)}, ""
    return words, read


TOOLS = {"packet": ours("packet"), "xdp": ours("xdp"), "connect": ours("connect"), "zmap": zmap(1), "zmap -P2": zmap(2), "masscan": masscan(),
         "nmap -T4": nmap("-T4"), "nmap tuned": nmap("-T4", "--min-rate", "20000", "--max-retries", "3")}

if os.environ.get("OTHER"):  # another build, beside
    TOOLS |= {f"other {engine}": ours(engine, os.environ["OTHER"]) for engine in ("packet", "xdp", "connect")}


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
    patience = threading.Timer(LIMIT, child.kill)
    patience.start()
    out = child.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    patience.cancel()
    wall = time.perf_counter() - begin
    stop.set()
    watcher.join()
    total = seen[-1][1] - seen[0][1]
    # without the stragglers: from the first one in a hundred to the last
    inner = [t for t, n in seen if total / 100 <= n - seen[0][1] <= total * 99 / 100]
    return out, wall, (inner[-1] - inner[0]) / 0.98 if len(inner) > 1 else 0, total, usage.ru_utime + usage.ru_stime


def attach(words):
    subprocess.run(["nsenter", "-t", far, "-n", "ip", "link", "set", "dev", "far", "xdp", *words], check=True)


if case.get("reflect"):
    attach(["obj", f"{tmp}/reflector.o", "sec", "xdp"])
got = {}
for turn in range(RUNS):
    for tool, (words, read) in TOOLS.items():
        command = words()
        if ONLY and tool not in ONLY.split(","):
            continue
        if set(tool.split()) & set(case.get("but", ())) or not command or not shutil.which(command[0]):
            continue
        out, wall, sending, total, cpu = timed(command)
        found, note = read(out)
        wrong = {f for f in found - case["open"] if f[0] not in EDGES}
        got.setdefault(tool, []).append((wall, sending, total, cpu, len(found & case["open"]), len(wrong), note))
medians = {}
for tool, rows in got.items():
    wall, sending, total, cpu = (statistics.median(row[i] for row in rows) for i in range(4))
    low, wrong = min(row[4] for row in rows), max(row[5] for row in rows)
    medians[tool] = (sending, wall)
    stopped = " (stopped)" if wall >= LIMIT else ""
    print(f"| {PART:9} | {tool:10} | {sending:7.3f} s | {wall:7.3f} s{stopped} | {total:9.0f} | "
          f"{total / sending / 1e3 if sending else 0:7.0f} k | {cpu * 1e6 / total if total else 0:6.2f} us | "
          f"{low} of {len(case['open'])}, {wrong} false | {rows[-1][6]} |", flush=True)
ours_now = [tool for tool in medians if tool in ("packet", "xdp", "connect")]
for tool, (sending, wall) in medians.items():
    if tool not in ours_now:
        print(f"# {PART}, times as fast as {tool}:", "; ".join(
            f"{own} sending {sending / medians[own][0]:.2f}, wall {wall / medians[own][1]:.2f}" for own in ours_now if medians[own][0]), flush=True)
if case.get("reflect"):
    attach(["off"])
