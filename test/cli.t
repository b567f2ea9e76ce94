#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The commands as a stranger meets them: bad input, exit statuses, formats, help, completions, pages.
. "$(dirname "$0")/lib.sh"

# bad STATUS PATTERN ARGUMENTS...: one line on stderr that names the thing, nothing on stdout
bad()
{
	local want=$1 pattern=$2
	shift 2
	run "$PERIPLUS" "$@"
	is "$status" "$want" "periplus $*: status $want"
	is "$out" "" "periplus $*: nothing on stdout"
	is "$(printf '%s' "$err" | grep -c '')" 1 "periplus $*: one line on stderr"
	like "$err" "$pattern" "periplus $*: says what and how to mend it"
}

bad 64 "70000.*65535" 70000
bad 64 "xyz.*tcp, udp" 80/xyz
bad 64 "9-3.*write 3-9" 9-3
bad 64 "65536" 65536
bad 64 "is not a port" 80x
bad 64 "is not a port" 1-2-3
bad 64 "22,80" 22,
bad 64 "99999999999999999999" 99999999999999999999
bad 64 "'nonsense' is not a command" nonsense
bad 64 "'--nonsense'" --nonsense
bad 64 "needs a value" --format
bad 64 "'yaml' is not a format" --format=yaml
bad 64 "not 'soon'" --fail-on=soon
bad 64 "look for what" look
bad 64 "colour" look colour:red
bad 64 "1 to 16384" look ssh --limit 0
bad 64 "which port" port
bad 64 "PP999" help PP999
bad 64 "for which shell" completion ksh
bad 64 "no operand" stats more
bad 64 "no operand" version more
bad 64 "no operand" host more
bad 64 "which file" update
bad 64 "20 to" watch --interval 1
bad 64 "ndjson" watch --json
bad 69 "replay|recording|cannot" host --replay /nonexistent
bad 64 "is not a port" $'3\e[31m'
unlike "$(cat -v "$tmp/err")" '\^\[' "an escape in the argument is not sent to the terminal"

bad 64 "'-Z' is not an option" host -aZ
bad 64 "'nonsense' is not a command" --format json nonsense

# The word behind an option that takes one is no command.
for words in "--format json version" "--lang C --fail-on look version" "--limit 3 look ssh" "-- version"; do
	run "$PERIPLUS" $words
	is "$status" 0 "periplus $words: answers"
done
run "$PERIPLUS" version
version=$out
run "$PERIPLUS" --version
is "$status $out" "0 $version" "--version is the same as version"
run "$PERIPLUS" --format json version
like "$out" '^\{' "periplus --format json version: as JSON"

# English loads no locale; what the terminal can show is the environment's word all the same.
for environment in "LC_ALL=C.UTF-8" "LANG=en_XX.UTF-8" "LANG=C.UTF-8 LANGUAGE=en"; do
	out=$(env -u LC_ALL -u LANG -u LANGUAGE $environment "$PERIPLUS" 'größe' 2>&1)
	like "$out" "'größe' is not a command" "$environment: a message keeps its letters"
done
for environment in "LC_ALL=C" "LANG=POSIX" "LANG=en_XX.ISO-8859-1"; do
	out=$(env -u LC_ALL -u LANG -u LANGUAGE $environment "$PERIPLUS" 'größe' 2>&1)
	unlike "$out" "größe" "$environment: and none that the terminal cannot show"
done

# A recording: an ordinary service on 22, a program that lies in /tmp on 3000, a connection of 22.
mkdir "$tmp/recording"
printf 'name=here\tuid=0\tis_root=1\tnow=1795234202\n' >"$tmp/recording/host"
printf 'pid=%d\tstart_ticks=9\tuid=33\tname=%s\texecutable=%s\tpackage=%s\tcgroup=%s\n' \
	700 sshd /usr/sbin/sshd openssh-server /system.slice/ssh.service \
	800 x /tmp/x '' /system.slice/x.service >"$tmp/recording/processes"
printf 'transport=%s\tlocal=0.0.0.0\tport=%d\tcookie=%d\towners=%d:3\n' \
	tcp 22 1 700 tcp 3000 2 800 tcp 4000 3 700 >"$tmp/recording/sockets"
printf 'transport=tcp\tstate=peer\tlocal=127.0.0.1\tport=22\tremote=127.0.0.1\tremote_port=4001\tcookie=4\n' \
	>>"$tmp/recording/sockets"
