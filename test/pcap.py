#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pcap: writes captures of its own for test/pcap.t: pcap.py WHAT >FILE.

Packets are made layer by layer; checksums stay zero, for nobody here looks at them.
"""
import os
import random
import socket
import struct
import sys

ETHERNET, NULL, RAW, SLL, LOOP, SLL2 = 1, 0, 101, 113, 108, 276
A, B, C = "192.0.2.1", "192.0.2.2", "192.0.2.3"


def udp(sport, dport, payload):
    return 17, struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload


def tcp(sport, dport, seq, flags, payload=b""):
    head = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, 0, 5 << 4, flags, 512, 0, 0)
    return 6, head + payload


def ip4(src, dst, inner, fragment=0, options=b""):
    protocol, body = inner
    words = 5 + len(options) // 4
    return 0x0800, struct.pack(">BBHHHBBH4s4s", 0x40 | words, 0, words * 4 + len(body), 1, fragment,
                               64, protocol, 0, socket.inet_aton(src), socket.inet_aton(dst)) + options + body


def ip6(src, dst, inner, extensions=b"", first=None):
    protocol, body = inner
    pton = socket.inet_pton
    return 0x86DD, struct.pack(">IHBB16s16s", 6 << 28, len(extensions) + len(body),
                               protocol if first is None else first, 64, pton(socket.AF_INET6, src),
                               pton(socket.AF_INET6, dst)) + extensions + body


def gre(inner, key=None):
    kind, body = inner
    if key is None:
        return 47, struct.pack(">HH", 0, kind) + body
    return 47, struct.pack(">HHI", 0x2000, kind, key) + body


def vlan(number, inner, kind=0x8100):
    return kind, struct.pack(">HH", number, inner[0]) + inner[1]


def ethernet(inner, pad=0):
    return b"\2\0\0\0\0\1\2\0\0\0\0\2" + struct.pack(">H", inner[0]) + inner[1] + bytes(pad)


def sll(inner):
    return struct.pack(">HHH8sH", 0, 1, 6, bytes(8), inner[0]) + inner[1]


def sll2(inner):
    return struct.pack(">HHIHBB8s", inner[0], 0, 1, 1, 0, 6, bytes(8)) + inner[1]


def null(inner):
    return struct.pack("<I", 2 if inner[0] == 0x0800 else 30) + inner[1]


def loop(inner):
    return struct.pack(">I", 2 if inner[0] == 0x0800 else 24) + inner[1]


def raw(inner):
    return inner[1]


def pcap(packets, link=ETHERNET, order="<", magic=0xA1B2C3D4, snap=262144):
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link)]
    for i, p in enumerate(packets):
        out.append(struct.pack(order + "IIII", 1700000000 + i // 1000, i % 1000 * 1000,
                               min(len(p), snap), len(p)) + p[:snap])
    return b"".join(out)


def pcapng(packets, link=ETHERNET):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(1, struct.pack("<HHI", link, 0, 0))
    for i, p in enumerate(packets):
        out += block(6, struct.pack("<IIIII", 0, 0, i, len(p), len(p)) + p)
    return out


# --- who speaks ----------------------------------------------------------------------------------
MDT = bytes.fromhex("01001000" "0a010101" "ef010101" "e8000005")
MDT6 = bytes.fromhex("04002800" "20010db8000000000000000000000001" "ff3e0000000000000000000000000001" "e8000005")
HELLO = bytes.fromhex("16feff00000000000000000023" "03000017" "0000000000000017" "feff14") + bytes(range(20))
OTA = b"0 41003 20000 " + b"0123456789abcdef" * 2 + b"\n"


def talk(client, server, sport, dport, says, isn=(1000, 2000)):
    """A TCP connection; says: (from client, bytes)."""
    seq = list(isn)
    yield ip4(client, server, tcp(sport, dport, seq[0], 2))
    yield ip4(server, client, tcp(dport, sport, seq[1], 18))
    seq = [seq[0] + 1, seq[1] + 1]
    for by_client, data in says:
        if by_client:
            yield ip4(client, server, tcp(sport, dport, seq[0], 24, data))
            seq[0] += len(data)
        else:
            yield ip4(server, client, tcp(dport, sport, seq[1], 24, data))
            seq[1] += len(data)
    yield ip4(client, server, tcp(sport, dport, seq[0], 17))
    yield ip4(server, client, tcp(dport, sport, seq[1], 17))


def showcase():
    """The four users of 3232, each on addresses of its own."""
    packets = [ip4("198.51.100.1", "239.9.9.9", gre(ip4("198.51.100.1", "224.0.0.13", udp(3232, 3232, MDT))))]
    packets += [ip4("192.0.2.10", "192.0.2.11", udp(50000, 3232, OTA)),
                ip4("192.0.2.11", "192.0.2.10", udp(3232, 50000, b"AUTH " + b"ab" * 16))]
    packets += talk("192.0.2.20", "192.0.2.21", 50001, 3232,
                    [(True, bytes.fromhex("6c26f75c45")), (False, b"\0\2")])
    packets += [ip4("192.0.2.31", "192.0.2.30", udp(3232, 50002, HELLO))]
    return packets


def http(split, conflict=False):
    """One answer in segments of `split` bytes, shuffled, each sent twice, numbers that wrap."""
    data = b"HTTP/1.0 200 OK\r\nServer: nginx/1.22.1\r\nContent-Type: text/html\r\n\r\n<html>"
    start = 0xFFFFFFF0
    yield ip4(A, B, tcp(40000, 8080, 7, 2))
    yield ip4(B, A, tcp(8080, 40000, start, 18))
    yield ip4(A, B, tcp(40000, 8080, 8, 24, b"GET / HTTP/1.0\r\n\r\n"))
    parts = [(i, data[i:i + split + 3]) for i in range(0, len(data), split)] * 2
    random.Random(5).shuffle(parts)
    for at, part in parts:
        yield ip4(B, A, tcp(8080, 40000, start + 1 + at, 24, part))
    if conflict:
        yield ip4(B, A, tcp(8080, 40000, start + 1 + 17, 24, b"Server: Apache/9.9.9"))


SSH = [(False, b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"), (True, b"SSH-2.0-OpenSSH_9.6\r\n")]


def layers():
    """The same conversation in everything that is taken off; one server address each."""
    def spoken(i, wrap):
        client, server = f"10.1.{i}.1", f"10.1.{i}.2"
        return [wrap(client, server, tcp(40000, 22, 1, 2)),
                wrap(server, client, tcp(22, 40000, 1, 18)),
                wrap(server, client, tcp(22, 40000, 2, 24, SSH[0][1]))]

    out = []
    out += [ethernet(p) for p in spoken(1, ip4)]
    out += [ethernet(vlan(5, p)) for p in spoken(2, ip4)]
    out += [ethernet(vlan(100, vlan(6, p), 0x88A8)) for p in spoken(3, ip4)]
    out += [ethernet(ip4("203.0.113.1", "203.0.113.2", gre(p))) for p in spoken(4, ip4)]
    out += [ethernet(ip4("203.0.113.1", "203.0.113.2", gre(p, 77))) for p in spoken(5, ip4)]
    out += [ethernet(ip4("203.0.113.1", "203.0.113.2", gre((0x6558, ethernet(p))))) for p in spoken(6, ip4)]
    out += [ethernet(ip4("203.0.113.1", "203.0.113.2", (4, p[1]))) for p in spoken(7, ip4)]
    out += [ethernet(p) for p in spoken(8, lambda s, d, i: ip4(s, d, i, options=bytes([1] * 8)))]
    def six(address):
        return "2001:db8::" + address.split(".")[3]

    hops = bytes([60, 0, 1, 4, 0, 0, 0, 0])
    more = bytes([6, 1]) + bytes(14)
    out += [ethernet(p) for p in spoken(9, lambda s, d, i: ip6(six(s), six(d), i, hops + more, 0))]
    frag = bytes([6, 0, 0, 1, 0, 0, 0, 9])
    out += [ethernet(ip6("2001:db8::7", "2001:db8::8", tcp(40000, 22, 1, 2), frag, 44))]
    out += [ethernet(ip6("2001:db8::7", "2001:db8::8", (6, b"rest"), bytes([6, 0, 0, 17, 0, 0, 0, 9]), 44))]
    out += [ethernet(ip4(A, B, udp(1, 2, b"x" * 64), fragment=0x2000))]
    out += [ethernet(ip4(A, B, (17, b"later"), fragment=8))]
    out += [ethernet(ip4(A, B, (1, b"\x08\0\0\0ping")))]
    out += [ethernet((0x0806, bytes(28)))]
    out += [ethernet(ip4(A, B, udp(1, 2, b"")))[:30]]
    out += [ethernet((0x0800, b"\x41" + bytes(30)))]
    out += [ethernet(ip4(A, C, udp(40000, 9999, b"hello")), pad=20)]
    return out


def nested(depth):
    inner = ip4(A, B, udp(1, 2, b"x"))
    for _ in range(depth):
        inner = ip4(A, B, gre(inner))
    return inner


def hostile(seed):
    rng = random.Random(seed)
    good = [ethernet(p) for p in showcase()] + layers() + [ethernet(p) for p in http(7)]
    out = []
    for p in good * 8:
        p = bytearray(p)
        for _ in range(rng.randrange(6)):
            p[rng.randrange(len(p))] = rng.randrange(256)
        out.append(bytes(p[:rng.randrange(len(p) + 1)]) if rng.randrange(3) == 0 else bytes(p))
    return out


def many(n):
    """n packets of as many flows, in memory of this program only once."""
    head = pcap([])
    write = sys.stdout.buffer.write
    write(head)
    for i in range(n):
        p = ethernet(ip4(f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}", B,
                         udp(1024 + i % 60000, 30000 + i % 7, b"payload %d" % i)))
        write(struct.pack("<IIII", 1700000000 + i // 1000, i % 1000, len(p), len(p)) + p)


def main():
    what = sys.argv[1]
    out = sys.stdout.buffer
    eth = [ethernet(p) for p in showcase()]
    wraps = {"sll": (sll, SLL), "sll2": (sll2, SLL2), "null": (null, NULL), "loop": (loop, LOOP),
             "raw": (raw, RAW)}
    if what in wraps:
        wrap, link = wraps[what]
        out.write(pcap([wrap(p) for p in showcase()], link))
    elif what == "showcase":
        out.write(pcap(eth))
    elif what == "big-endian":
        out.write(pcap(eth, order=">"))
    elif what == "nanoseconds":
        out.write(pcap(eth, magic=0xA1B23C4D))
    elif what == "pcapng":
        out.write(pcapng(eth))
    elif what == "unknown-link":
        out.write(pcap(eth, link=195))
    elif what == "empty":
        out.write(pcap([]))
    elif what == "layers":
        out.write(pcap(layers()))
    elif what == "snapped":
        out.write(pcap([ethernet(p) for p in talk(A, B, 40000, 22, SSH)], snap=64))
    elif what == "nested":
        out.write(pcap([ethernet(nested(int(sys.argv[2])))]))
    elif what == "mdt":
        out.write(pcap([ethernet(ip4(A, "224.0.0.13", udp(3232, 3232, MDT))),
                        ethernet(ip4(A, B, udp(3232, 3232, MDT))),
                        ethernet(ip6("::ffff:c000:201", "ff02::d", udp(3232, 3232, MDT6))),
                        ethernet(ip4("198.51.100.1", "239.9.9.9", gre(ip6(
                            "::ffff:c633:6401", "ff02::d", udp(3232, 3232, MDT6)))))]))
    elif what == "http":
        out.write(pcap([ethernet(p) for p in http(int(sys.argv[2]), len(sys.argv) > 3)]))
    elif what == "midstream":
        out.write(pcap([ethernet(p) for p in list(talk(A, B, 40000, 2222, SSH))[2:]]))
    elif what == "odd-ports":
        packets = list(talk(A, B, 40000, 2222, SSH))
        packets += talk(A, B, 40001, 3432, [(True, bytes.fromhex("0000000804d2162f")), (False, b"N"),
                        (True, b"\0\0\0\x15\0\3\0\0user\0someone\0\0")])
        out.write(pcap([ethernet(p) for p in packets]))
    elif what == "names":
        packets = talk(A, B, 40000, 22, [(False, b"SSH-2.0-a\x1b[31m\xe2\x80\xae<b>\x9b\r\n")])
        out.write(pcap([ethernet(p) for p in packets]))
    elif what == "flows":
        packets = []
        for i in range(int(sys.argv[2])):
            packets += talk(A, B, 1024 + i, 22, SSH)
        out.write(pcap([ethernet(p) for p in packets]))
    elif what == "hostile":
        out.write(pcap(hostile(int(sys.argv[2]))))
    elif what == "many":
        many(int(sys.argv[2]))
    elif what == "endless":
        piece = pcap(eth)
        out.write(piece)
        while True:
            out.write(piece[24:])
    else:
        sys.exit(f"pcap.py: unknown word '{what}'")


try:
    main()
except BrokenPipeError:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
