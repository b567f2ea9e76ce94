# SPDX-License-Identifier: Apache-2.0
"""scan_raw: what the raw engines are tried on, in the namespace that calls it.

  listen READY PORT...   TCP on all addresses; u:PORT echoes UDP; t:PORT answers UDP from a new port
  forge READY INTERFACE  answers SYNs to 198.19.0.1-6 and fd19::1-6, which nobody else here answers:
                         by the last number of the address rightly (6), with a wrong number
                         acknowledged (1), from another port (2), from another host (3),
                         RST with a wrong number (4), not at all (5)
  gro INTERFACE 0|1      switches generic receive offload
  checksums INTERFACE 0|1   switches whether checksums are left to the interface
"""
import array
import fcntl
import select
import socket
import struct
import sys

IP_PKTINFO = 8


def ready(path):
    open(path, "w").close()


def listen(path, words):
    echo, strange, held = [], [], []
    for word in words:
        kind, _, port = word.rpartition(":")
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM if kind else socket.SOCK_STREAM)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        if kind:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        s.bind(("::", int(port)))
        if not kind:
            s.listen(128)
        {"u": echo, "t": strange, "": held}[kind].append(s)
    ready(path)
    while True:
        for s in select.select(echo + strange, [], [])[0]:
            data, extra, _, peer = s.recvmsg(2048, 512)
            info = [e for e in extra if e[:2] == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO)]
            local = socket.inet_ntop(socket.AF_INET6, info[0][2][:16])
            out = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            out.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            out.setsockopt(socket.IPPROTO_IP, 15, 1)      # IP_FREEBIND: every address is ours here
            out.setsockopt(socket.IPPROTO_IPV6, 78, 1)    # IPV6_FREEBIND
            if s in echo:
                out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            out.bind((local, s.getsockname()[1] if s in echo else 0))
            out.sendto(b"re: " + data, peer)
            out.close()


def total(data):
    data += b"\0" * (len(data) % 2)
    n = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while n >> 16:
        n = (n & 0xffff) + (n >> 16)
    return ~n & 0xffff


def tcp(source, target, sport, dport, seq, ack, flags):
    head = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 1024, 0, 0)
    sums = source + target + struct.pack("!II", len(head), 6) + head
    return head[:16] + struct.pack("!H", total(sums)) + head[18:]


def forge(path, interface):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((interface, 0))
    ready(path)
    while True:
        frame, where = s.recvfrom(2048)
        if where[2] == socket.PACKET_OUTGOING:
            continue
        v6 = frame[12:14] == b"\x86\xdd"
        at = 54 if v6 else 34
        width = 16 if v6 else 4
        source = frame[22:38] if v6 else frame[26:30]
        target = frame[38:54] if v6 else frame[30:34]
        net = socket.inet_pton(socket.AF_INET6, "fd19::")[:8] if v6 else bytes([198, 19, 0])
        if (not v6 and frame[12:14] != b"\x08\0") or frame[20 if v6 else 23] != 6:
            continue
        if target[:len(net)] != net or frame[at + 13] != 2:
            continue
        way = target[-1]
        sport, dport, seq = struct.unpack("!HHI", frame[at:at + 8])
        me, flags, ack, port = target, 0x12, seq + 1, dport
        if way == 1:
            ack = seq + 2
        elif way == 2:
            port = dport + 1
        elif way == 3:
            me = target[:-1] + b"\5"
        elif way == 4:
            flags, ack = 0x14, seq
        elif way == 5:
            continue
        body = tcp(me, source, port, sport, 1, ack & 0xffffffff, flags)
        if v6:
            ip = struct.pack("!IHBB", 0x60000000, len(body), 6, 64) + me + source
        else:
            ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, 6, 0) + me + source
            ip = ip[:10] + struct.pack("!H", total(ip)) + ip[12:]
        assert width == len(me)
        s.send(frame[6:12] + frame[:6] + frame[12:14] + ip + body)


def offload(command, interface, value):
    s = socket.socket()
    word = array.array("B", struct.pack("II", command, value))
    fcntl.ioctl(s, 0x8946, struct.pack("16sP8x", interface.encode(), word.buffer_info()[0]))


if sys.argv[1] == "listen":
    listen(sys.argv[2], sys.argv[3:])
elif sys.argv[1] == "forge":
    forge(sys.argv[2], sys.argv[3])
else:
    commands = {"gro": 0x2c, "checksums": 0x17}  # linux/ethtool.h: ETHTOOL_SGRO, ETHTOOL_STXCSUM
    offload(commands[sys.argv[1]], sys.argv[2], int(sys.argv[3]))
