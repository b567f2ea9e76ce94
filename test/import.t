#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The published registry against what the repository keeps: every row and every field. Python reads
# the published files by itself, so that no reader of ours is believed. Needs PERIPLUS_IANA_DIR,
# the directory with service-names-port-numbers.csv and .xml of the dates that the facts name.
. "$(dirname "$0")/lib.sh"

regimport=$BUILD/regimport
[ -x "$regimport" ] || skip_all "no expat or libcsv: the importer is not in this build"
facts=$top/data/iana/registry.tsv
dir=${PERIPLUS_IANA_DIR:-}
[ -n "$dir" ] || skip_all "PERIPLUS_IANA_DIR is not set: the published files are not at hand"
csv=$dir/service-names-port-numbers.csv
xml=$dir/service-names-port-numbers.xml
{ [ -r "$csv" ] && [ -r "$xml" ]; } || skip_all "PERIPLUS_IANA_DIR holds no published files"

run "$regimport" "$csv" "$xml"
is "$status" 0 "the published files are read"
cmp -s "$tmp/out" "$facts"
ok $? "and give data/iana/registry.tsv byte for byte"
run "$regimport" "$facts"
is "$status" 65 "what is not published is refused"
"$regimport" "$xml" >"$tmp/xml.tsv"

python3 - "$csv" "$xml" "$facts" "$tmp/xml.tsv" >"$tmp/checks" <<'PYTHON'
import collections, csv, re, sys
import xml.etree.ElementTree as tree

def check(name, good, *notes):
    print("\t".join(["0" if good else "1", name]))
    for note in notes if not good else []:
        print("\t".join(["#", repr(note)[:300]]))

NS = "{http://www.iana.org/assignments}"
published = list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8")))[1:]
registry = tree.parse(sys.argv[2]).getroot()

def unescape(cell):
    return re.sub(r"\\(.)", lambda m: {"t": "\t", "n": "\n", "\\": "\\"}[m[1]], cell)

def read(path):
    lines = open(path, encoding="utf-8", newline="").read().split("\n")
    assert lines.pop() == ""
    lines = [line for line in lines if not line.startswith("#")]
    return [[unescape(cell) for cell in line.split("\t")] for line in lines[1:]]

kept = read(sys.argv[3])
PORT, TRANSPORT, SERVICE, DESCRIPTION, ORGANISATION, DOMAIN = range(6)
REGISTERED, MODIFIED, REFERENCES, CODE, UNAUTHORIZED, NOTES = range(6, 12)
COLUMN = {PORT: 1, TRANSPORT: 2, SERVICE: 0, DESCRIPTION: 3, REGISTERED: 6, MODIFIED: 7,
          REFERENCES: 8, CODE: 9, UNAUTHORIZED: 10, NOTES: 11}

# The people of the XML.
people = {}
for person in registry.find(NS + "people"):
    domain = ""
    for uri in person.findall(NS + "uri"):
        match = re.fullmatch(r"mailto:[^&@]*[&@]\.?((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})[.>]?", uri.text or "")
        if match and not domain:
            domain = match[1].lower()
    people.setdefault(person.get("id"), (person.findtext(NS + "name") or "",
                                         (person.findtext(NS + "org") or "").strip(), domain))
keys = lambda element: [x.get("data") for x in element.findall(NS + "xref") if x.get("type") == "person"]
first = lambda found: next((f for f in found if f), "")

# Rows of the XML by identity.
in_xml = collections.defaultdict(list)
n_records = 0
for record in registry.findall(NS + "record"):
    n_records += 1
    text = lambda tag: "".join(record.find(NS + tag).itertext()).strip() if record.find(NS + tag) is not None else ""
    contacts = keys(record)
    assignees = [k for a in record.findall(NS + "assignee") for k in keys(a)] or contacts
    in_xml[text("number"), text("protocol"), text("name")].append((
        " ".join(text("description").split()),
        first(people.get(k, ("", "", ""))[1] for k in assignees),
        first(people.get(k, ("", "", ""))[2] for k in contacts)))

# Persons, as the published texts hold them.
def is_personal(text):
    return any(k in people and people[k][0] for k in re.findall(r"\[([^\]]*)\]", text)) or \
        re.search(r"[\w.+-]+[&@][\w-]+\.[\w.]+", text) or re.search(r"<\w+ at [\w.]+>", text)

