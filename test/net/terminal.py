#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A terminal to look at: terminal.py WIDTH RAW SCREEN [--out FILE] [--type PATTERN TEXT]... COMMAND...

Runs the command in a terminal of so many columns; standard output goes to FILE instead when that is
given. Each TEXT is typed when its PATTERN (a regular expression) has come to stand on the terminal,
one after the other; \\x03 is what Ctrl-C types. RAW gets every byte that the terminal was sent,
SCREEN what stands on it at the end, line by line. Prints the widest column that was used for a line
that was written over. Ends with the command's status, 98 when it does not end.
"""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

LIMIT = 300


def play(raw, width):
    """What a terminal of that width makes of the bytes: its lines, and the widest one of those that
    were erased again."""
    lines, column, widest = [""], 0, 0
    for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[^\x1b]", raw):
        line = lines[-1]
        if token == "\r":
            column = 0
        elif token == "\n":
            lines.append("")
            column = 0
        elif token == "\x1b[K":
            widest = max(widest, len(line))
            lines[-1] = line[:column]
        elif token[0] != "\x1b":
            if column == width:  # it wraps
                lines.append("")
                line, column = "", 0
            lines[-1] = (line[:column] + " " * (column - len(line)) + token + line[column + 1:])
            column += 1
    return lines, widest


def main():
    words = sys.argv[1:]
    width, raw_path, screen_path = int(words[0]), words[1], words[2]
    words = words[3:]
    out, typed = None, []
    while words[0].startswith("--"):
        if words[0] == "--out":
            out, words = words[1], words[2:]
        else:
            typed.append((re.compile(words[1].encode()), words[2].encode().decode("unicode_escape").encode()))
            words = words[3:]
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        if out:
            os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), 1)
        os.execvp(words[0], words)
    raw, seen, end = b"", 0, time.monotonic() + LIMIT
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break  # nobody holds it any more
        if not piece:
            break
        raw += piece
        if typed and typed[0][0].search(raw, seen):
            seen = len(raw)
            os.write(terminal, typed.pop(0)[1])
    open(raw_path, "wb").write(raw)
    lines, widest = play(raw.decode("utf-8", "replace"), width)
    open(screen_path, "w").write("\n".join(line.rstrip() for line in lines))
    print(widest)
    if time.monotonic() >= end:
        os.kill(child, 9)
        sys.exit(98)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256)


main()
