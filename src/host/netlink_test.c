/* SPDX-License-Identifier: Apache-2.0 */
/* netlink: requests byte by byte; answers whole, cut at every length, and with wrong bytes. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include "base/scope.h"
#include "host/netlink.h"
#include "tap.h"

enum { SEQUENCE = 7 };

struct answer {
	uint8_t bytes[1024];
	size_t n;
};

static void add(struct answer *a, const void *p, size_t n)
{
	memcpy(a->bytes + a->n, p, n);
	a->n = (a->n + n + 3) & ~(size_t)3;
}

/* One message: header, socket, and the attributes of an IPv6 listener. */
static void add_socket(struct answer *a, uint32_t sequence, uint16_t port, uint8_t family)
{
	struct inet_diag_msg m = {.idiag_family = family, .idiag_state = DIAG_LISTEN,
				  .idiag_rqueue = 2, .idiag_wqueue = 128, .idiag_uid = 33,
				  .idiag_inode = 4711, .id.idiag_sport = htons(port),
				  .id.idiag_cookie = {5, 1}, .id.idiag_if = 3};
	struct nlattr v6only = {.nla_len = 5, .nla_type = 11};
	struct nlattr group = {.nla_len = 12, .nla_type = 21};
	const uint64_t id = 0x123456789a;
	const uint8_t one[4] = {1};
	struct nlmsghdr header = {.nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_seq = sequence,
				  .nlmsg_len = sizeof(header) + sizeof(m) + 8 + 12};

	add(a, &header, sizeof(header));
	add(a, &m, sizeof(m));
	add(a, &v6only, sizeof(v6only));
	add(a, one, 1);
	add(a, &group, sizeof(group));
	add(a, &id, sizeof(id));
}

static void add_end(struct answer *a, uint16_t type, uint16_t flags, int32_t result)
{
	struct nlmsghdr header = {.nlmsg_type = type, .nlmsg_seq = SEQUENCE, .nlmsg_flags = flags,
				  .nlmsg_len = sizeof(header) + sizeof(result)};

	add(a, &header, sizeof(header));
	add(a, &result, sizeof(result));
}

struct seen {
	struct socket_row row;
	unsigned n;
	int result;
};

static int keep(void *arg, const struct socket_row *row)
{
	struct seen *seen = arg;

	seen->row = *row;
	seen->n++;
	return seen->result;
}

static const struct diag_ask whole = {.transport = TRANSPORT_TCP, .family = ADDRESS_IPV6,
				      .states = 1u << DIAG_LISTEN, .last = PORT_MAX};

static void test_requests(void)
{
	uint8_t bytes[DIAG_REQUEST_MAX];
	struct diag_ask ask = whole;
	struct inet_diag_req_v2 request;
	struct nlmsghdr header;

	is_int((int64_t)diag_request(bytes, &ask, SEQUENCE), 72, "a plain request has no attribute");
	memcpy(&request, bytes + 16, sizeof(request));
	ok(request.sdiag_protocol == 6 && request.sdiag_family == AF_INET6, "it names TCP over IPv6");
	ask.first = ask.last = 22;
	is_int((int64_t)diag_request(bytes, &ask, SEQUENCE), 72, "one port needs no attribute either");
	memcpy(&request, bytes + 16, sizeof(request));
	is_int(ntohs(request.id.idiag_sport), 22, "it is asked for by number");
	ask.last = 80;
	is_int((int64_t)diag_request(bytes, &ask, SEQUENCE), 92, "several add a filter of two tests");
	ask = whole;
	ask.family = ADDRESS_NONE;
	is_int((int64_t)diag_request(bytes, &ask, SEQUENCE), 76, "both families are the older request");
	memcpy(&header, bytes, sizeof(header));
	is_int(header.nlmsg_type, TCPDIAG_GETSOCK, "and it has the older name");
	ask = whole;
	ask.transport = TRANSPORT_MPTCP;
	is_int((int64_t)diag_request(bytes, &ask, SEQUENCE), 80, "MPTCP's number goes in an attribute");
	memcpy(&request, bytes + 16, sizeof(request));
	is_int(request.sdiag_protocol, IPPROTO_RAW, "and the byte says so");
}

