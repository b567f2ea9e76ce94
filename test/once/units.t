#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The units: sound, as closed as reliability.md 2.6 asks, and not switched on by being installed.
. "$(dirname "$0")/../lib.sh"
command -v systemd-analyze >/dev/null || skip_all "no systemd-analyze here"
[ -e "$BUILD/periplusd.service" ] || skip_all "periplusd is not built"
mkdir "$tmp/units"
sed "s,^ExecStart=.*,ExecStart=$BUILD/periplusd," "$BUILD/periplusd.service" >"$tmp/units/periplusd.service"
cp "$top/data/systemd/periplusd.socket" "$tmp/units/"
run systemd-analyze verify --man=no "$tmp/units/periplusd.service" "$tmp/units/periplusd.socket"
is "$status" 0 "systemd understands the units"
unlike "$out$err" "periplusd" "and has nothing to say about them"
run systemd-analyze security --offline=true --threshold=20 --no-pager "$tmp/units/periplusd.service"
is "$status" 0 "exposure is 2.0 or less" || printf '%s\n' "$out" | tail -1 | sed 's/^/# /'
like "$(cat "$BUILD/periplusd.service")" "^ExecStart=/.*/periplusd$" "the program is where it is installed"
unlike "$(cat "$BUILD/periplusd.service")" '^\[Install\]|@libexecdir@' "the service is started by its socket only"
is "$(grep -E '^(SocketMode|SocketGroup|SocketUser|ListenStream)=' "$top/data/systemd/periplusd.socket" | sort | tr '\n' ' ')" \
	"ListenStream=/run/periplus/listing.sock SocketGroup=periplus SocketMode=0660 SocketUser=root " \
	"the socket is root's and the group's"
done_testing
