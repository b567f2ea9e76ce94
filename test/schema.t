#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""schema: every golden JSON file is valid by the schema that its report publishes, and so is what
the program prints now; a schema that accepts anything would be no use, so damage must be seen."""
import copy
import json
import os
import re
import socket
import subprocess
import sys
import threading

try:
    import jsonschema
except ImportError:
    print("1..0 # SKIP python3-jsonschema is not installed")
    sys.exit(0)
from schemas import first_error, root, schemas

count = 0
failed = 0


def ok(is_true, name, detail=""):
    global count, failed
    count += 1
    failed += not is_true
    print(f"{'' if is_true else 'not '}ok {count} - {name}")
    if not is_true and detail:
        print("# " + str(detail).replace("\n", "\n# ")[:2000])


def is_valid(name, document, what):
    error = first_error(name, document)
    ok(error is None, f"{what} is a {name}", error)


for name, schema in schemas.items():
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
        ok(schema["$id"] == name, f"{name} is a schema")
    except jsonschema.SchemaError as error:
        ok(False, f"{name} is a schema", error)

# The name of a golden file tells its report: NAME-json.txt, NAME-ndjson.txt.
REPORTS = (
    ("host", "host", "listener"),
    ("port", "port", "port"),
    ("look-list", "port", "port"),
    ("look-3", "port", "port"),
    ("look-4", "port", "port"),
    ("look", "look", "registration"),
    ("stats", "stats", "stats"),
    ("event", None, "event"),
    ("facts-stats", "fact_counts", "fact_counts"),
    ("facts", "facts", "fact"),
)
goldens = sorted((root / "test/data/out").glob("*json.txt"))
ok(len(goldens) > 10, "there are golden files")
for path in goldens:
    one, line = next((r[1], r[2]) for r in REPORTS if path.name.startswith(r[0]))
    text = path.read_text(encoding="utf-8")
    if path.name.endswith("-ndjson.txt"):
        errors = [first_error(line, json.loads(t)) for t in text.splitlines()]
        ok(not any(errors), f"{path.name}: each line is a {line}", [e for e in errors if e][:1])
        ok("\n\n" not in text, f"{path.name}: no empty line")
    else:
        document = json.loads(text)
        for item in document if isinstance(document, list) else [document]:
            is_valid(one, item, path.name)

# Damage: a member taken away, a stranger added, a value of another kind.
path = root / "test/data/out/host-json.txt"
good = json.loads(path.read_text(encoding="utf-8"))
for what, damage in (
    ("a missing member", lambda d: d.pop("hidden_owners")),
    ("an unknown member", lambda d: d.update(surprise=1)),
    ("a port as text", lambda d: d["listeners"][0]["server"].update(port="22")),
    ("an unknown verdict", lambda d: d["listeners"][0]["periplus"].update(verdict="bad")),
    ("an unknown member deep inside", lambda d: d["listeners"][0]["periplus"].update(x=1)),
):
    broken = copy.deepcopy(good)
    damage(broken)
    ok(first_error("host", broken) is not None, f"{what} is refused")

program = os.environ.get("PERIPLUS")
if not program:
    ok(True, "live output # SKIP PERIPLUS is not set")
else:
    for name, words in (
        ("host", ["--json"]),
        ("port", ["3232", "--json"]),
        ("port", ["look", "3476", "--json"]),
        ("look", ["look", "ssh", "--json"]),
        ("stats", ["stats", "--json"]),
        ("facts", ["facts", "port:3000", "--json"]),
        ("fact_counts", ["facts", "--stats", "--json"]),
        ("pick", ["pick", "--near", "3000", "--json"]),
        ("why", ["why", "9", "--json"]),
        ("scan_plan", ["scan", "127.0.0.1", "-p", "1-9", "--dry-run", "--json"]),
        ("scan_plan", ["scan", "127.0.0.0/24", "--dry-run", "--ndjson"]),
        ("reserve", ["reserve", "--json"]),
        ("reserve", ["reserve", "--dry-run", "2-65534", "--ndjson"]),
    ):
        run = subprocess.run([program, *words], capture_output=True, timeout=60)
        shown = " ".join(["periplus", *words])
        try:
            is_valid(name, json.loads(run.stdout), shown)
        except ValueError as error:
            ok(False, f"{shown} is a {name}", f"{error}: {run.stderr[:500]!r}")
    for name, words in (
        ("listener", ["--ndjson"]),
        ("registration", ["look", "ssh", "--ndjson"]),
        ("fact", ["facts", "--ndjson"]),
    ):
        run = subprocess.run([program, *words], capture_output=True, timeout=60)
        errors = [first_error(name, json.loads(t)) for t in run.stdout.splitlines()]
        ok(not any(errors), f"periplus {' '.join(words)}: each line is a {name}",
           [e for e in errors if e][:1])
    # a listener of our own, with a number that the kernel chooses
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def greet():
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")

        port = str(listener.getsockname()[1])
        for name, words in (
            ("why", ["why", port, "--json"]),
            ("why", ["why", port, "--ndjson"]),
            ("snapshot", ["snapshot", port]),
            ("stop", ["stop", port, "--dry-run", "--json"]),
            ("stop", ["stop", port, "--dry-run", "--ndjson"]),
        ):
            run = subprocess.run([program, *words], capture_output=True, timeout=60)
            shown = " ".join(["periplus", *words]).replace(port, "PORT")
            try:
                document = json.loads(run.stdout)
                is_valid(name, document, shown)
                ok(document["server"]["port"] == int(port), f"{shown} is of that port", document)
            except ValueError as error:
                ok(False, f"{shown} is a {name}", f"{error}: {run.stderr[:500]!r}")
        # each of them refuses what it does not know
        for name in ("why", "pick", "stop", "reserve", "snapshot"):
            ok(first_error(name, {"schema": f"{name}/1"}) is not None, f"an empty {name} is refused")

        for words, parse in ((["--json"], json.loads), (["--ndjson"], lambda t: [json.loads(t)])):
            thread = threading.Thread(target=greet, daemon=True)
            thread.start()
            target = f"127.0.0.1:{listener.getsockname()[1]}"
            run = subprocess.run([program, "identify", target, *words], capture_output=True, timeout=60)
            thread.join(60)
            document = parse(run.stdout)
            ok(isinstance(document, list) and len(document) == 1, f"periplus identify {words[0]}: one object")
            is_valid("identify", document[0], f"periplus identify {words[0]}")
            ok(document[0]["service"]["name"] == "ssh" and document[0]["periplus"]["sent"] == [],
               "what greets is named without a question", document[0])

named = schemas["why.schema.json"]["properties"]["periplus"]["properties"]["causes"]["items"]["properties"]["cause"]["enum"]
causes = re.findall(r'^\tC\([A-Z_]*, "([a-z-]*)"\)', (root / "src/host/host.h").read_text(), re.M)
ok(named == causes and len(causes) > 10, "the schema of why names every cause", [named, causes])

print(f"1..{count}")
sys.exit(failed > 0)
