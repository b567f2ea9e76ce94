# SPDX-License-Identifier: Apache-2.0
"""survey: starts the services of services.tsv in a root and asks periplus what it thinks of them.

Runs as root in mount, pid, network, cgroup and uts name spaces of its own (test/once/packages.t
makes them). Every service gets a network name space and a cgroup named after its unit. Nothing of
the root is changed: what services write goes into memory. Prints TAP.

usage: survey.py ROOT SCRATCH CGROUP PERIPLUS [SERVICE...]
"""
import concurrent.futures
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import unit  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
ENOUGH = 25
# Makes $1 the root of this mount name space, so that paths read the same in all of them.
PIVOT = "cd \"$1\" && pivot_root . . && umount -l . && cd /"
READER = os.environ.get("PERIPLUS_PACKAGES_READER", "")  # "--reader=walk"
READY_LIMIT = 30
ALL_LIMIT = int(os.environ.get("PERIPLUS_PACKAGES_LIMIT", "240"))
UNTIL_LISTENING = ("for try in {1..100}; do grep -qs ' 0A ' /proc/net/tcp /proc/net/tcp6 && break; "
                   "sleep 0.1; done")


def rows(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        lines = [line.rstrip("\n") for line in f if line.strip() and not line.startswith("#")]
    keys = lines[0].split("\t")
    for line in lines[1:]:
        cells = line.split("\t")
        if len(cells) != len(keys):
            sys.exit(f"Bail out! {name}: {line!r} has {len(cells)} cells, not {len(keys)}")
        yield dict(zip(keys, cells))


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, text=True, timeout=60)


def make_root(lower, periplus):
    """The root below an overlay in memory, with what a running system has in /proc, /dev, /run."""
    root = MOUNT + "/root"
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", MOUNT)
    for name in ("upper", "work", "root", "log", "run"):
        os.mkdir(f"{MOUNT}/{name}")
    run("mount", "-t", "overlay", "-o",
        f"lowerdir={lower},upperdir={MOUNT}/upper,workdir={MOUNT}/work", "overlay", root)
    run("mount", "-t", "proc", "proc", root + "/proc")
    run("mount", "--rbind", "/sys", root + "/sys")
    for name in ("/run", "/dev"):
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", root + name)
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        open(f"{root}/dev/{name}", "w", encoding="ascii").close()
        run("mount", "--bind", "/dev/" + name, f"{root}/dev/{name}")
    os.mkdir(root + "/dev/shm")
    os.chmod(root + "/dev/shm", 0o1777)
    os.symlink("/proc/self/fd", root + "/dev/fd")
    os.mkdir(root + "/run/lock")
    os.chmod(root + "/run/lock", 0o1777)
    os.chmod(root + "/tmp", 0o1777)
    with open(root + "/etc/hosts", "w", encoding="ascii") as f:
        f.write("127.0.0.1 localhost periplus-test\n::1 localhost ip6-localhost\n")
    for name in ("hostname", "mailname"):
        with open(f"{root}/etc/{name}", "w", encoding="ascii") as f:
            f.write("periplus-test\n")
    with open(root + "/etc/resolv.conf", "w", encoding="ascii") as f:
        f.write("nameserver 127.0.0.1\n")
    with open(root + "/etc/machine-id", "w", encoding="ascii") as f:
        f.write("0123456789abcdef0123456789abcdef\n")
    run("hostname", "periplus-test", check=False)
    for name in os.listdir(HERE + "/units"):
        shutil.copy(f"{HERE}/units/{name}", root + "/etc/systemd/system/")
    subprocess.run(["chroot", root, "systemd-tmpfiles", "--create", "--exclude-prefix=/dev",
                    "--exclude-prefix=/proc", "--exclude-prefix=/sys"], check=False,
                   capture_output=True, timeout=60)
    put_program(root, periplus)
    return root


def put_program(root, periplus):
    """The program as installed from outside the packages, with the libraries that it needs."""
    shutil.copy(periplus, root + "/usr/local/bin/periplus")
    os.chmod(root + "/usr/local/bin/periplus", 0o755)
    for line in run("ldd", periplus, check=False).stdout.splitlines():
        for word in line.split():
            if word.startswith("/") and not os.path.exists(root + word):
                os.makedirs(os.path.dirname(root + word), exist_ok=True)
                shutil.copy(word, root + word)


