#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Feedback from the form to a fact: who may send it, what is kept of it and what never, how often; and
# how a person lists, refuses and accepts it as a diff that `facts --check` finds sound.
. "$(dirname "$0")/../lib.sh"
[ -x "$BUILD/periplus-serve" ] || skip_all "no libmicrohttpd: periplus-serve is not in this build"
command -v curl >/dev/null || skip_all "no curl"
in_namespace "$@"
own_state
kept=/var/lib/periplus/proposals

"$PERIPLUS" serve --listen 127.0.0.1:8010 >"$tmp/serve.out" 2>"$tmp/serve.err" &
server=$!
spawned+=("$server")
wait_for 60 grep -q . "$tmp/serve.out"
ok $? "the server starts"
url=http://127.0.0.1:8010

# post ARGUMENTS...: the status alone
post()
{
	curl -s -m 60 -o "$tmp/body" -w '%{http_code}' "$@" "$url/feedback"
}

own=(-H "Origin: $url")
like "$(curl -s -m 60 "$url/3476")" '<form method=post .*name=port value=3476.*name=product' "the page of a port asks"
is "$(post "${own[@]}" -d port=3476 -d answer=right)" 200 "the page was right"
is "$(post "${own[@]}" -d port=3476 -d answer=other -d transport=tcp --data-urlencode 'product=Acme Display' \
	--data-urlencode 'known=its banner' --data-urlencode 'link=https://acme.example/ports')" 200 "something else listens"
