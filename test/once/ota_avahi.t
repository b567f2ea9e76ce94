#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ota list against Debian's avahi-daemon. It is unpacked, not installed: an installed one would begin
# to announce services on the network of this machine.
. "$(dirname "$0")/../lib.sh"
[ -x "$BUILD/periplus-ota" ] || skip_all "no libcrypto: periplus-ota is not in this build"
[ "$(id -u)" = 0 ] || skip_all "needs root to make namespaces"
for tool in apt-get dpkg-deb ip; do
	command -v $tool >/dev/null || skip_all "no $tool here"
done
# Packages are fetched before the namespace, which has no network.
if [ -z "${OTA_AVAHI:-}" ]; then
	export OTA_AVAHI=$tmp.avahi
	mkdir "$OTA_AVAHI"
	trap 'finish; rm -rf -- "$OTA_AVAHI"' EXIT
	(cd "$OTA_AVAHI" && timeout 300 apt-get download avahi-daemon libavahi-core7 libavahi-common3 \
		libdaemon0 libdbus-1-3 libexpat1) >"$tmp/apt" 2>&1 || skip_all "apt cannot download here"
	for deb in "$OTA_AVAHI"/*.deb; do
		dpkg-deb -x "$deb" "$OTA_AVAHI/root" || skip_all "dpkg-deb cannot unpack"
	done
	unshare -n -m true 2>/dev/null || skip_all "this system refuses new namespaces"
	bash "$0" "$@"
	exit
fi
in_namespace "$@"
cd "$tmp" || exit 1
mount --make-rprivate / && mount -t tmpfs none /etc && mount -t tmpfs none /run &&
	mkdir -p /etc/avahi/services /run/avahi-daemon &&
	printf 'root:x:0:0::/:/bin/sh\navahi:x:999:999::/:/bin/sh\n' >/etc/passwd &&
	printf 'root:x:0:\navahi:x:999:\nnetdev:x:998:\n' >/etc/group ||
	skip_all "nothing can be mounted here"
ip link add pa type veth peer name pb 2>/dev/null && ip link set pa up && ip link set pb up &&
	ip address add 198.18.0.1/24 dev pa || skip_all "no veth here"
cat >/etc/avahi/services/ota.service <<'XML'
<?xml version="1.0" standalone="no"?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group><name>esp32 by avahi.local</name><service><type>_arduino._tcp</type><port>3232</port>
<txt-record>board=esp32</txt-record><txt-record>auth_upload=no</txt-record></service></service-group>
XML
printf '[server]\nhost-name=boardhost\nenable-dbus=no\nallow-interfaces=pa\n[wide-area]\nenable-wide-area=no\n' >conf
lib=$(echo "$OTA_AVAHI"/root/usr/lib/*-linux-gnu*)
spawn env LD_LIBRARY_PATH="$lib" "$OTA_AVAHI/root/usr/sbin/avahi-daemon" --no-drop-root \
	--no-chroot --no-rlimits -f "$tmp/conf" >avahi.log 2>&1
wait_for 120 grep -q 'successfully established' avahi.log || skip_all "avahi-daemon does not start: $(tail -1 avahi.log)"

# listed OPTION...: asks again, longer, should this machine be slow
listed()
{
	local try
	for try in 1 2 3 4 5 6; do
		run "$PERIPLUS" ota list --plain --timeout $((3 * try)) "$@"
		[ -z "$out" ] || return 0
	done
}

want="esp32 by avahi.local	198.18.0.1	3232	esp32	no"
listed --interface pa
is "$status $out" "0 $want" "avahi's announcement is heard by multicast"
listed 198.18.0.1
is "$status $out" "0 $want" "and by unicast"
listed 198.18.0.1 --fail-on look
is "$status" 1 "a board without password can be a status"
done_testing
