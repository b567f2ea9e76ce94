/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debian_test: what Debian 12 opens by itself when a server package was installed is expected.
 *
 * Each row is a listener as the package's own unit starts it: the executable, the package that
 * owns it, the unit, the number, and the widest scope that the shipped configuration gives it. The
 * same listener one scope wider is not expected: that is somebody's doing.
 */
#include "test/tap.h"
#include "verdict/verdict.h"

enum scope { LO, HOST, ANY };

/* clang-format off */
#define S(text) {(const uint8_t *)(text), sizeof(text) - 1}
#define TCP TRANSPORT_TCP
#define UDP TRANSPORT_UDP
#define JAVA "/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "openjdk-17-jre-headless"
#define PYTHON "/usr/bin/python3.11", "python3.11-minimal"
#define PERL "/usr/bin/perl", "perl-base"
#define BEAM "/usr/lib/erlang/erts-13.1.5/bin/beam.smp", "erlang-base"

static const struct listener {
	uint16_t port;
	enum transport transport;
	enum scope scope;
	const char *unit, *executable, *package, *runtime, *script;
} listeners[] = {
	{21, TCP, ANY, "proftpd.service", "/usr/sbin/proftpd", "proftpd-core"},
	{21, TCP, ANY, "pure-ftpd.service", "/usr/sbin/pure-ftpd", "pure-ftpd"},
	{21, TCP, ANY, "vsftpd.service", "/usr/sbin/vsftpd", "vsftpd"},
	{22, TCP, ANY, "dropbear.service", "/usr/sbin/dropbear", "dropbear-bin"},
	{22, TCP, ANY, "ssh.service", "/usr/sbin/sshd", "openssh-server"},
	{25, TCP, LO, "exim4.service", "/usr/sbin/exim4", "exim4-daemon-light"},
	{25, TCP, LO, "opensmtpd.service", "/usr/sbin/smtpd", "opensmtpd"},
	{25, TCP, ANY, "postfix@-.service", "/usr/lib/postfix/sbin/master", "postfix"},
	{53, UDP, LO, "systemd-resolved.service", "/usr/lib/systemd/systemd-resolved",
	 "systemd-resolved"},
	{53, UDP, ANY, "dnsmasq.service", "/usr/sbin/dnsmasq", "dnsmasq-base"},
	{53, UDP, ANY, "named.service", "/usr/sbin/named", "bind9"},
	{53, UDP, ANY, "pdns.service", "/usr/sbin/pdns_server", "pdns-server"},
	{53, UDP, LO, "pdns-recursor.service", "/usr/sbin/pdns_recursor", "pdns-recursor"},
	{53, UDP, LO, "unbound.service", "/usr/sbin/unbound", "unbound"},
	{68, UDP, ANY, "networking.service", "/usr/sbin/dhclient", "isc-dhcp-client"},
	{68, UDP, HOST, "NetworkManager.service", "/usr/sbin/NetworkManager", "network-manager"},
	{69, UDP, ANY, "tftpd-hpa.service", "/usr/sbin/in.tftpd", "tftpd-hpa"},
	{80, TCP, ANY, "apache2.service", "/usr/sbin/apache2", "apache2-bin"},
	{80, TCP, ANY, "caddy.service", "/usr/bin/caddy", "caddy"},
	{80, TCP, ANY, "lighttpd.service", "/usr/sbin/lighttpd", "lighttpd"},
	{80, TCP, ANY, "nginx.service", "/usr/sbin/nginx", "nginx"},
	{88, UDP, ANY, "krb5-kdc.service", "/usr/sbin/krb5kdc", "krb5-kdc"},
	{111, TCP, ANY, "rpcbind.service", "/usr/sbin/rpcbind", "rpcbind"},
	{123, UDP, ANY, "ntpsec.service", "/usr/sbin/ntpd", "ntpsec"},
	{137, UDP, ANY, "nmbd.service", "/usr/sbin/nmbd", "samba"},
	{143, TCP, ANY, "dovecot.service", "/usr/sbin/dovecot", "dovecot-core"},
	{161, UDP, LO, "snmpd.service", "/usr/sbin/snmpd", "snmpd"},
	{323, UDP, LO, "chrony.service", "/usr/sbin/chronyd", "chrony"},
	{389, TCP, ANY, "slapd.service", "/usr/sbin/slapd", "slapd"},
	{445, TCP, ANY, "smbd.service", "/usr/sbin/smbd", "samba"},
	{631, TCP, LO, "cups.service", "/usr/sbin/cupsd", "cups-daemon"},
	{749, TCP, ANY, "krb5-admin-server.service", "/usr/sbin/kadmind", "krb5-admin-server"},
	{1812, UDP, ANY, "freeradius.service", "/usr/sbin/freeradius", "freeradius"},
	{1883, TCP, LO, "mosquitto.service", "/usr/sbin/mosquitto", "mosquitto"},
	{1900, UDP, ANY, "minidlna.service", "/usr/sbin/minidlnad", "minidlna"},
	{2181, TCP, ANY, "zookeeper.service", JAVA, "java",
	 "org.apache.zookeeper.server.quorum.QuorumPeerMain"},
	{2379, TCP, LO, "etcd.service", "/usr/bin/etcd", "etcd-server"},
	{3128, TCP, ANY, "squid.service", "/usr/sbin/squid", "squid"},
	{3306, TCP, LO, "mariadb.service", "/usr/sbin/mariadbd", "mariadb-server-core"},
	{3389, TCP, ANY, "xrdp.service", "/usr/sbin/xrdp", "xrdp"},
	{3478, UDP, ANY, "coturn.service", "/usr/bin/turnserver", "coturn"},
	{4222, TCP, LO, "nats-server.service", "/usr/bin/nats-server", "nats-server"},
	{4369, TCP, ANY, "epmd.service", "/usr/lib/erlang/erts-13.1.5/bin/epmd", "erlang-base"},
	{4949, TCP, ANY, "munin-node.service", PERL, "perl", "/usr/sbin/munin-node"},
	{5222, TCP, ANY, "prosody.service", "/usr/bin/lua5.4", "lua5.4", "lua", "/usr/bin/prosody"},
	{5353, UDP, ANY, "avahi-daemon.service", "/usr/sbin/avahi-daemon", "avahi-daemon"},
	{5355, UDP, ANY, "systemd-resolved.service", "/usr/lib/systemd/systemd-resolved",
	 "systemd-resolved"},
	{5432, TCP, LO, "postgresql@15-main.service", "/usr/lib/postgresql/15/bin/postgres",
	 "postgresql-15"},
	{5666, TCP, ANY, "nagios-nrpe-server.service", "/usr/sbin/nrpe", "nagios-nrpe-server"},
	{5672, TCP, ANY, "rabbitmq-server.service", BEAM, "erlang", "-m rabbit"},
	{6081, TCP, ANY, "varnish.service", "/usr/sbin/varnishd", "varnish"},
	{6082, TCP, LO, "varnish.service", "/usr/sbin/varnishd", "varnish"},
	{6379, TCP, LO, "redis-server.service", "/usr/bin/redis-check-rdb", "redis-tools"},
	{6600, TCP, LO, "mpd.service", "/usr/bin/mpd", "mpd"},
	{6667, TCP, ANY, "ngircd.service", "/usr/sbin/ngircd", "ngircd"},
	{6667, TCP, LO, "inspircd.service", "/usr/sbin/inspircd", "inspircd"},
	{8080, TCP, ANY, "tomcat10.service", JAVA, "java",
	 "org.apache.catalina.startup.Bootstrap"},
	{8086, TCP, ANY, "influxdb.service", "/usr/bin/influxd", "influxdb"},
	{8088, TCP, LO, "influxdb.service", "/usr/bin/influxd", "influxdb"},
	{8118, TCP, LO, "privoxy.service", "/usr/sbin/privoxy", "privoxy"},
	{8200, TCP, ANY, "minidlna.service", "/usr/sbin/minidlnad", "minidlna"},
	{8888, TCP, ANY, "tinyproxy.service", "/usr/bin/tinyproxy", "tinyproxy-bin"},
	{9050, TCP, LO, "tor@default.service", "/usr/bin/tor", "tor"},
	{9090, TCP, ANY, "prometheus.service", "/usr/bin/prometheus", "prometheus"},
	{9091, TCP, ANY, "transmission-daemon.service", "/usr/bin/transmission-daemon",
	 "transmission-daemon"},
	{9100, TCP, ANY, "prometheus-node-exporter.service", "/usr/bin/prometheus-node-exporter",
	 "prometheus-node-exporter"},
	{9101, TCP, LO, "bacula-director.service", "/usr/sbin/bacula-dir", "bacula-director"},
	{9102, TCP, LO, "bacula-fd.service", "/usr/sbin/bacula-fd", "bacula-fd"},
	{10050, TCP, ANY, "zabbix-agent.service", "/usr/sbin/zabbix_agentd", "zabbix-agent"},
	{11211, TCP, LO, "memcached.service", "/usr/bin/memcached", "memcached"},
	{25672, TCP, ANY, "rabbitmq-server.service", BEAM, "erlang", "-m rabbit"},
	{26379, TCP, ANY, "redis-sentinel.service", "/usr/bin/redis-check-rdb", "redis-tools"},
	{30000, UDP, ANY, "minetest-server.service", "/usr/lib/minetest/minetestserver",
	 "minetest-server"},
	{51413, TCP, ANY, "transmission-daemon.service", "/usr/bin/transmission-daemon",
	 "transmission-daemon"},
	{64738, TCP, ANY, "mumble-server.service", "/usr/sbin/murmurd", "mumble-server"},
};
/* clang-format on */

