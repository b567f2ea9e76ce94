# SPDX-License-Identifier: Apache-2.0
"""Prints each string of C files that a person would read and gettext does not get: words in a row
outside of _(), N_() and dngettext(), or a single word that is handed to what prints. Not flagged:
commands, which are the same in every language, and words for programs (keys, paths, protocols)."""
import re
import sys

MARKS = {"_", "N_", "dngettext"}
# what shows its strings to a person: here a single word is one too
PRINTS = {"buf_str", "buf_print", "page_print", "page_text", "page_line", "page_sentence", "span_str",
          "SPAN_LIT", "table_column", "cli_fail", "why_set", "why_errno", "TELL", "SAY", "fprintf"}
# what only compares, opens or looks up
QUIET = {"span_is", "span_starts", "span_ends", "strcmp", "getenv", "setenv", "fopen", "list_has",
         "product_has_role", "json_key", "json_str", "json_span", "record_text", "span_find"}
# a command, what is written into files or read there, names of programs, systems and protocols; units
SAME = re.compile(r"(sudo )?(periplus|systemctl|netsh|semanage|dmesg|sysctl|bind|uwsgi)\b|PP\d|"
                  r"https?:|<|#token=|Authentication Failed|ERROR\[7\]|# Written by|trying to access|expected `h2`|main keeps so|details hold texts|a pair is|a power of|ephemeral=|excludedportrange|dynamicport|transport=|"
                  r"(GRE|VLAN|packet|stop|dtls|quic|text|owners|right|other|Linux|System|SYSTEM|Windows|true|false|null|localhost|uploaded|failed)$")


def tokens(text):
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|^\s*#\s*include[^\n]*|"(?:\\.|[^"\\])*"|'
                         r"'(?:\\.|[^'\\])+'|[A-Za-z_]\w*|\s+|.", re.S | re.M)
    for match in pattern.finditer(text):
        word = match[0]
        if not word.isspace() and not word.startswith(("/*", "//")) and "include" not in word[:12]:
            yield match.start(), word


def literals(text):
    """Each string, adjacent ones put together, with where it begins and whose argument it is."""
    calls, before, pending = [], "", None
    for at, word in tokens(text):
        if word[0] == '"':
            if pending:
                pending = (pending[0], pending[1] + word[1:-1], pending[2])
            else:
                pending = (at, word[1:-1], calls[-1] if calls else "")
            before = word
            continue
        if pending and not re.match(r"PRI[a-zA-Z]\d+$", word):
            yield pending
            pending = None
        if word == "(":
            calls.append(before)
        elif word == ")" and calls:
            calls.pop()
        before = word


def is_read(text, call):
    if "\\t" in text:
        return False  # columns for programs
    text = re.sub(r"%[-+ #0]*[\d.*]*(?:hh|h|ll|l|z|j|t)?[a-zA-Z%]|\\x[0-9a-f]{2}|\\[0-7]{3}|\\.", " ", text)
    if SAME.match(text.strip()) or call in MARKS or call in QUIET:
        return False
    if re.search(r"[A-Za-z]{2,}'?,? [a-z]{2,}", text):
        return True
    return call in PRINTS and re.search(r"(?<![-/.\w])[A-Za-z]{4,}(?![-/_\w])", text) is not None


for path in sys.argv[1:]:
    source = open(path, encoding="utf-8").read()
    for at, text, call in literals(source):
        if is_read(text, call):
            print(f"{path}:{source.count(chr(10), 0, at) + 1}: {call}(\"{text}\")")
