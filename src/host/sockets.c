/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sockets: all sockets of this network namespace, by NETLINK_SOCK_DIAG.
 *
 * One dump may miss a socket that was there throughout, and may show one twice: the kernel walks
 * its hash in pieces while others bind and close, and never says so (inet_diag does not set
 * NLM_F_DUMP_INTR). A dump of TCP or UDP that was made in one piece is whole: the kernel holds each
 * chain of its hash while it walks it. In pieces, every kind of socket is dumped until two passes in
 * a row saw the same cookies, at most MAX_PASSES times, and the table is the union of all passes.
 * Kinds that do not come to rest make the listing torn. Where another witness looks after us
 * (has_witness) one pass is enough: what it sees and we do not has everything asked again. What left
 * the table meanwhile is found when nobody owns it (recheck). Connections are dumped once: they may
 * come and go; the witness sees those that a process holds.
 *
 * A kernel without a transport (SCTP, MPTCP) answers -ENOENT: then there are none of them.
 */
#include "host/survey.h"

#include <errno.h>
#include <sys/utsname.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/namespaces.h"
#include "host/netlink.h"
#include "host/portless.h"
#include "host/proc.h"

enum { MAX_PASSES = 5, MAX_RESTARTS = 20, PROTOCOLS_SIZE = 16 << 10 };

static const enum transport kinds[] = {TRANSPORT_TCP,  TRANSPORT_UDP,  TRANSPORT_UDPLITE,
				       TRANSPORT_SCTP, TRANSPORT_DCCP, TRANSPORT_MPTCP};
static const enum address_family families[] = {ADDRESS_IPV4, ADDRESS_IPV6};

/* What one pass saw, whatever the order: equal sums are equal sets. */
struct pass_sum {
	size_t n;
	uint64_t sum;
};

struct pass {
	struct survey *survey;
	uint64_t net_namespace;
	uint8_t number; /* counted from 1 */
	bool is_recheck; /* marks what is there, adds nothing */
	struct pass_sum seen;
};

static bool is_connectionless(enum transport transport)
{
	return transport == TRANSPORT_UDP || transport == TRANSPORT_UDPLITE;
}

static uint64_t mix(uint64_t v)
{
	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9u;
	v = (v ^ v >> 27) * 0x94d049bb133111ebu;
	return v ^ v >> 31;
}

static int keep(void *arg, const struct socket_row *seen)
{
	struct pass *pass = arg;
	struct survey *survey = pass->survey;
	size_t n_before = survey->sockets.n;
	struct socket_row *row;

	row = socket_table_add(&survey->sockets, seen->cookie, seen->inode, pass->net_namespace);
	if (!row)
		return -ENOMEM;
	if (pass->is_recheck && survey->sockets.n > n_before) {
		row->is_dropped = true; /* opened after the walk: not part of this listing */
		return 0;
	}
	if (row->pass == pass->number)
		return 0;
	pass->seen.n++;
	pass->seen.sum += mix(seen->cookie);
	if (pass->is_recheck) {
		row->pass = pass->number;
		return 0;
	}
	*row = *seen;
	row->net_namespace = pass->net_namespace;
	row->is_elsewhere = pass->net_namespace != survey->net_namespace;
	row->pass = pass->number;
	return 0;
}

/* One dump to its end, as diag_dump; started again while the kernel says that something was lost. */
static int dump(int fd, const struct diag_ask *ask, struct pass *pass)
{
	int r = -EAGAIN;

	for (int i = 0; i < MAX_RESTARTS && r == -EAGAIN; i++) {
		pass->seen = (struct pass_sum){0};
		pass->number++;
		r = diag_dump(fd, ask, keep, pass);
	}
	return r;
}

/* Kinds whose chains the kernel holds while it walks them (tcp_diag.c, udp_diag.c). */
static bool is_held(const struct diag_ask *ask)
{
	return ask->transport == TRANSPORT_TCP || is_connectionless(ask->transport);
}

