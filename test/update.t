#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# periplus-update: what it accepts, shows and swaps in, and that whatever fails changes nothing.
# The published files are made here from the facts that the program was built with.
. "$(dirname "$0")/lib.sh"

[ -x "$BUILD/periplus-update" ] || skip_all "no expat or libcsv: periplus-update is not in this build"
chmod 755 "$tmp"
cp "$BUILD/periplus-update" "$tmp/periplus-update"
work=$tmp/work
mkdir "$work"
# Root's registry is the machine's: as root, the tests run as nobody.
as=()
if [ "$(id -u)" = 0 ]; then
	command -v setpriv >/dev/null || skip_all "no setpriv to give up root"
	as=(setpriv --reuid=65534 --regid=65534 --clear-groups --)
	chown 65534:65534 "$work"
fi
"${as[@]}" "$tmp/periplus-update" --help >/dev/null 2>&1 || skip_all "the program does not run from $tmp"

# update ARGUMENTS...: sets $status, $out, $err; state is in $work/state
update()
{
	(cd "$work" && exec "${as[@]}" env -u HOME XDG_STATE_HOME="$work/state" TMPDIR="$work" \
		"$tmp/periplus-update" "$@") >"$tmp/out" 2>"$tmp/err"
	status=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}

state=$work/state/periplus
seen() # what is in the state directory
{
	(cd "$state" 2>/dev/null && for file in *; do sha256sum "$file"; done)
}

# make FORMAT OUTPUT [STATEMENT]: a published file; STATEMENT may change `rows` and `date`
cat >"$tmp/make.py" <<'PYTHON'
import csv, re, sys
from xml.sax.saxutils import escape, quoteattr
kind, facts, output = sys.argv[1:4]
unescape = lambda cell: re.sub(r"\\(.)", lambda m: {"t": "\t", "n": "\n", "\\": "\\"}[m[1]], cell)
lines = [l for l in open(facts, encoding="utf-8", newline="").read().split("\n") if l and not l.startswith("#")]
names = lines[0].split("\t")
rows = [dict(zip(names, map(unescape, l.split("\t")))) for l in lines[1:]]
date = "2027-03-01"
def add(port, transport, service, description="d", **more):
    rows.append(dict(dict.fromkeys(names, ""), port=port, transport=transport, service=service,
                     description=description, **more))
def find(port, transport, service=None):
    return next(r for r in rows if r["port"] == port and r["transport"] == transport
                and service in (None, r["service"]))
add("48999", "tcp", "newest", registered="2027-03-01")
if len(sys.argv) > 4:
    exec(sys.argv[4])
