#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The false-positive budget: servers of a stock Debian 12, started with the commands of their own
# units, each in a network namespace and a cgroup of its name. Every listener is named, and nothing
# that runs as its package means it is unexpected. test/packages/*.tsv hold the rows.
. "$(dirname "$0")/../lib.sh"
[ "$(id -u)" = 0 ] || skip_all "needs root"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
unshare --net --mount --pid --uts --ipc --cgroup --fork true 2>/dev/null ||
	skip_all "this system refuses new namespaces"
tree=$(findmnt -n -t cgroup2 -o TARGET | sed -n 1p)
[ -n "$tree" ] || skip_all "no cgroup v2 is mounted"
base=$tree/periplus-test.$$
root=$("$here/packages/root" 2>"$tmp/why") || skip_all "no Debian root: $(tail -1 "$tmp/why")"
mkdir -p "$base/system.slice" 2>/dev/null || skip_all "cannot make a cgroup in '$tree'"

leave()
{
	local try
	for ((try = 0; try < 100; try++)); do
		find "$base" -depth -type d -exec rmdir {} + 2>/dev/null
		[ -e "$base" ] || break
		read -rt 0.05 <> <(:) || :
	done
	finish
}
trap leave EXIT
mkdir "$tmp/mnt"
# $PERIPLUS_PACKAGES: only these services
# shellcheck disable=SC2016,SC2086 # for the inner shell; a list of words
bash -c 'echo $$ >"$1/cgroup.procs" && shift &&
	exec unshare --net --mount --pid --uts --ipc --cgroup --fork --kill-child --mount-proc "$@"' \
	- "$base" python3 "$here/packages/survey.py" "$root" "$tmp/mnt" "$base" "$PERIPLUS" ${PERIPLUS_PACKAGES:-}
status=$?
exit $status