static void test_rows(void)
{
	struct answer a = {0};
	struct seen seen = {0};

	add_socket(&a, SEQUENCE, 8080, AF_INET6);
	is_int(diag_read(span_of(a.bytes, a.n), &whole, SEQUENCE, keep, &seen), DIAG_MORE,
	       "a socket, and more to come");
	ok(seen.n == 1 && seen.row.port == 8080 && seen.row.uid == 33 && seen.row.inode == 4711 &&
		   seen.row.cookie == 0x100000005 && seen.row.state == SOCKET_LISTEN &&
		   seen.row.backlog == 128 && seen.row.queued == 2 && seen.row.is_v6only &&
		   seen.row.cgroup_id == 0x123456789a && seen.row.local.interface == 3 &&
		   seen.row.local.family == ADDRESS_IPV6,
	   "all of its facts are read");
	seen.n = 0;
	is_int(diag_read(span_of(a.bytes, a.n), &whole, SEQUENCE + 1, keep, &seen), DIAG_MORE,
	       "another sequence is read past");
	is_int(seen.n, 0, "and nothing is taken from it");

	struct diag_ask other = whole;

	other.first = other.last = 22;
	diag_read(span_of(a.bytes, a.n), &other, SEQUENCE, keep, &seen);
	is_int(seen.n, 0, "a port that was not asked for is left out");
	seen.result = -ENOMEM;
	is_int(diag_read(span_of(a.bytes, a.n), &whole, SEQUENCE, keep, &seen), -ENOMEM,
	       "who receives may end it");
}

static void test_ends(void)
{
	static const struct {
		const char *name;
		uint16_t type, flags;
		int32_t result;
		int want;
	} ends[] = {
		{"the end of a dump", NLMSG_DONE, 0, 0, DIAG_DONE},
		{"the end of a torn dump", NLMSG_DONE, NLM_F_DUMP_INTR, 0, DIAG_TORN},
		{"a dump that failed at its end", NLMSG_DONE, 0, -ENOENT, -ENOENT},
		{"an error", NLMSG_ERROR, 0, -EPERM, -EPERM},
		{"an error that is none", NLMSG_ERROR, 0, 0, -EBADMSG},
		{"an error of a wrong sign", NLMSG_ERROR, 0, 5, -EBADMSG},
		{"a message of a kind we do not know", 99, 0, 0, DIAG_MORE},
	};

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct answer a = {0};
		struct seen seen = {0};

		add_end(&a, ends[i].type, ends[i].flags, ends[i].result);
		is_int(diag_read(span_of(a.bytes, a.n), &whole, SEQUENCE, keep, &seen), ends[i].want,
		       ends[i].name);
	}
}

static void test_broken(void)
{
	struct answer a = {0};
	unsigned n_wrong = 0;

	add_socket(&a, SEQUENCE, 1, AF_INET);
	add_socket(&a, SEQUENCE, 2, AF_INET6);
	add_end(&a, NLMSG_DONE, 0, 0);
	for (size_t n = 0; n < a.n; n++) {
		uint8_t *cut = malloc(n + 1); /* so that a reader past the end is caught */
		struct seen seen = {0};

		memcpy(cut, a.bytes, n);
		int r = diag_read(span_of(cut, n), &whole, SEQUENCE, keep, &seen);

		n_wrong += r == DIAG_DONE || (r < 0 && r != -EBADMSG);
		free(cut);
	}
	is_int(n_wrong, 0, "no beginning of an answer passes for the whole");
	for (size_t i = 0; i < 16 + sizeof(struct inet_diag_msg) + 20; i++) {
		for (int value = 0; value < 256; value += 51) {
			struct answer broken = a;
			struct seen seen = {0};

			broken.bytes[i] = (uint8_t)value;
			(void)!diag_read(span_of(broken.bytes, broken.n), &whole, SEQUENCE, keep, &seen);
			n_wrong += seen.n > 2;
		}
	}
	is_int(n_wrong, 0, "a wrong byte anywhere makes no socket");
}

int main(void)
{
	test_requests();
	test_rows();
	test_ends();
	test_broken();
	return done();
}
