#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tls: servers of tls.t, in one process: tls.py DIR. DIR holds good.pem and old.pem, each with key
and certificate. Good ones speak through python's ssl, which is OpenSSL; those that mean harm write
records themselves. DIR/ready appears when all listen."""
import itertools
import socket
import ssl
import struct
import sys
import threading
import time

where = sys.argv[1]


def listen(port, serve):
    s = socket.create_server(("127.0.0.1", port))

    def guarded(c):
        try:
            serve(c)
        except OSError:
            pass
        finally:
            c.close()

    def loop():
        while True:
            c, _ = s.accept()
            threading.Thread(target=guarded, args=(c,), daemon=True).start()

    threading.Thread(target=loop, daemon=True).start()


def sealed(port, serve, certificate="good", client=False, alpn=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{where}/{certificate}.pem")
    if client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(f"{where}/good.pem")
    if alpn:
        context.set_alpn_protocols(alpn)

    def inside(c):
        with context.wrap_socket(c, server_side=True) as t:
            serve(t)

    listen(port, inside)


def begun_in_clear(port, greeting, script):
    """script: what is waited for, and what is said to it; None for what is said: the handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{where}/good.pem")

    def serve(c):
        c.sendall(greeting)
        for words, answer in script:
            heard = b""
            while words not in heard:
                more = c.recv(4096)
                if not more:
                    return
                heard += more
            with open(f"{where}/heard.{port}", "ab") as f:
                f.write(heard)
            if answer is not None:
                c.sendall(answer)
            if answer is None or (words, answer) == script[-1]:
                break
        else:
            return
        with context.wrap_socket(c, server_side=True) as t:
            said = t.recv(4096)
            with open(f"{where}/inside", "ab") as f:
                f.write(said)

    listen(port, serve)


def store_of_rows(c):
    """PostgreSQL with TLS: consent to its request, an error to who begins in clear."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{where}/good.pem")
    heard = c.recv(4096)
    if heard == b"\0\0\0\x08\x04\xd2\x16\x2f":
        c.sendall(b"S")
        with context.wrap_socket(c, server_side=True) as t:
            t.recv(4096)
    elif heard:
        said = b"SFATAL\0VFATAL\0C28000\0Mno user\0Fpostmaster.c\0L2351\0RProcessStartupPacket\0\0"
        c.sendall(b"E" + struct.pack(">I", len(said) + 4) + said)


def named(port):
    """A certificate for who asks by the right name, and a refusal for who does not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{where}/good.pem")
    context.sni_callback = lambda s, name, c: \
        None if name == "farm.example.net" else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    def inside(c):
        with context.wrap_socket(c, server_side=True) as t:
            web(t)

    listen(port, inside)