/* 0, 1 when the passes did not agree, or a negative errno. */
static int dump_until_agreed(int fd, const struct diag_ask *ask, struct pass *pass)
{
	struct pass_sum before = {.n = SIZE_MAX};

	for (int i = 0; i < MAX_PASSES; i++) {
		int r = dump(fd, ask, pass);

		if (r < 0)
			return r == -EAGAIN ? 1 : r;
		if (pass->survey->has_witness || (r > 0 && is_held(ask)))
			return 0;
		if (pass->seen.n == before.n && pass->seen.sum == before.sum)
			return 0;
		before = pass->seen;
	}
	return 1;
}

/* Sockets that a protocol has in this namespace, by /proc/net/protocols, where names begin with one
 * of two words; -1 when it names neither. */
static int64_t count_sockets(struct span protocols, const char *const names[2])
{
	int64_t n = -1;
	struct span line;

	while (take_line(&protocols, &line)) {
		struct span cell[3]; /* name, size of one, sockets */
		uint64_t value;
		size_t k = 0;

		while (k < ARRAY_LEN(cell) && take_word(&line, &cell[k]))
			k++;
		if (k == ARRAY_LEN(cell) &&
		    (span_starts(cell[0], names[0]) || span_starts(cell[0], names[1])) &&
		    span_u64(cell[2], INT32_MAX, &value))
			n = (n < 0 ? 0 : n) + (int64_t)value;
	}
	return n;
}

/* MPTCP sockets are counted since Linux 6.2. */
static bool counts_mptcp(void)
{
	struct utsname kernel;
	struct span release;
	struct span part[2];
	uint64_t number[2];

	if (uname(&kernel) < 0)
		return false;
	release = span_str(kernel.release);
	return take_until(&release, '.', &part[0]) && take_until(&release, '.', &part[1]) &&
	       span_u64(part[0], UINT16_MAX, &number[0]) &&
	       span_u64(part[1], UINT16_MAX, &number[1]) &&
	       (number[0] > 6 || (number[0] == 6 && number[1] >= 2));
}

/* Whether there may be sockets of that transport. Asking costs: a dump of MPTCP takes as long as
 * all others together, and for a missing transport the kernel looks for a module each time. */
static bool may_have(enum transport transport, struct span protocols)
{
	static const char *const names[N_TRANSPORTS][2] = {
		[TRANSPORT_UDPLITE] = {"UDP-Lite", "UDPLITE"},
		[TRANSPORT_SCTP] = {"SCTP", "SCTPv6"},
		[TRANSPORT_DCCP] = {"DCCP", "DCCPv6"},
		[TRANSPORT_MPTCP] = {"MPTCP", "MPTCPv6"},
	};
	int64_t n;

	if (!names[transport][0] || !protocols.n)
		return true;
	n = count_sockets(protocols, names[transport]);
	if (transport == TRANSPORT_MPTCP && n == 0 && !counts_mptcp())
		return true;
	return n > 0;
}

/* Every kernel that we know answers for TCP and UDP over IPv4; the others may be missing. */
static bool may_be_missing(const struct diag_ask *ask, int error)
{
	if (ask->family == ADDRESS_IPV4 &&
	    (ask->transport == TRANSPORT_TCP || ask->transport == TRANSPORT_UDP))
		return false;
	return error == -ENOENT || error == -EOPNOTSUPP || error == -EPROTONOSUPPORT ||
	       error == -EINVAL || error == -EAFNOSUPPORT;
}