def open_ports(pid):
    """Ports on which anything listens in the network name space of the process."""
    found = set()
    for table, transport, states in (("tcp", "tcp", ("0A",)), ("tcp6", "tcp", ("0A",)),
                                     ("udp", "udp", ("07",)), ("udp6", "udp", ("07",))):
        try:
            with open(f"/proc/{pid}/net/{table}", encoding="ascii") as f:
                for line in list(f)[1:]:
                    cells = line.split()
                    if cells[3] in states:
                        found.add(f"{int(cells[1].rpartition(':')[2], 16)}/{transport}")
        except OSError:
            pass
    try:
        with open(f"/proc/{pid}/net/packet", encoding="ascii") as f:
            if len(list(f)) > 1:
                found.add("packet")
    except OSError:
        pass
    return found


class Service:
    def __init__(self, row, root, cgroup):
        self.row, self.root = row, root
        self.name, self.unit = row["service"], row["unit"]
        self.slice = f"{cgroup}/system.slice/system-{self.name}.slice"
        self.cgroup = f"{self.slice}/{self.unit}"
        self.helpers = [] if row["with"] == "-" else row["with"].split(",")
        self.ports = set() if row["ports"] == "-" else set(row["ports"].split(","))
        self.log = f"{MOUNT}/log/{self.name}"
        self.netns = None
        self.process = None
        self.why = ""
        self.seconds = 0.0

    def pids(self, name=None):
        try:
            with open(f"{self.slice}/{name or self.unit}/cgroup.procs", encoding="ascii") as f:
                return [int(line) for line in f]
        except OSError:
            return []

    def all_pids(self):
        return [pid for name in [self.unit, *self.helpers] for pid in self.pids(name)]

    def enter(self, name, prepare="-"):
        """A shell command inside the root that becomes the server of the unit, in its cgroup."""
        inside = f"/run/periplus-{self.name}-{name}.sh"
        with open(self.root + inside, "w", encoding="utf-8") as f:
            f.write(unit.Unit(self.root, name).script(prepare))
        os.makedirs(f"{self.slice}/{name}", exist_ok=True)
        return f"echo $$ >{shlex.quote(f'{self.slice}/{name}')}/cgroup.procs && exec bash {inside}"

    def start(self):
        """In a network name space with loopback and one more interface, and with a /run of its own:
        first the units that it works with, then its own."""
        root = shlex.quote(self.root)
        outside = ("ip link set lo up && "
                   "{ ip link add eth0 type veth peer name eth1 && ip link set eth1 up && "
                   "ip link set eth0 up && ip address add 198.18.0.2/24 dev eth0 || :; } && "
                   f"mount -t tmpfs -o mode=755 tmpfs {MOUNT}/run && "
                   f"cp -a {root}/run/. {MOUNT}/run && mount --bind {MOUNT}/run {root}/run && "
                   f"{PIVOT} && ")
        for name in self.helpers:
            outside += f"{{ bash -c {shlex.quote(self.enter(name))} & }} && {UNTIL_LISTENING} && "
        outside += self.enter(self.unit, self.row["prepare"])
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(["unshare", "--net", "--mount", "bash", "-c", outside, "-",
                                             self.root],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)

    def wait(self):
        """Until its ports are open. Sets why when they do not."""
        begin = time.monotonic()
        while True:
            self.seconds = time.monotonic() - begin
            pids = self.pids()
            for pid in pids:
                try:
                    netns = os.stat(f"/proc/{pid}/ns/net").st_ino
                except OSError:
                    continue
                if netns != OWN_NETNS:
                    self.netns = netns
                    missing = self.ports - open_ports(pid)
                    if not missing and (self.ports or self.seconds > 2):
                        return
                    break
            status = self.process.poll()
            if not pids and status is not None:
                self.why = f"ended with status {status}{self.last_words()}"
                return
            if self.seconds > READY_LIMIT or time.monotonic() > DEADLINE:
                self.why = (f"not open after {self.seconds:.0f} s: "
                            f"{','.join(sorted(self.ports))}{self.last_words()}")
                return
            time.sleep(0.1)

    def last_words(self):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as f:
                lines = [line.strip() for line in f if line.strip()]
        except OSError:
            lines = []
        return ": " + lines[-1][:160].replace("#", "") if lines else ""

    def come_up(self):
        if time.monotonic() > DEADLINE:
            self.why = "no time left"
            return self
        try:
            self.start()
            self.wait()
        except (OSError, KeyError, subprocess.SubprocessError) as error:
            self.why = str(error)
        return self