run "$PERIPLUS" 3000 --replay "$tmp/recording" --fail-on unexpected
is "$status" 2 "what is unexpected on the port asked for fails"
run "$PERIPLUS" 22 4000 --replay "$tmp/recording" --fail-on unexpected
is "$status" 0 "what lies between two ports asked for does not"
run "$PERIPLUS" 22/udp,4000 --replay "$tmp/recording" --json
unlike "$out" '4001' "a connection of TCP is none of 22/udp"
run "$PERIPLUS" 22,4000 --replay "$tmp/recording" --json
like "$out" '4001' "it is one of 22"
run "$PERIPLUS" 2990-3010/udp,50 --replay "$tmp/recording"
unlike "$out" '3000' "a range of udp does not show the number for its tcp listener"

run "$PERIPLUS" look 3232 --plain
is "$status" 0 "look 3232 answers"
like "$out" "mdtp" "3232 is mdtp by registration"
run "$PERIPLUS" look 3232 --json
ok "$(python3 -m json.tool "$tmp/out" >/dev/null; echo $?)" "look 3232 --json is JSON"
is "$(json "$tmp/out" 'd["range"]')" user "3232 lies in the user range"
run env LC_ALL=C "$PERIPLUS" look esphome
like "$out" '^look "esphome": [0-9]+ products - [0-9]+ registrations$' "a search is told in ASCII where nothing else is shown"
run env COLUMNS=80 "$PERIPLUS" look mail
like "$out" '^look "mail": [0-9]+ products .+ [0-9]+ registrations, best first; --all shows all$' "and whole where it is not all"
run "$PERIPLUS" look 6000/tcp
like "$out" 'platform +browsers refuse it: .*x11' "look says that browsers refuse a port"
run "$PERIPLUS" look 3225 --plain
like "$out" 'fcip-port.*Fibre Channel' "and what a neighbour of a founding port was registered for"
run "$PERIPLUS" look 53,
is "$status" 64 "a list is not a port to look"

run "$PERIPLUS" look standing:ghost registered:2002 domain:omnibond.com --ndjson
is "$status" 0 "filters combine"
run "$PERIPLUS" look postgresql --ndjson
is "$(sed -n 1p "$tmp/out" | python3 -c 'import json,sys; d = json.loads(sys.stdin.readline()); print(d["service"], d["ports"][0])')" \
	"postgresql 5432" "the exact name comes first"

run "$PERIPLUS" help
for name in $(sed -n 's/^COMMAND(\([a-z]*\)).*/\1/p' "$top/src/cli/command.list"); do
	like "$out" "^  $name " "help lists $name"
	run_help=$("$PERIPLUS" "$name" -h 2>&1)
	like "$run_help" "usage: periplus $name" "$name -h shows its usage"
	is "$(mandoc -T lint -W warning "$top/src/cli/$name.1" 2>&1 | grep -v 'conventional order')" "" "$name.1 is a sound page"
done
run "$PERIPLUS" help PP203
like "$out" "^PP203 " "help explains a rule"
for rule in $("$PERIPLUS" help 2>/dev/null | grep -o 'PP[0-9]*' | sort -u); do
	run "$PERIPLUS" help "$rule"
	is "$status" 0 "help $rule"
done

for shell in bash zsh fish; do
	"$PERIPLUS" completion $shell >"$tmp/completion"
	if command -v $shell >/dev/null 2>&1; then
		$shell -n "$tmp/completion" 2>"$tmp/err"
		ok $? "the completion for $shell parses" || sed 's/^/# /' "$tmp/err"
	else
		skip 1 "no $shell here"
	fi
done
is "$(bash -c '. "$1"; COMP_WORDS=(periplus loo); COMP_CWORD=1; _periplus; echo "${COMPREPLY[@]}"' - \
	<("$PERIPLUS" completion bash) 2>/dev/null)" look "bash completes a command"

# What cannot be written is told.
if [ -e /dev/full ]; then
	"$PERIPLUS" look 22 >/dev/full 2>"$tmp/err"
	is $? 74 "a full disk ends with 74"
	like "$(cat "$tmp/err")" "cannot write" "and says so"
fi
"$PERIPLUS" look standing:ghost 2>"$tmp/err" | head -1 >/dev/null
is "$(cat "$tmp/err")" "" "a reader that goes away is no error"

run env NO_COLOR=1 CLICOLOR_FORCE=0 "$PERIPLUS" look 22
unlike "$(cat -v "$tmp/out")" '\^\[' "no colour when it is not wanted"
run env -u LC_ALL LC_ALL=C "$PERIPLUS" look 22
is "$(LC_ALL=C tr -d '\000-\177' <"$tmp/out" | wc -c)" 0 "plain ASCII where the locale is C"
printf 'what\n' >"$tmp/$(printf 'a\304\233')"
run env LC_ALL=C "$PERIPLUS" facts --check "$tmp/$(printf 'a\304\233')"
is "$status $(LC_ALL=C tr -d '\000-\177' <"$tmp/err" | wc -c)" "1 0" "and in complaints: no byte of a name is a control there"
done_testing
