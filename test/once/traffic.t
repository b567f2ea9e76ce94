#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""traffic: a capture of a million packets, each of a flow of its own, in bounded memory, with -v's
messages kept too; every packet is accounted for."""
import json
import os
import pathlib
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent.parent
build = pathlib.Path(os.environ.get("BUILD", here.parent / "build"))
reader = build / "periplus-pcap"
PACKETS = 1000000
LIMIT_KB = 128 << 10
count = 0
failed = 0


def ok(is_true, name):
    global count, failed
    count += 1
    failed += not is_true
    print(f"{'' if is_true else 'not '}ok {count} - {name}")


if not reader.exists():
    print("1..0 # SKIP built without libpcap")
    sys.exit(0)
made = subprocess.Popen([sys.executable, here / "pcap.py", "many", str(PACKETS)], stdout=subprocess.PIPE)
asked = subprocess.run([build / "periplus", "identify", "--json", "--pcap", "-"], stdin=made.stdout,
                       stdout=subprocess.PIPE, timeout=900)
made.stdout.close()
made.wait()
ok(asked.returncode == 0, "a million packets are read")
capture = json.loads(asked.stdout)["capture"]
ok(capture["packets"] == PACKETS and capture["read"] == PACKETS, "every one of them")
ok(capture["flows"] == PACKETS, "each is a flow")
shown = json.loads(asked.stdout)["conversations"]
ok(len(shown) == 8192, "as many conversations are kept as is promised")
ok(sum(c["periplus"]["flows"] for c in shown) + capture["flows_unkept"] == PACKETS,
   "and the others are counted")
# memory: of the reader alone, in a process whose only child it is
code = """
import resource, subprocess, sys
made = subprocess.Popen([sys.executable, sys.argv[1], "many", sys.argv[2]], stdout=subprocess.PIPE)
read = subprocess.Popen([sys.argv[3], "--tell"], stdin=made.stdout, stdout=subprocess.PIPE)
made.stdout.close()
while read.stdout.read(1 << 16):
    pass
_, status, used = __import__("os").wait4(read.pid, 0)
made.wait()
print(status, used.ru_maxrss)
"""
told = subprocess.run([sys.executable, "-c", code, here / "pcap.py", str(PACKETS), reader],
                      stdout=subprocess.PIPE, timeout=900, check=True)
status, peak = map(int, told.stdout.split())
ok(status == 0, "the reader ends well")
ok(peak < LIMIT_KB, f"in {peak >> 10} MB of memory, of at most {LIMIT_KB >> 10}")
print(f"1..{count}")
sys.exit(failed > 0)
