#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# watch, by the kernel's events where they are to be had: what opens, closes, changes its owner or
# widens is told, once; a restart is no news; what lives too short for a look is told by its event
# or counted. Where the machine's speed would decide, watch is stopped until it is all done, so that
# it meets the result, never the way there. SOAK=1: 400,000 short lives instead of 20,000.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
listen=$BUILD/test/test-listen
[ -x "$listen" ] || skip_all "'$listen' is not built"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
command -v python3 >/dev/null || skip_all "there is no python3"
patience=300
n_short=20000
[ -z "${SOAK:-}" ] || n_short=400000
mkdir "$tmp/bin"
cp "$listen" "$tmp/bin/one"
cp "$listen" "$tmp/bin/two"

# opens NAME PROGRAM SPEC...: a `listen` with its sockets open; its pid is in $opened
opens()
{
	local ready=$tmp/$1
	shift
	mkfifo "$ready.in"
	"$@" <"$ready.in" >"$ready.out" 2>"$ready.err" &
	opened=$!
	spawned+=("$opened")
	exec {hold}>"$ready.in"
	wait_for $patience grep -q ready "$ready.out" || sed 's/^/# /' "$ready.err"
}

closes()
{
	kill "$1"
	wait "$1" 2>/dev/null
}

# watches NAME OPTION...: begins; what it tells is in $tmp/NAME.out, remarks in $tmp/NAME.err
watches()
{
	local name=$1
	shift
	"$PERIPLUS" watch --ndjson -v "$@" >"$tmp/$name.out" 2>"$tmp/$name.err" &
	watching=$!
	spawned+=("$watching")
	wait_for $patience grep -q 'periplus: watching by' "$tmp/$name.err"
}

# events NAME [PORT]: "ACTION PORT TRANSPORT ADDRESS PROGRAM" of each event, in order
events()
{
	python3 - "$tmp/$1.out" "${2:-}" <<'END'
import json, sys
for line in open(sys.argv[1]):
    if not line.endswith("\n"):
        break
    e = json.loads(line)
    p = e["process"] or {}
    if not sys.argv[2] or str(e["server"]["port"]) == sys.argv[2]:
        print(e["event"]["action"], e["server"]["port"], e["network"]["transport"], e["server"]["ip"],
              (p.get("executable") or p.get("name") or "-").rsplit("/", 1)[-1])
END
}

# tells NAME LINE: waits until it has told that
tells()
{
	wait_for $patience told "$@"
	ok $? "told: $2" || events "$1" | sed 's/^/# /'
}

told()
{
	events "$1" | grep -qx -- "$2"
}

# idle PID: it waits, and has nothing under way: twice asleep with no work in between
idle()
{
	local before after
	before=$(awk '{print $3, $14, $15}' "/proc/$1/stat")
	read -rt 0.1 <> <(:)
	after=$(awk '{print $3, $14, $15}' "/proc/$1/stat")
	[ "$before" = "$after" ] && [ "${after%% *}" = S ]
}

# meanwhile COMMAND...: while watch is stopped
meanwhile()
{
	wait_for 20 idle "$watching"
	kill -STOP "$watching"
	"$@"
	kill -CONT "$watching"
}

# shellcheck disable=SC2317 -- called by meanwhile
change_owner()
{
	closes "$first"
	opens owner2 "$tmp/bin/two" tcp/127.0.0.1/7001
}

# shellcheck disable=SC2317
widen()
{
	closes "$first"
	opens wide2 "$tmp/bin/one" tcp/0.0.0.0/7002
}

# shellcheck disable=SC2317
restart()
{
	closes "$first"
	opens again2 "$tmp/bin/one" tcp/127.0.0.1/7003 udp/127.0.0.1/7004
}

opens before "$tmp/bin/one" tcp/127.0.0.1/7000
watches all
opens owner1 "$tmp/bin/one" tcp/127.0.0.1/7001 udp/0.0.0.0/7005 tcp/::1/7006
first=$opened
tells all "listener-opened 7001 tcp 127.0.0.1 one"
tells all "listener-opened 7005 udp 0.0.0.0 one"
tells all "listener-opened 7006 tcp ::1 one"
meanwhile change_owner
tells all "owner-changed 7001 tcp 127.0.0.1 two"
tells all "listener-closed 7005 udp 0.0.0.0 one"
tells all "listener-closed 7006 tcp ::1 one"

opens wide1 "$tmp/bin/one" tcp/127.0.0.1/7002
first=$opened
tells all "listener-opened 7002 tcp 127.0.0.1 one"
meanwhile widen
tells all "scope-widened 7002 tcp 0.0.0.0 one"
tells all "listener-closed 7002 tcp 127.0.0.1 one"

opens again1 "$tmp/bin/one" tcp/127.0.0.1/7003 udp/127.0.0.1/7004
first=$opened
tells all "listener-opened 7003 tcp 127.0.0.1 one"
tells all "listener-opened 7004 udp 127.0.0.1 one"
meanwhile restart
opens after "$tmp/bin/one" tcp/127.0.0.1/7007
tells all "listener-opened 7007 tcp 127.0.0.1 one"
closes "$opened"
tells all "listener-closed 7007 tcp 127.0.0.1 one"
is "$(events all 7003; events all 7004)" "listener-opened 7003 tcp 127.0.0.1 one
listener-opened 7004 udp 127.0.0.1 one" "a restart is no news"
is "$(events all 7000)" "" "nor is what stays"
is "$(events all | sort | uniq -d)" "" "nothing is told twice"

