#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Servers for scan.t. scan.py KIND DIR ARGUMENT...: makes DIR/ready when all of them listen.

listen ADDRESS:PORT...   TCP listeners that take every connection and say nothing
tftp ADDRESS LIAR        TFTP on port 69 of ADDRESS, which answers from a port of its own; on port 69
                         of LIAR something that answers so too, but no TFTP
"""
import pathlib
import select
import selectors
import signal
import socket
import sys


def listen(places):
    made = []
    for place in places:
        address, port = place.rsplit(":", 1)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        s = socket.socket(family, socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET:
            s.setsockopt(socket.IPPROTO_IP, 15, 1)  # IP_FREEBIND: addresses by AnyIP
        s.bind((address, int(port)))
        s.listen(256)
        made.append(s)
    return made


def serve(listeners):
    waits = selectors.DefaultSelector()
    for s in listeners:
        waits.register(s, selectors.EVENT_READ, True)
    while True:
        for key, _ in waits.select():
            s = key.fileobj
            if key.data:
                waits.register(s.accept()[0], selectors.EVENT_READ, False)
                continue
            try:
                is_over = not s.recv(4096)
            except OSError:
                is_over = True
            if is_over:
                waits.unregister(s)
                s.close()


def datagrams(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 69))
    return s


def tftp(sockets, answers):
    while True:
        for s in select.select(sockets, [], [])[0]:
            _, peer = s.recvfrom(4096)
            other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            other.bind((s.getsockname()[0], 0))
            other.sendto(answers[s], peer)
            other.close()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    kind, where = sys.argv[1], pathlib.Path(sys.argv[2])
    if kind == "listen":
        listeners = listen(sys.argv[3:])
        (where / "ready").touch()
        serve(listeners)
    real, liar = (datagrams(a) for a in sys.argv[3:5])
    (where / "ready").touch()
    # RFC 1350 section 5: an ERROR packet, code 1
    tftp([real, liar], {real: b"\0\5\0\1File not found\0", liar: b"\x80hello there"})


main()