def stop(services):
    """By pid, all of them, and their cgroups."""
    for number, limit in ((signal.SIGTERM, 2), (signal.SIGKILL, 5)):
        end = time.monotonic() + limit
        for service in services:
            for pid in service.all_pids():
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
        while time.monotonic() < end and any(s.all_pids() for s in services):
            time.sleep(0.05)


def is_ephemeral(number):
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as f:
        first, last = (int(word) for word in f.read().split())
    return first <= number <= last


def budget_for(budget, service, port):
    number, _, transport = port.partition("/")
    names = {port}
    if transport and is_ephemeral(int(number)):
        names.add("ephemeral/" + transport)
    if transport and int(number) < 1024:
        names.add("privileged/" + transport)
    return [row for row in budget if row["service"] == service and row["port"] in names]


def judge(service, listener, budget, used):
    """What is wrong with what periplus says of the listener; empty when nothing is."""
    ours = listener["periplus"]
    port = f"{listener['server']['port']}/{listener['network']['transport']}"
    if ours["socket"]["state"] in ("raw", "packet"):
        port = ours["socket"]["state"]
    wants = service.row["product"].split(",")
    effects = {r["id"] for r in ours["reasons"] if r["effect"] == ours["verdict"]}
    wrong = []
    if wants == ["-"] and not (ours["product"] or ours["package"] or ours["who"]):
        wrong.append("is not named")
    if wants != ["-"] and ours["product"] not in wants:
        wrong.append(f"is called product '{ours['product']}' (package '{ours['package']}', "
                     f"'{ours['who']}'), not '{service.row['product']}'")
    if ours["verdict"] == "expected":
        return port, wrong
    for row in budget_for(budget, service.name, port):
        if row["verdict"] == ours["verdict"] and effects <= set(row["reasons"].split(",")):
            used.add((row["service"], row["port"]))
            return port, wrong
    details = "; ".join(f"{r['id']} {r['detail']}" for r in ours["reasons"] if r["id"] in effects)
    wrong.append(f"{ours['verdict']}: {details}")
    return port, wrong


class Tap:
    def __init__(self):
        self.n, self.failed = 0, 0

    def ok(self, is_ok, name, notes=()):
        self.n += 1
        self.failed += not is_ok
        print(f"{'' if is_ok else 'not '}ok {self.n} - {name}")
        for note in notes:
            print(f"# {note}")

    def skip(self, why):
        self.n += 1
        print(f"ok {self.n} # SKIP {why}")


def ask(root, *before):
    """The listing, as root sees it from inside; its exit status is the verdict, not an error."""
    command = PIVOT + " && exec /usr/local/bin/periplus -N -a --json " + READER
    done = subprocess.run([*before, "unshare", "--mount", "bash", "-c", command, "-", root],
                          capture_output=True, text=True, timeout=120, check=False)
    try:
        return json.loads(done.stdout), done.stderr
    except ValueError as error:
        sys.exit(f"Bail out! no JSON ({error}), status {done.returncode}: {done.stderr[-400:]}")


