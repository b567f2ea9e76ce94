#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""farm: starts the servers of farm.tsv in a root, side by side, and stays until it is ended.

Runs as root in network, mount and pid name spaces of its own. The root is below an overlay in
memory: nothing of it is changed. DIR/table lists what listens: server, port, products, Debian version
of its package, whether its bytes tell it. DIR/failed names those that did not start and why.
DIR/ready appears at the end.

With FARM_MODULES=DIR, its node_modules are /srv/npm/node_modules in the root; without, rows of npm
packages are left out.

FARM_TABLE=FILE has rows instead of farm.tsv.

usage: farm.py ROOT DIR [quick | SERVER...]
"""
import json
import os
import pathlib
import subprocess
import sys
import time

MODULES = os.environ.get("FARM_MODULES")
HERE = pathlib.Path(__file__).resolve().parent
TABLE = os.environ.get("FARM_TABLE", HERE / "farm.tsv")
LIMIT = 120
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


def rows(words):
    lines = [line.rstrip("\n") for line in open(TABLE, encoding="utf-8")
             if line.strip() and not line.startswith("#")]
    keys = lines[0].split("\t")
    for line in lines[1:]:
        row = dict(zip(keys, line.split("\t"), strict=True))
        if row["package"].startswith("npm:") and not MODULES:
            continue
        if not words or row["server"] in words or (words == ["quick"] and row["quick"] == "q"):
            yield row


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def make_root(lower, where):
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", where)
    for name in ("upper", "work", "root"):
        os.mkdir(f"{where}/{name}")
    root = f"{where}/root"
    run("mount", "-t", "overlay", "-o", f"lowerdir={lower},upperdir={where}/upper,workdir={where}/work",
        "overlay", root)
    run("mount", "-t", "proc", "proc", root + "/proc")
    for name in ("/run", "/dev", "/tmp"):
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", root + name)
    for name in DEVICES:
        open(f"{root}/dev/{name}", "w", encoding="ascii").close()
        run("mount", "--bind", "/dev/" + name, f"{root}/dev/{name}")
    for name in ("/dev/shm", "/tmp", "/run/lock"):
        os.makedirs(root + name, exist_ok=True)
        os.chmod(root + name, 0o1777)
    if MODULES:  # what a server writes there goes as all else
        for name in ("npm-upper", "npm-work"):
            os.mkdir(f"{where}/{name}")
        os.makedirs(root + "/srv/npm", exist_ok=True)
        run("mount", "-t", "overlay", "-o", f"lowerdir={MODULES},upperdir={where}/npm-upper,"
            f"workdir={where}/npm-work", "overlay", root + "/srv/npm")
    os.symlink("/proc/self/fd", root + "/dev/fd")
    os.symlink("/proc/self/fd/1", root + "/dev/stdout")
    os.symlink("/proc/self/fd/2", root + "/dev/stderr")
    with open(root + "/etc/hosts", "w", encoding="ascii") as f:
        f.write("127.0.0.1 localhost\n::1 localhost\n")
    return root


def versions(root, packages):
    debian = [name for name in packages if not name.startswith("npm:")]
    out = run("chroot", root, "dpkg-query", "-W", "-f", "${Package}\t${Version}\n", *debian) if debian else ""
    found = {name: v.split(":", 1)[-1] for name, v in (line.split("\t") for line in out.splitlines())}
    for name in packages:
        if name not in debian:
            with open(f"{MODULES}/node_modules/{name[4:]}/package.json", encoding="utf-8") as f:
                found[name] = json.load(f)["version"]
    return found


def listening():
    """Places as the table has them: "22", "53/udp"."""
    found = set()
    for table, state, behind in (("tcp", "0A", ""), ("tcp6", "0A", ""), ("udp", "07", "/udp")):
        with open(f"/proc/net/{table}", encoding="ascii") as f:
            found |= {str(int(line.split()[1].rpartition(":")[2], 16)) + behind for line in list(f)[1:]
                      if line.split()[3] == state}
    return found


def start(root, where, row):
    name = row["server"]
    directory = f"/tmp/farm-{name}"
    os.mkdir(root + directory)
    os.chmod(root + directory, 0o755)
    with open(f"{where}/{name}.log", "w", encoding="utf-8") as log:
        return subprocess.Popen(["chroot", root, "bash", "-c", row["command"]],
                                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                                     "port": row["port"].partition("/")[0], "dir": directory, "HOME": directory},
                                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                start_new_session=True)


def last_words(where, name):
    with open(f"{where}/{name}.log", encoding="utf-8", errors="replace") as f:
        return " ".join(f.read().split())[-200:]


def main():
    lower, where, *words = sys.argv[1:]
    os.mkdir(where + "/mnt")
    root = make_root(lower, where + "/mnt")
    chosen = list(rows(words))
    known = versions(root, {row["package"] for row in chosen})
    started = {row["server"]: start(root, where, row) for row in chosen}
    waiting = {row["server"]: row["port"] for row in chosen}
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        open_now = listening()
        waiting = {name: port for name, port in waiting.items() if port not in open_now}
        if all(started[name].poll() is not None for name in waiting):
            break
        time.sleep(0.1)
    with open(where + "/failed", "w", encoding="utf-8") as f:
        for name in waiting:
            f.write(f"{name}: {last_words(where, name)}\n")
    with open(where + "/table", "w", encoding="utf-8") as f:
        for row in chosen:
            if row["server"] not in waiting:
                f.write("\t".join((row["server"], row["port"], row["product"],
                                   known[row["package"]], row["version"])) + "\n")
    open(where + "/ready", "w", encoding="ascii").close()
    while True:
        time.sleep(3600)


main()