static struct address address_of(enum scope scope)
{
	struct address address = {.family = ADDRESS_IPV4};

	if (scope == LO)
		address = (struct address){.family = ADDRESS_IPV4, .bytes = {127, 0, 0, 1}};
	if (scope == HOST)
		address = (struct address){.family = ADDRESS_IPV4, .bytes = {192, 0, 2, 7}};
	return address;
}

static enum verdict_kind judge(const struct listener *l, enum scope scope, struct arena *arena,
			       struct verdict *verdict)
{
	static const struct surroundings around = {
		.ephemeral_first = 32768,
		.ephemeral_last = 60999,
		.viewer_uid = 1000,
		.can_ask_packages = true,
	};
	struct process process = {
		.pid = 4242,
		.executable = span_str(l->executable),
		.name = span_base(span_str(l->executable)),
		.unit = span_str(l->unit),
		.package = span_str(l->package),
		.package_answer = PACKAGE_OWNS,
	};
	struct owner owner = {.process = &process, .fd = 3};
	struct sighting sighting = {
		.transport = l->transport,
		.state = l->transport == TRANSPORT_UDP ? SOCKET_BOUND : SOCKET_LISTEN,
		.port = l->port,
		.local = address_of(scope),
		.owners = &owner,
		.n_owners = 1,
	};

	if (l->runtime) {
		process.runtime = span_str(l->runtime);
		process.script = span_str(l->script);
	}
	verdict_judge(NULL, NULL, &around, &sighting, arena, verdict);
	return verdict->kind;
}

int main(void)
{
	for (size_t i = 0; i < sizeof(listeners) / sizeof(listeners[0]); i++) {
		const struct listener *l = &listeners[i];
		struct arena arena = {0};
		struct verdict verdict;

		if (!ok(judge(l, l->scope, &arena, &verdict) == VERDICT_EXPECTED,
			"%u of %s is expected", l->port, l->unit))
			note("it is '%.*s', and %s: %.*s", SPAN_ARG(verdict.product->slug),
			     verdict.n_reasons ? verdict.reasons[0].rule->id : "no rule",
			     SPAN_ARG(verdict.n_reasons ? verdict.reasons[0].detail : verdict.who));
		if (l->scope == LO)
			ok(judge(l, ANY, &arena, &verdict) == VERDICT_LOOK,
			   "%u of %s on every interface needs a look", l->port, l->unit);
		arena_done(&arena);
	}
	return done();
}
