/* SPDX-License-Identifier: Apache-2.0 */
/* events: messages of closed sockets, as recorded and damaged; and the real groups of this host. */
#include "host/events.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/scope.h"
#include "tap.h"

enum { SAMPLE_MAX = 4096, PATIENCE = 300 };

struct heard {
	size_t n;
	struct host_event last;
	uint16_t awaited;
	bool is_there;
};

static void hear(void *arg, const struct host_event *event)
{
	struct heard *heard = arg;

	heard->n++;
	heard->last = *event;
	heard->is_there |= heard->awaited && event->port == heard->awaited;
}

static size_t read_sample(const char *name, uint8_t bytes[SAMPLE_MAX])
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/test/data/fuzz/events/%s", source_dir(), name);

	auto_fclose FILE *f = fopen(path, "rb");

	return f ? fread(bytes, 1, SAMPLE_MAX, f) : 0;
}

static void test_samples(void)
{
	static const struct {
		const char *name, *file;
		size_t n;
		enum transport transport;
		const char *address;
		uint16_t port;
	} cases[] = {
		{"a closed UDP socket", "udp4", 1, TRANSPORT_UDP, "127.0.0.1", 7001},
		{"one over IPv6", "udp6", 1, TRANSPORT_UDP, "::1", 7002},
		{"a closed TCP listener", "tcp4", 1, TRANSPORT_TCP, "127.0.0.1", 7003},
		{"a closed connection is none", "connected", 0, TRANSPORT_ANY, "", 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t bytes[SAMPLE_MAX];
		char text[ADDRESS_TEXT];
		struct heard heard = {0};
		size_t n = read_sample(cases[i].file, bytes);
		size_t n_taken = 0;

		ok(n > 0 && events_netlink_parse(span_of(bytes, n), hear, &heard), "%s: understood",
		   cases[i].name);
		is_int((int64_t)heard.n, (int64_t)cases[i].n, "its events");
		if (cases[i].n) {
			ok(heard.last.is_closed && heard.last.transport == cases[i].transport &&
				   heard.last.port == cases[i].port,
			   "transport and port");
			is_str(address_text(&heard.last.local, text), cases[i].address, "address");
		}
		for (size_t cut = 1; cut < n; cut++)
			n_taken += events_netlink_parse(span_of(bytes, cut), hear, &heard);
		is_int((int64_t)n_taken, 0, "cut anywhere, it is refused");
	}
}

/* A UDP socket is opened and closed until its end is heard: the kernel tells it a little later. */
static void test_live(void)
{
	auto_close int fd = events_netlink_open(false);
	struct heard heard = {0};
	uint64_t n_lost = 0;
	int r = 0;

	if (fd < 0) {
		skip(1, "this host does not tell of closed sockets");
		return;
	}
	for (int i = 0; i < PATIENCE && r == 0 && !heard.is_there; i++) {
		struct sockaddr_in name = {.sin_family = AF_INET,
					   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		socklen_t size = sizeof(name);
		int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		struct timeval limit = {.tv_usec = 20000};

		if (bind(udp, (struct sockaddr *)&name, size) == 0 &&
		    getsockname(udp, (struct sockaddr *)&name, &size) == 0 && !heard.awaited)
			heard.awaited = ntohs(name.sin_port);
		close(udp);
		select(0, NULL, NULL, NULL, &limit);
		r = events_netlink_read(fd, hear, &heard, &n_lost);
	}
	ok(heard.is_there || n_lost, "a socket's end is heard, or its loss");
}

int main(void)
{
	test_samples();
	test_live();
	return done();
}