def look(root, services):
    """Every name space at once; packet sockets are only seen from their own, so go there too."""
    listing, stderr = ask(root)
    for service in services:
        if service.why or "packet" not in service.ports or not service.pids():
            continue
        more, _ = ask(root, "nsenter", f"--net=/proc/{service.pids()[0]}/ns/net")
        known = {x["periplus"]["socket"]["inode"] for x in listing["listeners"]}
        listing["listeners"] += [x for x in more["listeners"]
                                 if x["periplus"]["socket"]["state"] in ("raw", "packet")
                                 and x["periplus"]["socket"]["inode"] not in known]
    if os.environ.get("PERIPLUS_PACKAGES_KEEP"):
        with open(os.environ["PERIPLUS_PACKAGES_KEEP"], "w", encoding="utf-8") as f:
            json.dump(listing, f, indent=1)
    return listing, stderr


def mistakes(service, listing, budget, used):
    """The ports of the service in the listing, and a line for everything that is wrong there."""
    found, notes = set(), []
    for listener in listing["listeners"]:
        if listener["periplus"]["socket"]["netns"] != str(service.netns):
            continue
        port, wrong = judge(service, listener, budget, used)
        process = listener["process"] or {}
        found.add(port)
        notes += [f"{port} ({listener['server']['address']}, pid {process.get('pid')} "
                  f"{process.get('name')}) {w}" for w in wrong]
    notes += [f"{port} is not in the listing" for port in sorted(service.ports - found)]
    return found, notes


def look_until_right(root, services, budget):
    """A server that starts a child or stops while we look may look odd for a moment."""
    for _ in range(3):
        listing, stderr = look(root, services)
        for service in services:
            if not service.why and not service.pids():
                service.why = f"ended again{service.last_words()}"
        up = [s for s in services if not s.why]
        if not any(mistakes(s, listing, budget, set())[1] for s in up):
            break
        time.sleep(2)
    return listing, stderr


def report(services, budget, listing, stderr):
    tap, used = Tap(), set()
    up = [s for s in services if not s.why]
    for service in services:
        if service.why:
            tap.skip(f"{service.name} could not start: {service.why}")
            continue
        found, notes = mistakes(service, listing, budget, used)
        tap.ok(not notes, f"{service.name}: {', '.join(sorted(found)) or 'nothing open'}", notes)
    enough = min(ENOUGH, len(services))
    packages = len({s.row["packages"] for s in up})
    tap.ok(len(up) >= enough, f"{len(up)} services of {packages} packages came up, at least {enough}")
    tap.ok(not any(x["periplus"]["verdict"] == "unexpected" for x in listing["listeners"]),
           "nothing at all is called unexpected")
    names = {s.name for s in up}
    for row in budget:
        if (row["service"], row["port"]) not in used and row["service"] in names:
            print(f"# budget: {row['service']} {row['port']} was not needed")
    for line in stderr.splitlines():
        print(f"# periplus: {line}")
    for service in sorted(up, key=lambda s: -s.seconds)[:5]:
        print(f"# {service.name} took {service.seconds:.1f} s")
    print(f"1..{tap.n}")
    return tap.failed == 0


def main():
    lower, _, cgroup, periplus, *only = sys.argv[1:]
    services = []
    try:
        root = make_root(lower, periplus)
    except (OSError, subprocess.SubprocessError) as error:
        why = getattr(error, "stderr", "") or str(error)
        print(f"1..0 # SKIP cannot mount the root: {why.strip().splitlines()[-1]}")
        return 0
    try:
        services = [Service(row, root, cgroup) for row in rows("services.tsv")
                    if not only or row["service"] in only]
        with concurrent.futures.ThreadPoolExecutor(6 + 3 * (os.cpu_count() or 1)) as pool:
            list(pool.map(Service.come_up, services))
        services.sort(key=lambda s: s.name)
        budget = list(rows("budget.tsv"))
        listing, stderr = look_until_right(root, services, budget)
        is_right = report(services, budget, listing, stderr)
        if os.environ.get("PERIPLUS_PACKAGES_LOGS"):
            shutil.copytree(MOUNT + "/log", os.environ["PERIPLUS_PACKAGES_LOGS"],
                            dirs_exist_ok=True)
        return 0 if is_right else 1
    finally:
        stop(services)


MOUNT = sys.argv[2]
OWN_NETNS = os.stat("/proc/self/ns/net").st_ino
DEADLINE = time.monotonic() + ALL_LIMIT
sys.exit(main())
