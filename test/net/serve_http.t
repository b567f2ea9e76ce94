#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Heads and bodies that nobody should send, byte by byte: each is answered by a documented status or by the end
# of the connection, and nothing in a body is ever taken for a request.
. "$(dirname "$0")/../lib.sh"
[ -x "$BUILD/periplus-serve" ] || skip_all "no libmicrohttpd: periplus-serve is not in this build"
in_namespace "$@"
own_state
"$PERIPLUS" serve --quiet --public --listen 127.0.0.1:8010 >"$tmp/serve.out" 2>"$tmp/serve.err" &
server=$!
spawned+=("$server")
wait_for 60 grep -q . "$tmp/serve.out"
ok $? "the server starts"
cat >"$tmp/rows.py" <<'P'
import re, socket
PLACE = ("127.0.0.1", 8010)
HOST = b"Host: 127.0.0.1:8010\r\n"
NEXT = b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"

def get(target, rest=HOST, version=b"HTTP/1.1"):
    return b"GET " + target + b" " + version + b"\r\n" + rest + b"\r\n"

def post(rest, body=b"abcd"):
    return b"POST /feedback HTTP/1.1\r\n" + HOST + rest + b"\r\n" + body

def headers(n, text=b"X: a\r\n"):
    return HOST + text * n

