#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The pages in a real browser (test/browser/pages.mjs), in a namespace of their own. playwright-core and
# axe-core come by the lock of test/browser/, Chromium is Debian's.
. "$(dirname "$0")/../lib.sh"
modules=$BUILD/browser
if [ -z "${PERIPLUS_IN_NAMESPACE:-}" ]; then
	[ -x "$BUILD/periplus-serve" ] || skip_all "no libmicrohttpd: periplus-serve is not in this build"
	for command in node npm chromium; do
		command -v $command >/dev/null || skip_all "no $command"
	done
	mkdir -p "$modules"
	cp "$top"/test/browser/* "$modules/"
	(cd "$modules" && timeout 300 npm ci --no-audit --no-fund) >"$tmp/npm" 2>&1 || {
		sed 's/^/# /' "$tmp/npm"
		skip_all "npm cannot install playwright-core: no network?"
	}
fi
in_namespace "$@"
own_state
"$PERIPLUS" serve --quiet --listen 127.0.0.1:8010 >"$tmp/serve.out" 2>"$tmp/serve.err" &
spawned+=("$!")
wait_for 60 grep -q . "$tmp/serve.out" || { ok 1 "the server starts"; cat "$tmp/serve.err"; done_testing; }
HOME=$tmp TMPDIR=$tmp timeout 600 node "$modules/pages.mjs" http://127.0.0.1:8010 \
	"$(sed -n 's/.*#token=//p' "$tmp/serve.out")" "$(command -v chromium)" "$modules/pictures" 2>&1
