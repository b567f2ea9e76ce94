#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ota: the other sides of ota.t, in a namespace: boards, hosts and responders, with hashes of
Python's own library, so that nothing here is checked against itself.

  ota.py boards DIR        boards on 127.0.0.1, one a kind (KINDS), each true to the state machine of
                           the ESP cores but for what its name says; DIR/ports has "KIND PORT" lines,
                           DIR/KIND.heard each datagram as repr, DIR/KIND.image what was uploaded
  ota.py host KIND PORT FILE PASSWORD
                           uploads FILE to 127.0.0.1:PORT as KIND does, prints what the device said
                           and ends with 0 when that host would call it a success
  ota.py say PORT N HEX... sends datagrams from one socket, waits for N answers and half a second
                           for more, and prints them as repr
  ota.py responder DIR ADDRESS PORT [INTERFACE]
                           announces three boards by DNS-SD; with INTERFACE, to the group on it"""
import hashlib
import pathlib
import re
import socket
import struct
import sys
import threading
import time

PATIENCE = 120  # more than any test waits: nothing here decides by time


def md5(text):
    return hashlib.md5(text).hexdigest()


def respond(scheme, password, nonce, cnonce):
    """The response to a nonce, as ArduinoOTA.cpp of the cores makes it."""
    salt = nonce + ":" + cnonce
    if scheme == "md5":
        return md5(f"{md5(password.encode())}:{salt}".encode())
    kept = md5(password.encode()) if scheme == "sha256-of-md5" \
        else hashlib.sha256(password.encode()).hexdigest()
    key = hashlib.pbkdf2_hmac("sha256", kept.encode(), salt.encode(), 10000).hex()
    return hashlib.sha256(f"{key}:{salt}".encode()).hexdigest()


class Board(threading.Thread):
    """One device. `tricks` say in which way it is not an ordinary one."""

    def __init__(self, where, kind, scheme=None, **tricks):
        super().__init__(daemon=True)
        self.where, self.kind, self.scheme, self.tricks = where, kind, scheme, tricks
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.port = self.udp.getsockname()[1]
        self.n_uploads = 0
        self.n_nonces = 0

    def say(self, text, to):
        self.udp.sendto(text, to)

    def run(self):
        waiting = None
        while True:
            data, host = self.udp.recvfrom(4096)
            with open(self.where / f"{self.kind}.heard", "a") as f:
                f.write(repr(data) + "\n")
            if waiting:
                line, nonce, waiting = *waiting, None
                m = re.fullmatch(rb"200 ([0-9a-f]+) ([0-9a-f]+)\n", data)
                if not m or len(m[1]) != len(nonce):
                    continue  # back to idle, in silence
                if m[2].decode() != respond(self.scheme, "secret", nonce, m[1].decode()):
                    self.say(b"Authentication Failed", host)
                    continue
                self.accepted(line, host)
                continue
            m = re.fullmatch(rb"(0|100) (\d+) (\d+) ([0-9a-f]{32})\n", data)
            if not m:
                continue
            if self.tricks.get("silent"):
                continue
            if "answer" in self.tricks:
                self.say(self.tricks["answer"], host)
            elif self.scheme:
                self.n_nonces += 1
                nonce = (md5 if self.scheme == "md5" else lambda t: hashlib.sha256(t).hexdigest())(
                    str(time.monotonic_ns()).encode())
                waiting = (m, nonce)
                if not (self.tricks.get("loses_first") and self.n_nonces == 1):
                    self.say(b"AUTH " + nonce.encode(), host)
            else:
                self.accepted(m, host)

    def accepted(self, line, host):
        if not self.tricks.get("loses_ok"):
            self.say(b"OK", host)
        if self.tricks.get("stranger"):
            s = socket.socket()
            s.bind(("127.0.0.9", 0))
            s.connect((host[0], int(line[2])))
            if s.recv(100):
                raise SystemExit("a stranger was given the image")
        if self.tricks.get("no_call"):
            return
        if self.tricks.get("together"):
            self.tricks["together"].wait(PATIENCE)
        self.n_uploads += 1
        try:
            with socket.create_connection((host[0], int(line[2])), PATIENCE) as s:
                self.take(s, int(line[3]), line[4].decode())
        except OSError:
            pass

    def take(self, s, size, digest):
        tricks, image = self.tricks, b""
        if "instead" in tricks:  # says this, and then waits for the host to go
            s.sendall(tricks["instead"])
            while s.recv(4096):
                pass
            return
        if tricks.get("drips"):
            try:
                for _ in range(PATIENCE * 10):
                    s.sendall(b"1")
                    time.sleep(0.1)
            except OSError:
                return
        while len(image) < size:
            got = s.recv(min(1460, size - len(image)))
            if not got:
                return
            image += got
            s.sendall(str(len(got)).encode())
            if len(image) > 4000 and (tricks.get("dies") or
                                      (tricks.get("dies_once") and self.n_uploads == 1)):
                return
        (self.where / f"{self.kind}.image").write_bytes(image)
        if tricks.get("no_result"):
            return
        if md5(image) != digest or tricks.get("damages"):
            s.sendall(b"ERROR[7]: MD5 verification failed: expected: x, calculated: y\n")
        else:
            s.sendall(b"OK")


def boards(where):
    together = threading.Barrier(8)
    farm = [
        Board(where, "plain"),
        Board(where, "md5", "md5"),
        Board(where, "sha256", "sha256"),
        Board(where, "keeps-md5", "sha256-of-md5"),
        Board(where, "loses-nonce", "sha256", loses_first=True),
        Board(where, "loses-ok", loses_ok=True),
        Board(where, "stranger", stranger=True),
        Board(where, "silent", silent=True),
        Board(where, "refuses", answer=b"ERR: ERROR[4]: Not Enough Space\n"),
        Board(where, "hostile", answer=b"\x1b]0;owned\x07\x9b2J\xe2\x80\xae  AUTH"),
        Board(where, "long", answer=b"A" * 4000),
        Board(where, "no-call", no_call=True),
        Board(where, "dies", dies=True),
        Board(where, "dies-once", dies_once=True),
        Board(where, "damages", damages=True),
        Board(where, "no-result", no_result=True),
        Board(where, "drips", drips=True),
        Board(where, "early", instead=b"1460OK"),
        Board(where, "hostile-text", instead=b"1460ERROR[10]: \x1b[2Jmagic\x00\r\n"),
        Board(where, "endless", instead=b"1460" + b"x" * 100000),
        Board(where, "esp32", instead=b"1024Wrong Magic Byte\r\n"),
    ] + [Board(where, f"together-{i}", "sha256" if i % 2 else None, together=together)
         for i in range(8)]
    for board in farm:
        board.start()
    (where / "ports.new").write_text("".join(f"{b.kind} {b.port}\n" for b in farm))
    (where / "ports.new").rename(where / "ports")
    threading.Event().wait()


# --- hosts ---------------------------------------------------------------------------------------

def invite(udp, to, line, room):
    udp.settimeout(PATIENCE)
    udp.sendto(line.encode(), to)
    return udp.recv(room).decode()


def authenticate(udp, to, answer, password, room):
    nonce = answer.split()[1]
    scheme = "md5" if len(nonce) == 32 else "sha256"
    cnonce = hashlib.new(scheme, b"of a file").hexdigest()
    return invite(udp, to, f"200 {cnonce} {respond(scheme, password, nonce, cnonce)}\n", room)


def host(kind, port, path, password):
    """esp8266 and esp32: how the espota.py of each core goes about it, socket by socket: sizes of
    chunks and of reads, and what it takes for a success. The rest are wrong in one way each."""
    to = ("127.0.0.1", port)
    image = pathlib.Path(path).read_bytes()
    listener = socket.socket()
    listener.bind(("0.0.0.0", 0))
    listener.listen(1)
    listener.settimeout(PATIENCE)
    size = {"long": len(image) - 1, "short": len(image) + 1, "huge": 4294967295,
            "empty": 0}.get(kind, len(image))
    digest = md5(image[:-1]) if kind == "long" else "0" * 32 if kind == "damaged" else md5(image)
    call = listener.getsockname()[1]
    if kind == "no-listener":
        listener.close()
    line = "%d %d %d %s\n" % (100 if kind == "filesystem" else 0, call, size, digest)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    answer = invite(udp, to, line, 69 if kind == "esp32" else 128)
    if answer.startswith("AUTH"):
        if kind == "esp32":  # a new socket, so another port
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        answer = authenticate(udp, to, answer, password, 64 if kind == "esp32" else 32)
    print(repr(answer))
    if answer != "OK" or kind == "no-listener":
        return 1
    s, _ = listener.accept()
    s.settimeout(PATIENCE)
    chunk, room = (1024, 10) if kind == "esp32" else (1460, 32)
    said = ""
    if kind == "drip":
        try:
            for byte in image:
                s.sendall(bytes([byte]))
                time.sleep(0.1)
        except OSError:
            pass
    for at in range(0, len(image), chunk):
        if kind == "drip":
            break
        s.sendall(image[at:at + chunk])
        said = s.recv(room).decode()
    if kind == "short":
        s.shutdown(socket.SHUT_WR)
    if kind == "esp32" and "OK" in said:
        print("'OK'")
        return 0
    said = said if kind == "long" else ""
    while True:  # the esp8266 one looks for E, then for O
        got = s.recv(64).decode()
        said += got
        if not got or (kind == "esp8266" and ("E" in said or "O" in said)) or \
                (kind == "esp32" and "OK" in said):
            break
    print(repr(said))
    return 0 if "OK" in said else 1


def say(port, n, datagrams):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for data in datagrams:
        udp.sendto(bytes.fromhex(data), ("127.0.0.1", port))
    try:
        while True:
            udp.settimeout(PATIENCE if n > 0 else 0.5)
            print(repr(udp.recv(4096)))
            n -= 1
    except socket.timeout:
        pass


# --- DNS-SD --------------------------------------------------------------------------------------

def name(text):
    return b"".join(bytes([len(l)]) + l for l in text) + b"\0"


def record(of, kind, data, ttl=120):
    return name(of) + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data


def responder(where, address, port, interface=None):
    """A board with password, one without, one that lacks its text and address until asked for
    them, one that says farewell, and one whose name is a weapon."""
    v6 = ":" in address
    s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if v6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
    else:
        s.setsockopt(socket.IPPROTO_IP, 12, 1)  # IP_RECVTTL
    if interface:
        s.bind(("", port))
        index = socket.if_nametoindex(interface)
        if v6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                         socket.inet_pton(socket.AF_INET6, address) + struct.pack("@I", index))
        else:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                         struct.pack("4s4si", socket.inet_aton(address), bytes(4), index))
    else:
        s.bind((address, port))
    kind = [b"_arduino", b"_tcp", b"local"]
    ptr = lambda n, ttl=120: record(kind, 12, name([n] + kind), ttl)
    srv = lambda n, p, h: record([n] + kind, 33, struct.pack(">HHH", 0, 0, p) + name([h, b"local"]))
    txt = lambda n, *items: record([n] + kind, 16, b"".join(bytes([len(i)]) + i for i in items))
    a = lambda h, ip: record([h, b"local"], 1, socket.inet_aton(ip))
    weapon = b"\x1b[2J\xe2\x80\xaeboard. x"
    first = [
        ptr(b"door"), srv(b"door", 3232, b"esp32-aa"), a(b"esp32-aa", "198.18.0.21"),
        txt(b"door", b"board=esp32", b"tcp_check=no", b"ssh_upload=no", b"auth_upload=yes"),
        ptr(b"lamp"), srv(b"lamp", 8266, b"esp8266-bb"), a(b"ESP8266-BB", "198.18.0.22"),
        txt(b"lamp", b"board=generic", b"auth_upload=no"),
        ptr(b"late"), srv(b"late", 3232, b"esp32-cc"),
        ptr(b"gone", 0),
        ptr(weapon), srv(weapon, 3232, b"esp32-aa"), txt(weapon, b"board=\x1b[31m", b"auth_upload=yes"),
    ]
    late = [txt(b"late", b"board=esp32s3", b"auth_upload=yes"), a(b"esp32-cc", "198.18.0.23")]
    (where / "ready").touch()
    while True:
        data, ancillary, _, who = s.recvmsg(9000, 256)
        hops = struct.unpack("@i", ancillary[0][2][:4])[0] if ancillary else -1
        with open(where / "queries", "a") as f:
            f.write(f"{hops} {data.hex()}\n")
        asked = struct.unpack(">H", data[4:6])[0]
        for records in ([first] if asked == 1 else [first, late]):
            s.sendto(data[:2] + struct.pack(">HHHHH", 0x8400, 0, len(records), 0, 0) +
                     b"".join(records), who)
        s.sendto(b"\0\0\x84\0\0\0\0\1\0\0\0\0\xc0\x0c\0", who)  # a name that leads to itself
        s.sendto(b"no DNS at all", who)


if __name__ == "__main__":
    what, rest = sys.argv[1], sys.argv[2:]
    if what == "boards":
        boards(pathlib.Path(rest[0]))
    elif what == "host":
        sys.exit(host(rest[0], int(rest[1]), rest[2], rest[3]))
    elif what == "say":
        say(int(rest[0]), int(rest[1]), rest[2:])
    elif what == "responder":
        responder(pathlib.Path(rest[0]), rest[1], int(rest[2]), *rest[3:])
    else:
        sys.exit(f"ota.py: '{what}' is no word of it")
