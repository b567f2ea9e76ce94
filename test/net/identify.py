#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""identify: the servers of identify.t, all in one process, on addresses of 127/8 in a namespace.

  identify.py models DIR ROWS SAMPLES   every server sample of a row, said by a byte-exact model:
                                        at once when the row speaks first, else only after exactly
                                        the row's own question; anything else ends the connection
  identify.py hostile DIR               servers that mean harm
  identify.py delicate DIR              peers that a stranger's byte harms: XCP and ArduinoOTA
  identify.py silent DIR FIRST COUNT    ports that take connections and say nothing

DIR/table lists what was opened: name, address, port, wanted service, product, version. DIR/ready
appears when all listen; DIR/heard.NAME holds every byte that a peer got, DIR/accepted.NAME a byte for
every connection that a hostile one took."""
import gzip
import pathlib
import random
import re
import resource
import select
import socket
import struct
import sys
import threading
import time


def numbers(text):
    """Bytes of a sample: hex digits, without the comments."""
    lines = (line.split("#")[0] for line in text.splitlines())
    return bytes.fromhex(re.sub(r"[^0-9a-fA-F]", "", "".join(lines)))


class Farm:
    def __init__(self, where):
        self.where = pathlib.Path(where)
        self.rows = []
        self.lock = threading.Lock()

    def note(self, name, data):
        with self.lock, open(self.where / f"heard.{name}", "ab") as f:
            f.write(data)

    def tcp(self, name, address, port, serve, want=("-", "-", "-")):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((address, port))
        s.listen(64)
        self.rows.append((name, address, str(port), *want))

        def accept():
            while True:
                c, _ = s.accept()
                threading.Thread(target=self.guarded, args=(serve, c, name), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()

    def guarded(self, serve, c, name):
        try:
            serve(c, name)
        except OSError:
            pass
        finally:
            c.close()

    def udp(self, name, address, port, serve):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((address, port))
        self.rows.append((name, address, str(port), "-", "-", "-"))

        def loop():
            while True:
                data, sender = s.recvfrom(65536)
                self.note(name, data + b"|")
                serve(s, data, sender)

        threading.Thread(target=loop, daemon=True).start()

    def ready(self):
        (self.where / "table").write_text("".join("\t".join(r) + "\n" for r in self.rows))
        (self.where / "ready").write_text("")
        while True:
            time.sleep(3600)


def drain(c, seconds=20):
    """Reads until the other side is done."""
    c.settimeout(seconds)
    while c.recv(65536):
        pass


# What servers say to what they do not know: to a head of HTTP and to all else. HUNG_UP: nothing, and
# they end the connection; RESET: without having read it; WAITS: for the rest of a longer message.
HUNG_UP, RESET, WAITS = b"", "reset", None
REFUSALS = {
    "beanstalk": [b"UNKNOWN_COMMAND\r\n" * 5] * 2,
    "clamd": [b"UNKNOWN COMMAND\n"] * 2,
    "dns": [WAITS, WAITS],
    "gearman": [b"ERR UNKNOWN_COMMAND Unknown+server+command\r\n"] * 2,
    "http": [HUNG_UP, HUNG_UP],
    "ldap": [HUNG_UP, HUNG_UP],
    "memcached": [b"ERROR\r\n" * 5] * 2,
    "mongodb": [b"HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 85\r\n\r\n"
                b"It looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n"] * 2,
    "mqtt": [RESET, RESET],
    "nut": [b"ERR UNKNOWN-COMMAND\n"] * 2,
    "postgresql": [HUNG_UP, HUNG_UP],
    "redis": [HUNG_UP, WAITS],
    "smb": [WAITS, WAITS],
    "stun": [RESET, WAITS],
    "tls": [HUNG_UP, HUNG_UP],
}


def reset(c, name):
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def models(where, rows, samples):
    farm = Farm(where)
    table = {}
    for line in open(rows):
        name, transport, port, safety, first, question = line.rstrip("\n").split("\t")
        if transport == "tcp" and safety == "B" and (first == "1" or question):
            table[name] = (int(port), first == "1", bytes.fromhex(question))
    count = 0
    for path in sorted(pathlib.Path(samples).glob("*/*.hex")):
        text = path.read_text()
        want = path.with_suffix(".want").read_text().splitlines()
        want = dict(line.split("=", 1) for line in want if "=" in line)
        if path.parent.name not in table or want.get("match") != "yes":
            continue
        if "side=server" not in text or "transport=tcp" not in text:
            continue
        port, first, question = table[path.parent.name]
        said = numbers(text)

        refusals = REFUSALS.get(path.parent.name, [HUNG_UP, HUNG_UP])

        def serve(c, name, first=first, question=question, said=said, refusals=refusals):
            if not first:
                heard = b""
                c.settimeout(20)
                while len(heard) < len(question) and question.startswith(heard):
                    more = c.recv(len(question) - len(heard))
                    if not more:
                        return  # and no answer to half a question
                    heard += more
                if heard != question:
                    refusal = refusals[not heard.startswith(b"G")]
                    if refusal == RESET:
                        return reset(c, name)
                    if refusal is not WAITS:
                        c.sendall(refusal)
                        c.shutdown(socket.SHUT_WR)
                    drain(c)
                    return
            c.sendall(said)
            c.shutdown(socket.SHUT_WR)
            drain(c)

        wanted = (path.parent.name, want.get("product") or "-", want.get("version") or "-")
        for where_port, kind in ((port, "usual"), (47110, "odd")):
            if kind == "odd" and not first and path.parent.name not in REFUSALS:
                continue
            count += 1
            farm.tcp(f"{kind}/{path.parent.name}/{path.stem}", f"127.1.{count >> 8}.{count & 255}",
                     where_port, serve, wanted)
    farm.ready()


def hostile(where):
    farm = Farm(where)
    noise = random.Random(5).randbytes(1 << 20)

    def pour(data):
        def serve(c, name):
            c.sendall(data)
            drain(c)
        return serve

    def endless(c, name):
        while True:
            c.sendall(b"periplus? " * 4096)

    def drip(c, name):
        while True:
            c.sendall(b"S")
            time.sleep(0.5)

    def half(c, name):
        c.shutdown(socket.SHUT_WR)
        drain(c)

    def bomb(c, name):
        c.recv(4096)
        while True:
            c.sendall(b"\x16\x03\x03\x40\x00" + b"\x02\x00\x00\x50" + b"\0" * 16380)

    # sixteen kilobytes that are sixteen megabytes
    squeezed = gzip.compress(b"<title>" + bytes(16 << 20))
    gzipped = (b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n"
               b"Content-Length: %d\r\n\r\n" % len(squeezed) + squeezed)

    def counted(serve):
        def count(c, name):
            with farm.lock, open(farm.where / f"accepted.{name}", "ab") as f:
                f.write(b".")
            serve(c, name)
        return count

    rows = (
        ("megabyte", pour(b"x" * (1 << 20))),
        ("megabyte of noise", pour(noise)),
        ("one line of 60 KB", pour(b"220 " + b"y" * 60000 + b"\r\n")),
        ("endless", endless),
        ("one byte each half second", drip),
        ("silent", lambda c, name: drain(c, 60)),
        ("reset", reset),
        ("half-open close", half),
        ("escapes", pour(b"220 \x1b[2J\x1b]0;owned\x07\x9b31m\xe2\x80\xae ESMTP Postfix\x1b[1m\r\n")),
        ("markup", pour(b"220 <script>alert(1)</script> =cmd|'/c calc'!A1 ESMTP Exim 4.96\r\n")),
        ("record bomb", bomb),
        ("nul bytes", pour(b"\0" * 4096)),
        ("gzip bomb", pour(gzipped)),
    )
    for i, (name, serve) in enumerate(rows):
        farm.tcp(name, f"127.2.0.{i + 1}", 47110, counted(serve))

    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    other.bind(("127.2.1.99", 53))

    def answer(data):
        return data[:2] + b"\x81\x85" + data[4:]  # RFC 1035 4.1.1: a response, refused

    def flood(s, data, sender):
        for _ in range(100000):
            s.sendto(answer(data), sender)

    farm.udp("udp flood", "127.2.1.1", 53, flood)
    farm.udp("udp", "127.2.1.2", 53, lambda s, data, sender: s.sendto(answer(data), sender))
    farm.udp("udp forged", "127.2.1.3", 53, lambda s, data, sender: other.sendto(answer(data), sender))
    farm.ready()


def delicate(where):
    farm = Farm(where)
    state = {"alive": True, "session": False, "waits": False}

    def slave(data):
        """As the real one: a wrong length ends it for good, and only CONNECT opens a session."""
        if len(data) < 5 or len(data) != 4 + struct.unpack("<H", data[:2])[0]:
            state["alive"] = False
        command = data[4] if state["alive"] else 0
        if command != 0xff and not state["session"]:
            return b""
        state["session"] = command != 0xfe
        answers = {
            0xff: b"\x08\0\0\0\xff\x05\xc0\xf8\xdc\x05\x01\x01",
            0xfe: b"\x01\0\0\0\xff",
            0xfd: b"\x06\0\0\0\xff\0\0\0\0\0",
            0xfa: b"\x08\0\0\0\xff\0\0\0\0\0\0\0",
        }
        return answers.get(command, b"\x02\0\0\0\xfe\x20")

    def xcp(c, name):
        c.settimeout(60)
        while data := c.recv(4096):
            farm.note(name, data + b"|")
            c.sendall(slave(data))

    def xcp_udp(s, data, sender):
        answer = slave(data)
        if answer:
            s.sendto(answer, sender)

    def ota(s, data, sender):
        # ArduinoOTA::_onRx: idle takes an invitation; waiting takes an answer, and goes idle
        if not state["waits"]:
            if re.fullmatch(rb"(0|100) \d+ \d+ [0-9a-f]{32}\n", data):
                state["waits"] = True
                s.sendto(b"AUTH " + b"0123456789abcdef" * 2, sender)
        else:
            state["waits"] = False
            if data.startswith(b"200 "):
                s.sendto(b"OK", sender)

    farm.tcp("xcp", "127.3.0.1", 5555, xcp)
    farm.udp("xcp-udp", "127.3.0.1", 5555, xcp_udp)
    farm.udp("ota", "127.3.0.1", 3232, ota)
    farm.ready()


def builds(where):
    """Development servers build a page when it is first asked for: here, until it is asked for again."""
    farm = Farm(where)
    asked = []

    def serve(c, name):
        if not c.recv(4096).startswith(b"GET "):
            c.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")  # node's, to a handshake
            return
        asked.append(name)
        if len(asked) == 1:
            drain(c, 120)
        else:
            c.sendall(b"HTTP/1.1 200 OK\r\nX-Powered-By: Next.js\r\nContent-Length: 1\r\n\r\nx")

    farm.tcp("builds", "127.2.2.1", 47110, serve)
    farm.ready()


def silent(where, first, count):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    held = []
    for port in range(int(first), int(first) + int(count)):
        s = socket.socket()
        s.bind(("127.4.0.1", port))
        s.listen(16)
        held.append(s)
    pathlib.Path(where, "ready").write_text("")
    select.select([], [], [])


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