want = collections.Counter()
n_personal = 0
for p in published:
    fields = [p[COLUMN[i]] if i in COLUMN else "" for i in range(12)]
    n_personal += any(is_personal(f) for f in fields)
    want[tuple("*" if is_personal(f) else f for f in fields)] += 1
wild = [w for w in want if "*" in w]
got = collections.Counter()
for k in kept:
    bare = tuple(f if i in COLUMN else "" for i, f in enumerate(k))
    for w in wild:
        if all(a == "*" or a == b for a, b in zip(w, bare)) and bare not in want:
            bare = w
            break
    got[bare] += 1
check("the CSV has 14,499 rows, the XML 14,496", len(published) == 14499 and n_records == 14496)
check("no row of the CSV is missing", not want - got, *list(want - got)[:5])
check("none is invented", not got - want, *list(got - want)[:5])
check("12 rows hold persons in their texts, and nothing else differs", n_personal == 12, n_personal)

# Organisation and domain.
wrong, n_both, n_new = [], 0, []
for k in kept:
    same = in_xml.get((k[PORT], k[TRANSPORT], k[SERVICE]), [])
    if len(same) > 1:
        same = [s for s in same if s[0] == " ".join(k[DESCRIPTION].split())]
    if not same:
        n_new.append(k[:3])
        if k[ORGANISATION] or k[DOMAIN]:
            wrong.append(k)
        continue
    n_both += 1
    if (k[ORGANISATION], k[DOMAIN]) != same[0][1:]:
        wrong.append((k[:6], same[0]))
check("organisation and domain are those of the XML for rows in both", not wrong, *wrong[:5])
check("14,495 rows are in both", n_both == 14495, n_both)
check("the rows of the CSV alone are those of 11434 and what it cut off its range", sorted(map(tuple, n_new)) == [
    ("11431-11433", "", ""), ("11434", "tcp", "ollama"), ("11434", "udp", ""), ("11435-11488", "", "")], n_new)
gone = set(in_xml) - {tuple(k[:3]) for k in kept}
check("the row of the XML alone is the old range", gone == {("11431-11488", "", "")}, gone)

# The other difference between the files.
old = {tuple(k[:4]): k for k in read(sys.argv[4])}
altered = {}
for k in kept:
    o = old.get(tuple(k[:4]))
    if o and o != k:
        altered[k[PORT], k[SERVICE]] = [i for i in range(12) if o[i] != k[i]]
check("otherwise the files differ in six rows, in dates and references", altered == {
    ("546", "dhcpv6-client"): [REFERENCES], ("547", "dhcpv6-server"): [REFERENCES],
    ("5318", "pkix-cmc"): [MODIFIED, REFERENCES], ("8809", "3gpp-monp"): [MODIFIED, REFERENCES],
    ("29169", "iuhsctpassoc"): [MODIFIED], ("36411", "wlcp"): [MODIFIED]}, altered)

# Nobody's name, nobody's mailbox.
names = {n for n, org, domain in people.values() if " " in n.strip()}
by_column = collections.defaultdict(set)
texts = [(i, k[i]) for k in kept for i in (DESCRIPTION, REFERENCES, UNAUTHORIZED, NOTES)]
pattern = re.compile("|".join(re.escape(n) for n in sorted(names, key=len, reverse=True)))
for i, text in texts:
    for name in pattern.findall(text):
        by_column[i].add(name)
check("names of contacts stand only where a service is called so", dict(by_column) == {
    DESCRIPTION: {"Federico Heinz", "Moshe Beeri", "World Fusion", "Smith Micro", "TiePie engineering"}}, by_column)
orgs = {org for name, org, domain in people.values()}
check("every organisation is an <org>", {k[ORGANISATION] for k in kept} <= orgs | {""})
mailboxes = [t for i, t in texts if re.search(r"[\w.+-]+[&@][\w-]+\.\w", t)]
check("there is no mailbox", not mailboxes, *mailboxes)
PYTHON
ok $? "the published files are compared"
while IFS=$'\t' read -r result name; do
	if [ "$result" = "#" ]; then
		echo "# $name"
	else
		ok "$result" "$name"
	fi
done <"$tmp/checks"
done_testing