def web(t):
    t.recv(4096)
    t.sendall(b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 0\r\n\r\n")


def mail(t):
    t.sendall(b"220 mx.example.net ESMTP Postfix (Debian)\r\n")
    while t.recv(4096):
        t.sendall(b"221 2.0.0 Bye\r\n")


def post(t):
    t.sendall(b"* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ "
              b"AUTH=PLAIN] Dovecot (Debian) ready.\r\n")
    while t.recv(4096):
        t.sendall(b"* BYE Logging out\r\n")


def store(t):
    while True:
        said = t.recv(4096)
        if not said or said.startswith(b"GET / HTTP"):
            return
        text = b"# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nos:Linux\r\ntcp_port:6379\r\n"
        t.sendall(b"$%d\r\n%s\r\n" % (len(text), text))


def quiet(t):
    while t.recv(4096):
        pass


def endless(t):
    while True:
        t.sendall(b"x" * 16000)


def drip(t):
    while True:
        t.sendall(b"x")
        time.sleep(0.1)


# Records without a library. RFC 5246 sections 6.2.1 and 7.4: a ServerHello of TLS 1.2 with
# ECDHE-RSA-AES128-GCM-SHA256, which every client here offers.
def record(kind, body):
    return struct.pack(">BHH", kind, 0x0303, len(body)) + body


def message(kind, body, n=None):
    return struct.pack(">B", kind) + struct.pack(">I", len(body) if n is None else n)[1:] + body


HELLO = record(22, message(2, b"\x03\x03" + b"r" * 32 + b"\x00" + b"\xc0\x2f" + b"\x00"
                           + b"\x00\x05" + b"\xff\x01\x00\x01\x00"))


def huge_certificate(c):
    """A certificate of sixteen megabytes, as far as anybody takes it."""
    c.recv(4096)
    c.sendall(HELLO + record(22, message(11, b"\xff\xff\xfc" + b"\xff\xff\xf9" + b"0" * 8000, 0xffffff)))
    while True:
        c.sendall(record(22, b"0" * 16000))


def huge_chain(c):
    """Certificates enough for every limit, none of which is one."""
    c.recv(4096)
    one = b"\x00\x00\x04" + b"0\x82\x00\x00"
    c.sendall(HELLO + record(22, message(11, struct.pack(">I", 7 * 1500)[1:] + one * 1500)))
    quiet(c)


def slow_handshake(c):
    """A byte at a time."""
    c.recv(4096)
    for byte in itertools.cycle(HELLO):
        c.sendall(bytes([byte]))
        time.sleep(0.1)


def empty_records(c):
    """Handshake records that hold nothing, without end."""
    c.recv(4096)
    c.sendall(HELLO)
    while True:
        c.sendall(record(22, b"") * 500)


def warnings(c):
    """Warning alerts without end."""
    c.recv(4096)
    c.sendall(HELLO)
    while True:
        c.sendall(record(21, b"\x01\x5a") * 500)


def no_end(c):
    """The handshake stops in the middle, and the connection stays."""
    c.recv(4096)
    c.sendall(HELLO)
    quiet(c)


sealed(40443, web)
sealed(40444, web, certificate="old")
sealed(40465, mail)
sealed(993, post)
sealed(46379, store)
sealed(40445, quiet, client=True)
sealed(40446, web, alpn=["h2", "http/1.1"])
sealed(40447, quiet)
named(40460)
SMTP = b"220 mx.example.net ESMTP Postfix (Debian)\r\n"
EHLO = b"250-mx.example.net\r\n250-STARTTLS\r\n250 8BITMIME\r\n"
begun_in_clear(42025, SMTP, [(b"EHLO", EHLO), (b"STARTTLS", b"220 2.0.0 Ready\r\n")])
begun_in_clear(42026, SMTP, [(b"EHLO", b"250-mx.example.net\r\n250 8BITMIME\r\n"), (b"\n", b"")])
begun_in_clear(42027, SMTP, [(b"EHLO", EHLO), (b"STARTTLS", b"454 4.7.0 not now\r\n")])
begun_in_clear(42143, b"* OK [CAPABILITY IMAP4rev1 STARTTLS] Dovecot ready.\r\n",
               [(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 STARTTLS\r\na OK done\r\n"),
                (b"STARTTLS", b"b OK go\r\n")])
begun_in_clear(42110, b"+OK Dovecot POP3 ready <1.2@x>\r\n",
               [(b"CAPA", b"+OK\r\nUIDL\r\nSTLS\r\n.\r\n"), (b"STLS", b"+OK go\r\n")])
begun_in_clear(42021, b"220 (vsFTPd 3.0.3)\r\n",
               [(b"FEAT", b"211-Features:\r\n AUTH TLS\r\n PASV\r\n211 End\r\n"),
                (b"AUTH TLS", b"234 go\r\n")])
listen(5432, store_of_rows)
for port, serve in enumerate((endless, drip), 41001):
    sealed(port, serve)
for port, serve in enumerate((huge_certificate, huge_chain, slow_handshake, empty_records, warnings, no_end), 41003):
    listen(port, serve)
open(f"{where}/ready", "w").close()
while True:
    time.sleep(3600)
