#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A real container with published ports: Debian's docker, in a root of its own (test/packages/root), network,
# mount and pid namespaces and below a control group of this test. The port is named by its container, and so is the
# program inside.
. "$(dirname "$0")/../lib.sh"
in_namespace "$@"
[ -x "$PERIPLUS" ] || skip_all "'$PERIPLUS' is not built"
listen=$BUILD/test/test-listen
lower=$("$here/packages/root" 2>"$tmp/why") || skip_all "no Debian root: $(tail -1 "$tmp/why")"
[ -x "$lower/usr/sbin/dockerd" ] || skip_all "no docker could be installed in '$lower'"
group=periplus-test.$$-$(date +%s%N)
root=$tmp/mnt/root

has_ended() { ! kill -0 "$1"; }

leave()
{
	local try
	if [ -n "${daemon:-}" ]; then
		docker rm -f shop-web >/dev/null 2>&1
		kill "$daemon" 2>/dev/null
		wait_for 60 has_ended "$daemon" || kill -9 "$daemon"
	fi
	for ((try = 0; try < 100; try++)); do
		find /sys/fs/cgroup -depth -type d -path "*/$group*" -exec rmdir {} + 2>/dev/null
		[ -n "$(find /sys/fs/cgroup -type d -name "$group" 2>/dev/null)" ] || break
		read -rt 0.05 <> <(:) || :
	done
	finish
}
trap leave EXIT

# --- the root, changed in memory only
mkdir "$tmp/mnt" && mount -t tmpfs -o mode=755 none "$tmp/mnt" && mkdir "$tmp/mnt/"{upper,work,root} &&
	mount -t overlay -o "lowerdir=$lower,upperdir=$tmp/mnt/upper,workdir=$tmp/mnt/work" none "$root" &&
	mount -t proc none "$root/proc" && mount --rbind /sys "$root/sys" && mount --rbind /dev "$root/dev" &&
	mount -t tmpfs -o mode=755 none "$root/run" || skip_all "this system refuses the mounts"

# copy PROGRAM TO ROOT...: with the libraries that it needs and the root has not
copy()
{
	local program=$1 to=$2 into=$3 file
	install -D "$program" "$into/$to"
	for file in $(ldd "$program" | grep -o '/[^ ]*'); do
		[ -e "$into$file" ] || install -D "$file" "$into$file"
	done
}
copy "$PERIPLUS" /usr/local/bin/periplus "$root"
mkdir "$tmp/image"
copy "$listen" /bin/listen "$tmp/image"

# --- docker
in_root() { timeout 120 chroot "$root" "$@"; }
docker() { in_root docker "$@"; }
# vfs keeps layers as plain directories: an overlay above an overlay may be refused
chroot "$root" dockerd --storage-driver vfs --iptables=false --ip6tables=false --ip-forward=false \
	--cgroup-parent "/$group/docker" >"$tmp/dockerd" 2>&1 &
daemon=$!
wait_for 120 docker version || { daemon=; skip_all "dockerd does not start here: $(tail -1 "$tmp/dockerd")"; }
tar -C "$tmp/image" -c . | docker import - box:1 >"$tmp/log" 2>&1 || skip_all "no image can be made: $(tail -1 "$tmp/log")"
docker run -d -i --name shop-web -p 127.0.0.1:8088:80 -p 8089:81/udp box:1 /bin/listen tcp/0.0.0.0/80 \
	udp/0.0.0.0/81 >"$tmp/log" 2>&1 || skip_all "no container runs here: $(tail -2 "$tmp/log" | head -1)"
is_ready() { docker logs shop-web 2>&1 | grep -q ready; }
wait_for 120 is_ready
ok $? "a container publishes a port"
id=$(docker inspect -f '{{.Id}}' shop-web)

# --- what is published
run in_root periplus 8088
like "$out" "docker-proxy" "the port is held by docker's program"
like "$out" "container shop-web" "and is the container's, by name"
like "$out" "package docker.io" "whose program belongs to its package"
run in_root periplus --plain -q
is "$(printf '%s\n' "$out" | cut -f2,4,7 | sort -u | tr '\t\n' ' ,')" "tcp 8088 shop-web,udp 8089 shop-web," \
	"TCP and UDP, one address and all"
like "$out" "8089.*PP212" "what is published to everybody is said"
unlike "$out" "8088.*PP212" "and what is published here alone is not"

# --- what runs inside
run in_root periplus -N 80
like "$out" "container docker shop-web" "the program inside is named by its container"
run in_root periplus -N --plain -q
is "$(printf '%s\n' "$out" | grep -c 'docker shop-web')" 2 "with all that it listens on"
is "$(printf '%s\n' "$out" | grep -c 'shop-web')" "$(printf '%s\n' "$out" | wc -l)" "and nothing else is there"
pid=$(printf '%s\n' "$out" | awk -F'\t' '$4 == 80 { print $5 }')
like "$(cat "/proc/$pid/cgroup")" "docker/$id" "it is the one in the container's control group"

# --- and after it
docker rm -f shop-web >/dev/null 2>&1
run in_root periplus --plain -q
is "$out" "" "with the container its ports are gone"
done_testing