static int dump_kind(struct survey *survey, int fd, struct diag_ask *ask, uint64_t net_namespace)
{
	struct pass pass = {.survey = survey, .net_namespace = net_namespace};
	int r;

	ask->states = is_connectionless(ask->transport) ? 1u << DIAG_CLOSE : 1u << DIAG_LISTEN;
	r = dump_until_agreed(fd, ask, &pass);
	if (r < 0)
		return r;
	survey->listing->is_torn |= r == 1;
	if ((survey->query->peers && !survey->has_witness) || survey->query->holders) {
		ask->states = survey->query->holders && !is_connectionless(ask->transport)
				      ? ~(1u << DIAG_LISTEN | 1u << DIAG_CLOSE)
				      : 1u << DIAG_ESTABLISHED;
		r = dump(fd, ask, &pass);
		survey->listing->is_torn |= r == -EAGAIN;
	}
	return r < 0 && r != -EAGAIN ? r : 0;
}

/* TCP of both families by one walk of the kernel; -EOPNOTSUPP where it must be asked for each. */
static int dump_both(struct survey *survey, int fd, uint64_t net_namespace)
{
	struct diag_ask ask = {.transport = TRANSPORT_TCP, .family = ADDRESS_NONE,
			       .first = survey->query->first, .last = survey->query->last};
	int r = dump_kind(survey, fd, &ask, net_namespace);

	return r < 0 && r != -ENOMEM ? -EOPNOTSUPP : r;
}

static int dump_transport(struct survey *survey, int fd, enum transport transport,
			  uint64_t net_namespace)
{
	int r = transport == TRANSPORT_TCP ? dump_both(survey, fd, net_namespace) : -EOPNOTSUPP;

	for (size_t f = 0; r == -EOPNOTSUPP && f < ARRAY_LEN(families); f++) {
		struct diag_ask ask = {.transport = transport, .family = families[f],
				       .first = survey->query->first, .last = survey->query->last};
		int one = dump_kind(survey, fd, &ask, net_namespace);

		if (one < 0 && !may_be_missing(&ask, one))
			return one;
	}
	return r == -EOPNOTSUPP ? 0 : r;
}

/* The namespace that this thread is in. */
static int dump_namespace(struct survey *survey, uint64_t net_namespace)
{
	auto_close int fd = diag_open();
	uint8_t text[PROTOCOLS_SIZE];
	ssize_t n;

	if (fd < 0)
		return fd;
	n = proc_read(-1, "/proc/thread-self/net/protocols", text, sizeof(text));

	struct span protocols = span_of(text, n > 0 ? (size_t)n : 0);

	survey->is_tcp_and_udp = protocols.n > 0;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		int r = 0;

		if (!query_wants(survey->query, kinds[k]) || !may_have(kinds[k], protocols))
			continue;
		if (kinds[k] != TRANSPORT_TCP && kinds[k] != TRANSPORT_UDP)
			survey->is_tcp_and_udp = false;
		r = dump_transport(survey, fd, kinds[k], net_namespace);
		if (r < 0)
			return r;
	}
	return portless_fill(survey, net_namespace);
}

/* An MPTCP listener stands in two tables of the kernel with one inode: the TCP row is its first
 * subflow. It is one listener, and shown as the MPTCP one. */
static int drop_twins(struct survey *survey)
{
	struct socket_table *table = &survey->sockets;
	bool has_mptcp = false;

	for (size_t i = 0; i < table->n && !has_mptcp; i++)
		has_mptcp = table->rows[i].transport == TRANSPORT_MPTCP;
	if (!has_mptcp)
		return 0;
	for (size_t i = 0; i < table->n; i++)
		table->rows[i].is_dropped = table->rows[i].transport != TRANSPORT_MPTCP;

	int r = socket_table_index(table); /* of the MPTCP rows alone */

	for (size_t i = 0; i < table->n && r == 0; i++) {
		struct socket_row *row = &table->rows[i];

		row->is_dropped = row->transport == TRANSPORT_TCP && row->inode &&
				  socket_table_find_inode(table, row->inode) != NOT_FOUND;
	}
	return r;
}