if kind == "csv":
    with open(output, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n")
        out.writerow("Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,"
                     "Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes".split(","))
        for r in rows:
            out.writerow([r["service"], r["port"], r["transport"], r["description"], "", "", r["registered"],
                          r["modified"], r["references"], r["service_code"], r["unauthorized"], r["notes"]])
else:
    people = {}
    with open(output, "w", encoding="utf-8") as file:
        file.write("<?xml version='1.0' encoding='UTF-8'?>\n<registry xmlns=\"http://www.iana.org/assignments\" "
                   "id=\"service-names-port-numbers\">\n<updated>%s</updated>\n" % date)
        for r in rows:
            attributes = "".join(" %s=%s" % (a, quoteattr(r[f])) for a, f in
                                 (("date", "registered"), ("updated", "modified")) if r[f])
            file.write("<record%s>" % attributes)
            for tag, field in (("name", "service"), ("protocol", "transport"), ("description", "description"),
                               ("number", "port"), ("sc", "service_code"), ("unauthorized", "unauthorized"),
                               ("note", "notes")):
                if r[field]:
                    file.write("<%s>%s</%s>" % (tag, escape(r[field]), tag))
            key = people.setdefault((r["organisation"], r["domain"]), "p%d" % len(people))
            file.write('<xref type="person" data="%s"/>' % key)
            for text in re.findall(r"\[([^\]]*)\]", r["references"]):
                file.write('<xref type="text">%s</xref>' % escape(text))
            file.write("</record>\n")
        file.write("<people>\n")
        for (organisation, domain), key in people.items():
            file.write('<person id="%s"><name>Some Body</name>' % key)
            if organisation: file.write("<org>%s</org>" % escape(organisation))
            if domain: file.write("<uri>mailto:someone&amp;%s</uri>" % domain)
            file.write("</person>\n")
        file.write("</people>\n</registry>\n")
PYTHON
make()
{
	python3 "$tmp/make.py" "$1" "$top/data/iana/registry.tsv" "$work/$2" "${3:-}" && chmod 644 "$work/$2"
}

# Usage.
update
is "$status" 64 "no file is wrong usage"
like "$err" "^periplus: one file is needed" "and one line says so"
update --frob x
is "$status" 64 "an unknown option is wrong usage"
update a b
is "$status" 64 "two files are wrong usage"
update --help
is "$status" 0 "--help is answered"
like "$out" "^usage: periplus update" "with the usage"

# What no file may be. Nothing is made for it, not even the directory.
make csv new.csv
make xml new.xml
head -c 500000 "$work/new.csv" >"$work/cut.csv"
head -c 500000 "$work/new.xml" >"$work/cut.xml"
sed '5s/^\([^,]*\),[0-9]*,/\1,99999,/' "$work/new.csv" >"$work/port.csv"
sed '2i <!DOCTYPE registry>' "$work/new.xml" >"$work/doctype.xml"
cat >"$work/entities.xml" <<'XML'
<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;">]>
<registry>&f;</registry>
XML
echo '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>' >"$work/outside.xml"
python3 -c 'print("<registry xmlns=\"http://www.iana.org/assignments\"><note>" + "<a>" * 100000)' >"$work/deep.xml"
head -c 4096 /dev/zero >"$work/zeros.csv"
truncate -s 70000000 "$work/large.csv"
: >"$work/empty.csv"
mkfifo "$work/pipe.csv"
make csv older.csv 'rows = [r for r in rows if max(r["registered"], r["modified"]) < "2020"]'
chmod 644 "$work"/*.csv "$work"/*.xml
while IFS='|' read -r file pattern name; do
	update --yes "$file"
	is "$status" 69 "$name: 69"
	like "$err" "^periplus: $pattern" "$name: the line says it"
	is "$(wc -l <"$tmp/err")" 1 "$name: one line"
done <<'CASES'
none.csv|cannot read 'none.csv': No such file|no such file
.|'\.' is not a plain file|a directory
pipe.csv|'pipe.csv' is not a plain file|a pipe
empty.csv|empty.csv:1:1: neither|an empty file
zeros.csv|zeros.csv:1:1: neither|zeros
large.csv|'large.csv' is larger than 64 MB|too large a file
cut.csv|cut.csv:[0-9]+:[0-9]+: the last row is cut|a cut CSV
port.csv|port.csv:5:[0-9]+: port '99999' is not a port|a CSV with a bad port
cut.xml|cut.xml:[0-9]+:[0-9]+: |a cut XML
doctype.xml|doctype.xml:2:[0-9]+: a document type is not accepted|a document type
entities.xml|entities.xml:2:[0-9]+: a document type is not accepted|entities that grow
outside.xml|outside.xml:1:[0-9]+: a document type is not accepted|an entity of outside
deep.xml|deep.xml:1:[0-9]+: elements nest too deep|elements too deep
older.csv|'older.csv' is of 20[01][0-9]-[0-9-]+, older than the registry in use \(2[0-9-]+\)|an older file
CASES
ok "$([ ! -e "$work/state" ]; echo $?)" "nothing was made for any of them"

# A dry run.
update --dry-run new.csv
is "$status" 0 "a dry run ends 0"
like "$out" "^added    48999/tcp newest$" "it shows the row that is added"
like "$out" "^1 added, 0 removed, 0 renamed, 0 altered$" "and counts"
like "$out" "^answers  48999/tcp [a-z]* -> newest, " "and what answers differently"
like "$out" "^1 of [0-9]+ named numbers answer differently$" "and how many numbers do"
ok "$([ ! -e "$work/state" ] && ! compgen -G "$work/periplus-*" >/dev/null; echo $?)" "and leaves nothing behind"

# The first update: a CSV, through a link that the user names.
ln -s new.csv "$work/link.csv"
update link.csv
is "$status" 0 "a newer CSV is taken in"
like "$out" "^in use now: the registry of 2027-03-01, " "and said to be in use"
is "$(cd "$state" && echo *)" "registry.img registry.tsv" "image and text are there, and nothing else"
is "$(stat -c %a "$state")" 700 "in a directory of the user alone"
grep -v '^#' "$top/data/iana/registry.tsv" | sed 's/^4748-4748\t/4748\t/' | LC_ALL=C sort >"$tmp/want"
grep -v '^#' "$state/registry.tsv" | grep -v '^48999' | sed 's/^4748-4748\t/4748\t/' | LC_ALL=C sort >"$tmp/got"
cmp -s "$tmp/got" "$tmp/want"
ok $? "rows that were there keep every field, organisation and domain too, that a CSV does not have"
first=$(seen)
update new.csv
is "$status" 0 "the same file again is no error"
like "$out" "^nothing to do: the registry of 2027-03-01 is in use$" "there is nothing to do"
is "$(seen)" "$first" "and nothing is written"
for file in cut.csv doctype.xml deep.xml older.csv; do
	update --yes "$file"
	is "$status $(seen)" "69 $first" "$file changes nothing of it"
done

# The second: an XML with every kind of change.
make xml next.xml '
date = "2027-04-01"
rows.remove(find("13", "udp"))
find("3476", "tcp")["service"] = "other"
find("80", "tcp", "http")["notes"] = "another note"
find("22", "tcp")["organisation"] = "New Owner"
add("48999", "udp", "newest")'
update --dry-run next.xml
is "$status $(seen)" "0 $first" "a dry run leaves the registry in use alone"
update next.xml
is "$status" 0 "a newer XML is taken in"
like "$out" "^registry of 2027-03-01 -> 2027-04-01$" "from date to date"
like "$out" "^added    48999/udp newest$" "added"
like "$out" "^removed  13/udp daytime$" "removed"
like "$out" "^renamed  3476/tcp nppmp -> other$" "renamed"
like "$out" "^altered  80/tcp http: notes$" "altered, and which columns"
like "$out" "^altered  22/tcp ssh: organisation$" "an organisation of the XML counts"
is "$(cd "$state" && echo *)" "registry.img registry.img.old registry.tsv registry.tsv.old" "the ones before are kept"
is "$(sha256sum <"$state/registry.img.old")" "$(echo "$first" | sed -n 's/ *registry.img$/  -/p')" "as they were"
second=$(seen)
make csv between.csv
update between.csv
is "$status $(seen)" "69 $second" "what is older than the update is refused"

# More than 1 %.
make csv much.csv '
date = "2027-05-01"
add("48998", "tcp", "x", registered=date)
for r in [r for r in rows if r["service"]][1000:1300]: r["service"] = "n" + r["service"][:12]'
update much.csv
is "$status" 1 "more than 1 % needs --yes"
like "$err" "^periplus: more than 1 % would change: nothing was changed; if that is right, add --yes$" "and a line says so"
is "$(seen)" "$second" "nothing was changed"
make csv less.csv '
add("48998", "tcp", "x", registered="2027-05-01")
rows = [r for r in rows if r["port"] or r["service"] < "n"]'
update less.csv
is "$status $(seen)" "1 $second" "neither when rows without numbers go"
update --yes much.csv
is "$status" 0 "--yes goes on"
like "$(sed -n '/^# date/p' "$state/registry.tsv")" "^# date: 2027-05-01 " "and the newer one is in use"

# The directory and what lies in it.
make csv last.csv 'add("48998", "udp", "x", registered="2027-06-01")'
chmod 777 "$state"
update --yes last.csv
is "$status" 77 "a directory that others may write is refused"
chmod 700 "$state"
third=$(seen)
head -c 2000 "$state/registry.img" >"$tmp/cut.img"
cp "$tmp/cut.img" "$state/registry.img"
update --dry-run last.csv
like "$out" "^registry of 2[0-9-]+ -> 2027-06-01$" "a damaged image is passed over"
ln -sf "$work/target" "$state/registry.img"
echo precious >"$work/target"
update --yes last.csv
is "$status" 0 "a link in place of the image"
is "$(cat "$work/target")" precious "is not written through"
ok "$([ ! -L "$state/registry.img" ]; echo $?)" "but replaced"
unlike "$(seen)" "^${third%% *}" "by the new one"
mkdir "$work/elsewhere"
mv "$state" "$work/elsewhere/periplus"
ln -s "$work/elsewhere/periplus" "$state"
make csv linked.csv 'add("48997", "udp", "x", registered="2027-07-01")'
update --yes linked.csv
like "$status" "^(69|77)$" "a link in place of the directory is refused"
unlink "$state"
if [ "$(id -u)" = 0 ]; then
	chown 0:0 "$work/elsewhere/periplus" && mv "$work/elsewhere/periplus" "$state"
	update --yes linked.csv
	is "$status" 77 "somebody else's directory is refused"
	chmod 600 "$work/linked.csv"
	chown 0:0 "$work/linked.csv"
	update --yes linked.csv
	is "$status" 77 "a file that may not be read: 77"
else
	mv "$work/elsewhere/periplus" "$state"
	chmod 500 "$state"
	update --yes linked.csv
	is "$status" 77 "a directory that may not be written is refused"
	chmod 700 "$state"
	chmod 000 "$work/linked.csv"
	update --yes linked.csv
	is "$status" 77 "a file that may not be read: 77"
fi

# Root has a directory of its own and reads no other's.
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	make csv root.csv
	export work tmp
	XDG_STATE_HOME=$work/state PERIPLUS_STATE_DIR=$work/state/periplus unshare -m "$BASH" -c '
		mount -t tmpfs tmpfs /var/lib && "$tmp/periplus-update" "$work/root.csv" && echo /var/lib/periplus/*' \
		>"$tmp/out" 2>"$tmp/err"
	is "$?" 0 "root takes in a file"
	like "$(cat "$tmp/out")" "^in use now: .* in /var/lib/periplus$" "into /var/lib/periplus"
	like "$(cat "$tmp/out")" "^registry of 2026" "from the built-in registry, not from a user's"
	like "$(cat "$tmp/out")" "^/var/lib/periplus/registry.img /var/lib/periplus/registry.tsv$" "both files"
else
	skip 4 "needs root and a mount namespace"
fi
done_testing