CHUNKED = b"Transfer-Encoding: chunked\r\n"
ENDS = "ends"  # the connection ends behind the answer
# what is sent, the statuses that may come ("": the connection ends without an answer), ENDS
rows = [
    ("a request", get(b"/22"), "200"),
    ("HTTP/1.0", get(b"/22", version=b"HTTP/1.0"), "200", ENDS),
    ("HTTP/1.0 without Host", get(b"/22", b"", b"HTTP/1.0"), "421", ENDS),
    ("HTTP/1.2", get(b"/22", version=b"HTTP/1.2"), "200"),
    ("HTTP/0.9", b"GET /22\r\n\r\n", "400", ENDS),
    ("HTTP/2.0", get(b"/22", version=b"HTTP/2.0"), "505", ENDS),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505", ENDS),
    ("a version with too many digits", get(b"/22", version=b"HTTP/1.10"), "400", ENDS),
    ("a version in small letters", get(b"/22", version=b"http/1.1"), "400", ENDS),
    ("another protocol", get(b"/22", version=b"FTP/1.1"), "400", ENDS),
    ("a greeting of TLS", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n", "", ENDS),
    ("a line without blanks", b"nonsense\r\n\r\n", "", ENDS),
    ("a line that begins with a blank", b" " + get(b"/22"), "", ENDS),
    ("tabs for blanks", get(b"/22").replace(b" ", b"\t"), "", ENDS),
    ("empty lines in front", b"\r\n\r\n" + get(b"/22"), "200"),
    ("two blanks", get(b" /22"), "200"),
    ("a blank in the address", get(b"/2 2"), "400"),
    ("a CR in the address", get(b"/2\r2"), "400"),
    ("no address", b"GET HTTP/1.1\r\n" + HOST + b"\r\n", "400", ENDS),
    ("a method in small letters", b"get /22 HTTP/1.1\r\n" + HOST + b"\r\n", "405"),
    ("an unknown method", b"FROB /22 HTTP/1.1\r\n" + HOST + b"\r\n", "405"),
    ("a method that is none", b"G(T /22 HTTP/1.1\r\n" + HOST + b"\r\n", "405"),
    ("a long method", b"G" * 300 + b" /22 HTTP/1.1\r\n" + HOST + b"\r\n", "405"),
    ("TRACE", b"TRACE /22 HTTP/1.1\r\n" + HOST + b"\r\n", "405"),
    ("CONNECT", b"CONNECT 127.0.0.1:22 HTTP/1.1\r\n" + HOST + b"\r\n", "405"),
    ("OPTIONS *", b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", "405"),
    ("GET *", get(b"*"), "400"),
    ("an absolute address", get(b"http://127.0.0.1:8010/22"), "200"),
    ("that of another host", get(b"http://evil.example/22"), "421"),
    ("an absolute address, Host another", get(b"http://127.0.0.1:8010/22", b"Host: evil.example\r\n"), "421"),
    ("no Host", get(b"/22", b""), "400", ENDS),
    ("an empty Host", get(b"/22", b"Host:\r\n"), "421"),
    ("Host twice", get(b"/22", HOST + HOST), "400", ENDS),
    ("two Hosts", get(b"/22", HOST + b"Host: evil.example\r\n"), "400", ENDS),
    ("two Hosts, ours second", get(b"/22", b"Host: evil.example\r\n" + HOST), "400", ENDS),
    ("a blank before the colon of Host", get(b"/22", HOST.replace(b":", b" :", 1)), "400", ENDS),
    ("a blank before the colon", get(b"/22", HOST + b"Content-Length : 5\r\n"), "400", ENDS),
    ("a tab before the colon", get(b"/22", HOST + b"Transfer-Encoding\t: chunked\r\n"), "400", ENDS),
    ("a header without a name", get(b"/22", HOST + b": a\r\n"), "200 400"),
    ("a header without a colon", get(b"/22", HOST + b"nonsense\r\n"), "400", ENDS),
    ("a header in brackets", get(b"/22", HOST + b"[X]: a\r\n"), "400", ENDS),
    ("a name of 8 bits", get(b"/22", HOST + b"\xffX: a\r\n"), "400", ENDS),
    ("a Host in the next line", get(b"/22", HOST.replace(b" ", b"\r\n ")), "400", ENDS),
    ("a value that goes on", get(b"/22", HOST + b"X: a\r\n b\r\n"), "200 400"),
    ("LF alone", get(b"/22").replace(b"\r", b""), "200"),
    ("CR alone in a value", get(b"/22", HOST + b"X: a\rb\r\n"), "200 400"),
    ("a NUL in a name", get(b"/22", HOST + b"X\0: a\r\n"), "400", ENDS),
    ("a NUL in a value", get(b"/22", HOST + b"X: a\0b\r\n"), "200 400"),
    ("a NUL in the address", get(b"/22\0"), "200 400"),
    ("a NUL in the method", b"GE\0T /22 HTTP/1.1\r\n" + HOST + b"\r\n", "400 405"),
    ("%00", get(b"/22%00"), "400"),
    ("%00 in a name", get(b"/service/a%00"), "400"),
    ("%zz", get(b"/%zz"), "400"),
    ("8 bits", get(b"/service/\xff"), "404"),
    ("a fragment", get(b"/22#x"), "404"),
    ("2 KB of address", get(b"/" + b"a" * 2047), "404"),
    ("more than 2 KB", get(b"/" + b"a" * 2049), "414"),
    ("10 KB of address", get(b"/" + b"a" * 10000), "414"),
    ("40 KB of address", get(b"/" + b"a" * 40000), "414", ENDS),
    ("10 KB of headers", get(b"/22", HOST + b"X: " + b"a" * 10000 + b"\r\n"), "200"),
    ("more than 12 KB of headers", get(b"/22", HOST + b"X: " + b"a" * 12300 + b"\r\n"), "431"),
    ("a megabyte of headers", get(b"/22", HOST + b"X: " + b"a" * 1000000 + b"\r\n"), "431", ENDS),
    ("100 headers", get(b"/22", headers(100)), "200"),
    ("5000 headers", get(b"/22", headers(5000)), "431", ENDS),
    ("80 cookies", get(b"/22", HOST + b"Cookie: " + b"name=value; " * 80 + b"\r\n"), "200"),
    ("4 KB in one cookie", get(b"/22", HOST + b"Cookie: a=" + b"b" * 4096 + b"\r\n"), "200"),
    ("3000 cookies", get(b"/22", HOST + b"Cookie: " + b"a=b;" * 3000 + b"\r\n"), " 431", ENDS),
    ("1900 parameters", get(b"/search?" + b"a&" * 1000), " 414 431", ENDS),
    ("a length below 0", post(b"Content-Length: -1\r\n"), "400", ENDS),
    ("a length with +", post(b"Content-Length: +4\r\n"), "400", ENDS),
    ("a length in hex", post(b"Content-Length: 0x4\r\n"), "400", ENDS),
    ("a length beyond all", post(b"Content-Length: 99999999999999999999999\r\n"), "413", ENDS),
    ("an empty length", post(b"Content-Length:\r\n"), "400", ENDS),
    ("a list of lengths", post(b"Content-Length: 4, 4\r\n"), "400", ENDS),
    ("a length twice", post(b"Content-Length: 4\r\n" * 2), "400", ENDS),
    ("two lengths", post(b"Content-Length: 4\r\nContent-Length: 5\r\n", b"abcd" + NEXT), "400", ENDS),
    ("a length and chunks", post(b"Content-Length: 4\r\n" + CHUNKED, b"0\r\n\r\n" + NEXT), "400", ENDS),
    ("chunks and a length", post(CHUNKED + b"Content-Length: 4\r\n", b"0\r\n\r\n" + NEXT), "400", ENDS),
    ("another coding", post(b"Transfer-Encoding: gzip\r\n", NEXT), "400", ENDS),
    ("two codings", post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n" + NEXT), "400", ENDS),
    ("a coding like ours", post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + NEXT), "400", ENDS),
    ("a coding behind a control", post(b"Transfer-Encoding:\x0bchunked\r\n", b"0\r\n\r\n" + NEXT), "400", ENDS),
    ("a coding twice", post(CHUNKED + b"Transfer-Encoding: identity\r\n", b"0\r\n\r\n" + NEXT), "400", ENDS),
    ("chunks", post(CHUNKED, b"4\r\nabcd\r\n0\r\n\r\n"), "403"),
    ("chunks with a trailer", post(CHUNKED, b"4\r\nabcd\r\n0\r\nX: y\r\n\r\n"), "403"),
    ("a chunk without a size", post(CHUNKED, b"zz\r\n\r\n" + NEXT), "400", ENDS),
    ("a chunk below 0", post(CHUNKED, b"-4\r\nabcd\r\n0\r\n\r\n" + NEXT), "400", ENDS),
    ("a chunk beyond all", post(CHUNKED, b"f" * 20 + b"\r\nabcd\r\n0\r\n\r\n" + NEXT), "413", ENDS),
    ("a chunk longer than it says", post(CHUNKED, b"4\r\nabcdef\r\n0\r\n\r\n" + NEXT), "400", ENDS),
    ("another expectation", post(b"Expect: teapot\r\nContent-Length: 4\r\n"), "403"),
    ("an upgrade", get(b"/22", HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n"), "200"),
    ("a range", get(b"/22", HOST + b"Range: bytes=0-1\r\n"), "200"),
    ("a body of GET", get(b"/22", HOST + b"Content-Length: %d\r\n" % len(NEXT)) + NEXT, "200"),
]

def hear(s, head_only=False):
    """One answer: its status and whether the connection ends. None: it has ended."""
    text = b""
    while b"\r\n\r\n" not in text:
        piece = s.recv(65536)
        if not piece:
            return None
        text += piece
    head, rest = text.split(b"\r\n\r\n", 1)
    length = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)[1])
    while len(rest) < length:
        piece = s.recv(65536)
        if not piece:
            raise ConnectionError("a body was cut")
        rest += piece
    return head.split(b" ")[1].decode()

def ends(s):
    """All that still comes is the end; the library says some of its own answers twice."""
    more = b""
    while True:
        try:
            piece = s.recv(65536)
        except ConnectionResetError:
            piece = b""
        if not piece:
            return b"/smuggled" not in more and b"HTTP/1.1 404" not in more
        more += piece

for name, sent, statuses, *end in rows:
    s = socket.create_connection(PLACE, timeout=120)
    try:
        s.sendall(sent)
    except (ConnectionResetError, BrokenPipeError):
        pass
    try:
        got = hear(s) or ""
    except ConnectionResetError:
        got = ""
    fault = "" if got in statuses.split(" ") else f"answered by '{got}'"
    if not fault and end and not ends(s):
        fault = "goes on behind the answer"
    if not fault and not end and got == "200":
        s.sendall(get(b"/23"))
        fault = "" if hear(s) == "200" else "is not the end of a request"
    print("wrong:" if fault else "right:", name, fault)
    s.close()
P
timeout 500 python3 "$tmp/rows.py" >"$tmp/rows" 2>"$tmp/rows.err"
is "$?:$(cat "$tmp/rows.err")" "0:" "all rows are sent"
while read -r verdict name; do
	is "$verdict" "right:" "$name"
done <"$tmp/rows"
kill -TERM "$server"
wait "$server"
is $? 0 "it ends as ever"
is "$(cat "$tmp/serve.err")" "" "and has had nothing to say"
done_testing