static int dump_elsewhere(void *arg, uint64_t net_namespace)
{
	struct survey *survey = arg;
	int r = dump_namespace(survey, net_namespace);

	if (r == -ENOMEM)
		return r;
	/* A namespace that went away is no failure; one that could not be asked is. */
	survey->n_failed += r == -EMFILE || r == -ENFILE || r == -ENOBUFS || r == -ETIMEDOUT;
	return 0;
}

static int fill(struct survey *survey, struct why *why)
{
	int r = dump_namespace(survey, survey->net_namespace);

	if (r < 0) {
		errno = -r;
		return why_errno(why, _("cannot ask the kernel for its sockets"));
	}
	if (survey->query->namespaces) {
		r = namespaces_each(survey, dump_elsewhere, survey);
		if (r < 0) {
			errno = -r;
			return why_errno(why, _("cannot enter other network namespaces"));
		}
	}
	r = drop_twins(survey);
	return r < 0 ? why_set(why, -r, _("out of memory")) : 0;
}

/* Nobody owns it, and it was not seen again yet. */
static bool is_doubtful(const struct socket_row *row, enum transport transport,
			enum address_family family)
{
	return row->transport == transport && row->local.family == family && !row->pass &&
	       !row->n_owners && !row->is_dropped && !row->is_elsewhere;
}

static size_t count_doubtful(const struct socket_table *table, enum transport transport,
			     enum address_family family)
{
	size_t n = 0;

	for (size_t i = 0; i < table->n; i++)
		n += is_doubtful(&table->rows[i], transport, family);
	return n;
}

/* Sees once more which sockets of one kind are there. */
static void recheck_kind(struct survey *survey, int fd, enum transport transport,
			 enum address_family family)
{
	struct socket_table *table = &survey->sockets;
	struct pass pass = {.survey = survey, .net_namespace = survey->net_namespace,
			    .is_recheck = true};
	struct diag_ask ask = {.transport = transport, .family = family,
			       .states = 1u << DIAG_CLOSE | 1u << DIAG_LISTEN,
			       .first = survey->query->first, .last = survey->query->last};

	for (size_t i = 0; i < table->n; i++) {
		table->rows[i].pass = 0;
		if (!socket_state_waits((enum socket_state)table->rows[i].state))
			ask.states = ~0u;
	}
	/* One dump alone may miss what is there. */
	for (int i = 0; i < 2 && count_doubtful(table, transport, family); i++)
		if (dump(fd, &ask, &pass) < 0)
			return;
	for (size_t i = 0; i < table->n; i++)
		if (is_doubtful(&table->rows[i], transport, family))
			table->rows[i].is_dropped = true;
}

static void recheck(struct survey *survey)
{
	auto_close int fd = diag_open();

	for (size_t k = 0; fd >= 0 && k < ARRAY_LEN(kinds); k++)
		for (size_t f = 0; f < ARRAY_LEN(families); f++)
			recheck_kind(survey, fd, kinds[k], families[f]);
}

static int find_inode(void *arg, const struct socket_row *seen)
{
	uint64_t *wanted = arg;

	if (seen->inode == *wanted)
		*wanted = 0;
	return 0;
}

bool socket_is_unlisted(const struct socket_row *row)
{
	enum { ASKED = 2 };
	auto_close int fd = diag_open();
	struct diag_ask ask = {
		.transport = (enum transport)row->transport,
		.family = row->local.family,
		.states = is_connectionless((enum transport)row->transport) ? 1u << DIAG_CLOSE
									   : 1u << DIAG_LISTEN,
		.first = row->port,
		.last = row->port,
	};

	for (int i = 0; i < ASKED; i++) {
		uint64_t inode = row->inode;

		if (fd < 0 || diag_dump(fd, &ask, find_inode, &inode) < 0 || !inode)
			return false;
	}
	return true;
}

const struct socket_source socket_source_diag = {
	.name = "sock_diag",
	.fill = fill,
	.recheck = recheck,
};
