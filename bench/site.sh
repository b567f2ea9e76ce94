#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The public edition of the pages, written anew: files, bytes, wall time, and time of the processors, which other
# work on the machine disturbs less. On a tmpfs of its own, which takes 10 GB for all languages; or below DIR.
#   bench/site.sh [LANGUAGES [DIR]]   these (en,ar,cs,de,ru,zh-TW)
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../test/lib.sh"
in_namespace "$@"
languages=${1:-en,ar,cs,de,ru,zh-TW}
place=${2:-$tmp/disk}
[ -n "${2:-}" ] || { mkdir "$place" && mount -t tmpfs -o size=12g,nr_inodes=0 tmpfs "$place"; }
TIMEFORMAT='wall %R s, user %U s, sys %S s'
time "$PERIPLUS" site --languages "$languages" "$place/site" || exit 1
du -sm "$place/site" | sed 's/\t.*/ MB on the disk, with what blocks leave empty/'
[ -z "${2:-}" ] || echo "it is in '$place/site'"
