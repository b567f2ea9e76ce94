#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# periplus site: files that any web server can send: whole, compressed beside, without dead links.
. "$(dirname "$0")/lib.sh"
[ -x "$BUILD/periplus-site" ] || skip_all "no zlib: periplus-site is not in this build"

run "$PERIPLUS" site --languages en,cs --ports 3000-3100 --url https://ports.example "$tmp/site"
is "$status" 0 "it writes"
like "$out" '^[0-9]+ files, [0-9]+ MB, [0-9]+ s$' "and says how much"
like "$(cat "$tmp/site/3000.html")" '<h1>3000 ' "a port"
like "$(cat "$tmp/site/cs/3000.html")" '<html lang=cs ' "in another language"
like "$(cat "$tmp/site/3000.html")" "http-equiv=Content-Security-Policy content=\"default-src 'none'" "with its policy in itself"
unlike "$(cat "$tmp/site/3000.html")" 'role=search|/host"' "no search, no machine"
cmp -s "$tmp/site/3000.json" <("$PERIPLUS" look --json 3000)
ok $? "its JSON"
python3 - "$tmp/site" >"$tmp/wrong" <<'P'
import gzip, os, re, sys
import xml.etree.ElementTree as xml
top = sys.argv[1]
def has(path):
    return any(os.path.isfile(top + path + end) for end in ("", ".html", "index.html", "/index.html"))
n = 0
for where, _, names in os.walk(top):
    for name in names:
        path = os.path.join(where, name)
        if name.endswith(".gz"):
            if gzip.open(path).read() != open(path[:-3], "rb").read():
                print(path, "is not its twin")
            continue
        if name != "sitemap.xml" and not os.path.exists(path + ".gz"):
            print(path, "has no twin")
        if not name.endswith(".html"):
            continue
        n += 1
        for link in set(re.findall(r'href="(/[^"]*)"', open(path, encoding="utf-8").read())):
            link = re.sub(r"^/cs/?(?=/|$)", "/cs", link)
            port = re.fullmatch(r"(?:/cs)?/(\d+)", link)
            span = re.fullmatch(r"(?:/cs)?/range/(\d+)-(\d+)", link)
            if (port and not 3000 <= int(port[1]) <= 3100) or (span and not int(span[1]) <= 3100 <= int(span[2])):
                continue
            if "/service/" in link and not has(link):
                # a name of a neighbour that was not asked for
                continue
            if not has(link):
                print(path, "leads to", link)
urls = 0
for part in xml.parse(top + "/sitemap.xml").iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc"):
    urls += len(list(xml.parse(top + part.text[len("https://ports.example"):]).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")))
print("pages", n > 300, "urls", urls)
P
is "$(cat "$tmp/wrong")" "pages True urls 202" "every link of ours leads somewhere, every file has its twin, the sitemaps name all"
run "$PERIPLUS" site --ports 172-172 "$tmp/slash"
is "$status$err" 0 "a name with a slash"
like "$(cat "$tmp/slash/172.html")" 'href="/service/cl%2F1"' "is one piece of an address"
like "$(cat "$tmp/slash/service/cl/1.html")" '<h1><bdi>cl/1' "and stands where a web server looks for that"
run "$PERIPLUS" site --ports 1-2 "$tmp/site"
is "$status" 73 "what is there is not touched"
like "$err" "is not empty: name a new directory" "and it says so"
run "$PERIPLUS" site --languages fr "$tmp/other"
is "$status" 64 "a language that is not there"
run "$PERIPLUS" site --url ports.example "$tmp/other"
is "$status" 64 "no address"
[ ! -e "$tmp/other" ]
ok $? "nothing is made"
done_testing