# --- lives that are too short for any look
short()
{
	python3 - "$1" "$2" <<'END'
import socket, sys
first, n = int(sys.argv[1]), int(sys.argv[2])
for i in range(n):
    s = socket.socket()
    s.bind(("127.0.0.1", first + i % 20000))
    s.listen(1)
    s.close()
END
}
if grep -q "watching by the kernel's events (bpf)" "$tmp/all.err"; then
	short 7010 1
	tells all "listener-opened 7010 tcp 127.0.0.1 python3.*"
	tells all "listener-closed 7010 tcp 127.0.0.1 python3.*"
else
	skip 2 "no BPF here: $(sed -n 's/^periplus: watching by //p' "$tmp/all.err")"
fi
kill -INT "$watching"
wait "$watching"
is "$?" 130 "an interrupt ends it with status 130"

# --- every line is what the schema says
python3 - "$top/schema" "$tmp/all.out" >"$tmp/valid" 2>&1 <<'END'
import json, pathlib, sys, warnings
warnings.simplefilter("ignore")
try:
    import jsonschema
except ImportError:
    sys.exit(2)
schemas = {p.name: json.loads(p.read_text()) for p in pathlib.Path(sys.argv[1]).glob("*.json")}
schema = schemas["event.schema.json"]
try:
    from referencing import Registry, Resource
    registry = Registry().with_resources((k, Resource.from_contents(v)) for k, v in schemas.items())
    check = jsonschema.Draft202012Validator(schema, registry=registry)
except ImportError:
    check = jsonschema.Draft202012Validator(schema, resolver=jsonschema.RefResolver(schema["$id"], schema, store=schemas))
for line in open(sys.argv[2]):
    for error in check.iter_errors(json.loads(line)):
        print(list(error.absolute_path), error.message)
END
case $? in
2) skip 1 "python3-jsonschema is not installed" ;;
*) is "$(head -5 "$tmp/valid")" "" "every line is an event by the schema" ;;
esac

# --- a flood: each opening ends in exactly one count, or its loss is counted
watches flood
if grep -q "watching by the kernel's events (bpf)" "$tmp/flood.err"; then
	short 10000 "$n_short"
	opens last "$tmp/bin/one" tcp/127.0.0.1/7020
	tells flood "listener-opened 7020 tcp 127.0.0.1 one"
	kill -INT "$watching"
	wait "$watching"
	read -r n_opened n_seen n_told n_unseen n_other n_lost < <(sed -n \
		's/^periplus: \([0-9]*\) opened: \([0-9]*\) seen, \([0-9]*\) told[^,]*, \([0-9]*\) unseen, \([0-9]*\) no news; \([0-9]*\) events lost$/\1 \2 \3 \4 \5 \6/p' \
		"$tmp/flood.err")
	echo "# $n_opened opened: $n_seen seen, $n_told told, $n_unseen unseen, $n_other no news; $n_lost events lost"
	is "$((n_seen + n_told + n_unseen + n_other))" "$n_opened" "each opening that was told ends in one count"
	ok $((n_opened + n_lost > n_short ? 0 : 1)) "none of $((n_short + 1)) is missing from the counts"
	is "$([ "$n_lost" -eq 0 ] || grep -c 'events were lost; all of this host is looked at again' "$tmp/flood.err" | sed 's/^[1-9][0-9]*$//')" \
		"" "events that are lost are said"
else
	kill -INT "$watching"
	wait "$watching"
	skip 4 "no BPF here"
fi

# --- the fallback: looking every so often, as asked
watches looks --interval 20
like "$(cat "$tmp/looks.err")" 'watching by a look at all every 20 ms: as asked' "an interval asks for looking"
opens plain "$tmp/bin/one" tcp/127.0.0.1/7030
tells looks "listener-opened 7030 tcp 127.0.0.1 one"
closes "$opened"
tells looks "listener-closed 7030 tcp 127.0.0.1 one"
kill -INT "$watching"
wait "$watching"
is "$?" 130 "and ends the same way"

# --- without BPF: openings by looking, closings by event
if setpriv "--bounding-set=-bpf,-perfmon,-sys_admin" true 2>/dev/null; then
	setpriv "--bounding-set=-bpf,-perfmon,-sys_admin" "$PERIPLUS" watch --ndjson -v >"$tmp/less.out" 2>"$tmp/less.err" &
	watching=$!
	spawned+=("$watching")
	wait_for $patience grep -q 'periplus: watching by' "$tmp/less.err"
	like "$(cat "$tmp/less.err")" 'a look at all every 1000 ms: .*CAP_BPF' "without CAP_BPF it says what it does instead"
	opens less "$tmp/bin/one" tcp/127.0.0.1/7040 udp/127.0.0.1/7041
	tells less "listener-opened 7040 tcp 127.0.0.1 one"
	tells less "listener-opened 7041 udp 127.0.0.1 one"
	closes "$opened"
	tells less "listener-closed 7040 tcp 127.0.0.1 one"
	tells less "listener-closed 7041 udp 127.0.0.1 one"
	kill -INT "$watching"
	wait "$watching"
else
	skip 5 "setpriv cannot take capabilities away here"
fi
done_testing