like "$(cat "$tmp/body")" '<h1>Thank you</h1>' "with thanks"
is "$(post "${own[@]}" -d port=3476 -d answer=right)" 200 "the same again"
two()
{
	[ "$(find "$kept" -type f | wc -l)" = 2 ]
}
wait_for 60 two
ok $? "two are kept"
today=$(date -u +%Y-%m-%d)
sed 's/^20[0-9-]*/DAY/' "$kept"/* | sort >"$tmp/lines"
is "$(cat "$tmp/lines")" "$(printf 'DAY\t3476\tany\tright\t-\t-\t-\nDAY\t3476\ttcp\tother\tAcme Display\tits banner\thttps://acme.example/ports')" \
	"the day and the words, and nothing else"
is "$(stat -c '%a %U' "$kept")" "755 root" "their directory is root's to write"
is "$(stat -c %a "$kept"/* | sort -u)" 600 "and they are root's to read"

# Who may not: foreign pages, forms of another kind, what is not what the form has.
is "$(post -H 'Origin: http://evil.example' -d port=1 -d answer=right)" 403 "a foreign page"
is "$(post -d port=1 -d answer=right)" 403 "who does not say where from"
is "$(post "${own[@]}" -H 'Sec-Fetch-Site: cross-site' -d port=1 -d answer=right)" 403 "who says two things"
is "$(post -H 'Host: rebound.example:8010' -H 'Origin: http://rebound.example:8010' -d port=1 -d answer=right)" 421 "a rebound name"
is "$(post "${own[@]}" -H 'Content-Type: text/plain' -d port=1)" 415 "a form of text"
is "$(post "${own[@]}" -H 'Content-Type: application/json' -d '{"port":1}')" 415 "JSON"
is "$(curl -s -m 60 -o /dev/null -w '%{http_code}' "$url/feedback?port=1&answer=right")" 405 "a GET"
is "$(post "${own[@]}" -d port=65536 -d answer=right)" 400 "a port that is none"
is "$(post "${own[@]}" -d port=1 -d answer=other -d transport=tcp -d 'product=a%1b%5b31m')" 400 "an escape"
is "$(post "${own[@]}" -d port=1 -d answer=other -d transport=tcp -d 'product=a%09b')" 400 "a tab"
is "$(post "${own[@]}" -d port=1 -d answer=other -d transport=tcp -d 'product=a%E2%80%AEb')" 400 "text that turns round"
is "$(post "${own[@]}" -d port=1 -d answer=other -d transport=tcp -d 'product=%ff')" 400 "no UTF-8"
is "$(post "${own[@]}" -d port=1 -d answer=other -d transport=tcp -d "product=$(printf 'a%.0s' {1..61})")" 400 "a long one"
is "$(head -c 9000 /dev/zero | tr '\0' a | post "${own[@]}" --data-binary @-)" 413 "a huge one"
is "$(post "${own[@]}" -d port=1 -d answer=other -d transport=tcp -d product=x -d 'link=file:///etc/passwd')" 400 "a link that is none"
two
ok $? "nothing of that is kept"

# Not too often. Who asks from this machine counts among all: 60 at once, and there were 3.
for i in {1..300}; do
	printf 'url = "%s/feedback"\ndata = "port=%d&answer=right"\noutput = "/dev/null"\nwrite-out = "%%{http_code}\\n"\n' "$url" "$i"
	[ "$i" = 300 ] || echo next
done >"$tmp/many"
sed -i "s|^url = |header = \"Origin: $url\"\n&|" "$tmp/many"
timeout 600 curl -s -K "$tmp/many" >"$tmp/codes"
like "$(sort -u "$tmp/codes" | tr '\n' ' ')" '^200 429 $' "sixty at once, then not so often"
kill -TERM "$server"
wait "$server"
is $? 0 "it ends"
is "$(find "$kept" -type f | wc -l)" "$(($(grep -c 200 "$tmp/codes") + 2))" "all that were thanked for are kept"
unlike "$(cat "$tmp/serve.err" "$kept"/*)" "127\.0\.0\.1|curl|Acme.*POST" "no address, no agent, anywhere"
grep -l "right" "$kept"/* | xargs -r rm --

# A person: lists, accepts, refuses.
printf 'not a proposal\n' >"$kept/0123456789ab"
ln -s /etc/passwd "$kept/0123456789ac"
run "$PERIPLUS" facts review
is "$status" 0 "review lists"
like "$out" "^[0-9a-f]{12}  $today  3476/tcp  nppmp$" "the day, the port, what is registered"
like "$out" '^    product  Acme Display$' "the product"
unlike "$out" 'not a proposal|root:' "and nothing that is no proposal"
id=$(sed -n 's/^\([0-9a-f]*\)  20.*/\1/p' "$tmp/out")
mkdir -p "$tmp/tree/data/practice"
cp "$top/data/practice/server.tsv" "$tmp/tree/data/practice/"
cd "$tmp/tree" || exit 1
run "$PERIPLUS" facts review --accept "$id" --into data/practice/server.tsv
is "$status" 1 "a product that no row describes is no fact"
like "$err" "^data/practice/server.tsv:[0-9]+: no row of products describes 'acme-display'$" "as facts --check says it"
is "$out" "" "no diff"
run "$PERIPLUS" facts review --accept "$id" --into data/practice/server.tsv product=redis grade=sure
is "$status" 1 "nor is one with a grade that there is not"
like "$err" "unknown grade 'sure'" "and it says so"
run "$PERIPLUS" facts review --accept "$id"
is "$status" 64 "it must know the file"
run "$PERIPLUS" facts review --accept "$id" --into data/practice/server.tsv colour=red
is "$status" 64 "and the columns"
"$PERIPLUS" facts review --accept "$id" --into data/practice/server.tsv product=redis >/dev/full 2>"$tmp/err"
is $? 74 "a diff that cannot be written"
[ -e "$kept/$id" ]
ok $? "after all that the proposal is there"
run "$PERIPLUS" facts review --accept "${id:0:4}" --into data/practice/server.tsv product=redis "note=its own words"
is "$status" 0 "what is sound is accepted, by the beginning of its name"
cp "$tmp/out" "$tmp/fact.diff"
like "$(grep '^+[^+]' "$tmp/fact.diff" | tr '\t' '|')" "^\+3476[|]tcp[|]redis[|]conflict[|]unconfirmed[|]-[|]-[|]-[|]its own words[|]https://acme.example/ports[|]20[0-9-]{8}$" "as one line"
run git apply --check "$tmp/fact.diff"
is "$status$err" 0 "git takes the diff"
git apply "$tmp/fact.diff"
run "$PERIPLUS" facts --check data/practice/server.tsv
is "$status" 0 "and the changed file is sound"
is "$(diff "$top/data/practice/server.tsv" data/practice/server.tsv | grep -c '^[<>]')" 1 "with one line more"
[ ! -e "$kept/$id" ]
ok $? "the proposal is done"
printf '%s\t22\ttcp\tother\topenssh\t-\thttps://openssh.com/\n' "$today" >"$kept/00000000000a"
printf '%s\t9\ttcp\tright\t-\t-\t-\n' "$today" >"$kept/00000000000b"
run "$PERIPLUS" facts review --accept 00000000000a --into data/practice/server.tsv product=openssh kind=common
is "$status" 1 "what is a fact already"
like "$err" "it is a fact already: 'periplus facts port:22 product:openssh'" "is not accepted twice"
run "$PERIPLUS" facts review --accept 00000000000b --into data/practice/server.tsv
is "$status" 65 "that a page was right is no fact"
run "$PERIPLUS" facts review --refuse 0000
is "$status" 65 "a beginning of several names"
run "$PERIPLUS" facts review --refuse 00000000000a
is "$status" 0 "refused"
[ ! -e "$kept/00000000000a" ]
ok $? "it is gone"
run "$PERIPLUS" facts review --refuse ../../../etc/passwd
is "$status" 65 "a path is no name"
run "$PERIPLUS" facts --accept 00000000000b
is "$status" 64 "--accept belongs to review"

# There is an end to what is kept, and no thanks beyond it.
seq 5000 | awk -v dir="$kept" '{printf "%s/%012x\n", dir, $1}' | xargs touch
"$PERIPLUS" serve --quiet --public --listen 127.0.0.1:8011 >"$tmp/full.out" 2>/dev/null &
server=$!
spawned+=("$server")
wait_for 60 grep -q . "$tmp/full.out"
url=http://127.0.0.1:8011
gives()
{
	[ "$(post -H 'Sec-Fetch-Site: same-origin' -d port=2 -d answer=right)" = "$1" ]
}
wait_for 60 gives 503
ok $? "no room for more"
rm -- "$kept"/0000000000[1-4]?
wait_for 60 gives 200
ok $? "until there is"
kill -TERM "$server"
wait "$server"
done_testing
