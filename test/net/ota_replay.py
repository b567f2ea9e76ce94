#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ota_replay: one side of a captured ArduinoOTA exchange, byte by byte, for ota.t.

  ota_replay.py host PORT PCAP     says to 127.0.0.1:PORT what the host said, from as many ports as it
                                   had; each answer must be the captured one. A nonce is not said twice:
                                   its proof is made anew, after the captured one was made so too
  ota_replay.py device PORT PCAP   waits at PORT and says what the device said; what comes must be what
                                   the captured host said but for its port, and the proof of the password

test/data/ota/ has uploads of 3,000 bytes by unmodified espota.py of the ESP8266 core and of the ESP32
core 3.3.x (password "secret") to `periplus ota listen` on 8266, as tcpdump saw them on the loopback
interface. In sha256-of-md5 the device kept the MD5 of its password, and the host finds out."""
import pathlib
import re
import socket
import struct
import sys

from ota import PATIENCE, respond

DEVICE, HOST = 8266, 41003  # UDP port of the device, TCP port that the host told it


def messages(path):
    """(transport, is the device's, the host's port, bytes), in order."""
    data = pathlib.Path(path).read_bytes()
    at = 24
    while at < len(data):
        n = struct.unpack("<I", data[at + 8:at + 12])[0]
        packet = data[at + 16 + 14:at + 16 + n]
        at += 16 + n
        body = packet[(packet[0] & 15) * 4:struct.unpack(">H", packet[2:4])[0]]
        source, to = struct.unpack(">HH", body[:4])
        if packet[9] == socket.IPPROTO_UDP:
            yield "udp", source == DEVICE, to if source == DEVICE else source, body[8:]
        elif body[(body[12] >> 4) * 4:]:
            yield "tcp", source != HOST, HOST, body[(body[12] >> 4) * 4:]


def expect(got, want):
    if got != want:
        raise SystemExit(f"got  {got!r}\nwant {want!r}")


def read(s, n):
    got = b""
    while len(got) < n:
        piece = s.recv(n - len(got))
        if not piece:
            raise SystemExit(f"the connection ended after {got!r}")
        got += piece
    return got


def scheme_of(proof, nonce):
    """By which scheme a proof was made, and its cnonce."""
    cnonce = re.fullmatch(rb"200 ([0-9a-f]{32}|[0-9a-f]{64}) [0-9a-f]+\n", proof)[1].decode()
    for scheme in ("md5", "sha256", "sha256-of-md5"):
        if proof == f"200 {cnonce} {respond(scheme, 'secret', nonce, cnonce)}\n".encode():
            return scheme, cnonce
    raise SystemExit(f"{proof!r} is no proof for {nonce}")


def host(port, said):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", HOST))
    listener.listen(1)
    listener.settimeout(PATIENCE)
    udp = {}
    call = then = now = None  # the captured nonce, and the one of today
    for transport, is_devices, own, text in said:
        if transport == "tcp":
            if not call:
                call, _ = listener.accept()
                call.settimeout(PATIENCE)
            expect(read(call, len(text)), text) if is_devices else call.sendall(text)
            continue
        if own not in udp:
            udp[own] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            udp[own].settimeout(PATIENCE)
            udp[own].connect(("127.0.0.1", port))
        if not is_devices and text.startswith(b"200 "):
            scheme, cnonce = scheme_of(text, then)
            text = f"200 {cnonce} {respond(scheme, 'secret', now, cnonce)}\n".encode()
        if not is_devices:
            udp[own].send(text)
        elif text.startswith(b"AUTH "):
            then, now = text[5:].decode(), udp[own].recv(4096)[5:].decode()
            expect((len(now), now == then), (len(then), False))
        else:
            expect(udp[own].recv(4096), text)


def device(port, said):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.settimeout(PATIENCE)
    udp.bind(("127.0.0.1", port))
    print("waiting", flush=True)
    call = who = to = nonce = None
    for transport, is_devices, _, text in said:
        if transport == "tcp":
            if not call:
                call = socket.create_connection(("127.0.0.1", to), PATIENCE)
            call.sendall(text) if is_devices else expect(read(call, len(text)), text)
        elif is_devices:
            nonce = text[5:].decode() if text.startswith(b"AUTH ") else nonce
            udp.sendto(text, who)
        else:
            got, who = udp.recvfrom(4096)
            if text.startswith(b"200 "):
                expect(scheme_of(got, nonce)[0], scheme_of(text, nonce)[0])
            else:
                to = int(got.split()[1])
                expect(got, text.replace(str(HOST).encode(), str(to).encode()))


if __name__ == "__main__":
    {"host": host, "device": device}[sys.argv[1]](int(sys.argv[2]), messages(sys.argv[3]))
