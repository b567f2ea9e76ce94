/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netlink: one dump of one kind of sockets. See netlink.h.
 *
 * The protocol is small enough to be spoken without a library: a dump is one request and datagrams
 * of messages, read here like any foreign bytes, although they come from the kernel: lengths are
 * checked before a field is looked at, and headers are copied out, never cast.
 *
 * One port is asked for by number, several by a filter program of two tests (source port at least,
 * at most) that the kernel runs. MPTCP's number does not fit in the request's byte and goes in an
 * attribute (5.9). TCP of both families at once is the older request (TCPDIAG_GETSOCK), for which
 * the kernel walks its tables once instead of twice.
 *
 * An answer may be made in pieces, and sockets may be missed between two of them. The first piece
 * holds at least FIRST_PIECE bytes (NLMSG_GOODSIZE of the smallest page); an answer that leaves room
 * in it was made by one walk.
 */
#include "host/netlink.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/scope.h"

enum {
	REQ_BYTECODE = 1, /* names of enumerators in inet_diag.h, which old headers lack */
	REQ_PROTOCOL = 3,
	ATTR_SKV6ONLY = 11,
	ATTR_CGROUP_ID = 21,
	ATTR_LOCALS = 12, /* SCTP: its addresses, as struct sockaddr_storage */
	ANSWER_TIMEOUT_S = 10,
	FIRST_PIECE = 3 << 10,	     /* the kernel's 3,776 bytes less the longest row */
	DONE_MAX = NLMSG_HDRLEN + 16,
};

struct out {
	uint8_t *bytes;
	size_t n;
};

static void put(struct out *out, const void *p, size_t n)
{
	memcpy(out->bytes + out->n, p, n);
	out->n += n;
}

static void put_attribute(struct out *out, uint16_t type, const void *p, size_t n)
{
	struct nlattr attribute = {.nla_len = (uint16_t)(NLA_HDRLEN + n), .nla_type = type};

	put(out, &attribute, sizeof(attribute));
	put(out, p, n); /* n is a multiple of four */
}

static void put_ports(struct out *out, uint16_t first, uint16_t last)
{
	/* yes and no are the bytes to skip; beyond the end by four means "not this one" */
	const struct inet_diag_bc_op program[] = {
		{.code = INET_DIAG_BC_S_GE, .yes = 8, .no = 20}, {.no = first},
		{.code = INET_DIAG_BC_S_LE, .yes = 8, .no = 12}, {.no = last},
	};

	put_attribute(out, REQ_BYTECODE, program, sizeof(program));
}

static void put_request(struct out *out, const struct diag_ask *ask, uint32_t number)
{
	const struct inet_diag_sockid id = {
		.idiag_sport = ask->first == ask->last ? htons(ask->first) : 0,
		.idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE},
	};

	if (ask->family == ADDRESS_NONE) {
		const struct inet_diag_req both = {.id = id, .idiag_states = ask->states};

		put(out, &both, sizeof(both));
		return;
	}

	const struct inet_diag_req_v2 request = {
		.sdiag_family = ask->family == ADDRESS_IPV6 ? AF_INET6 : AF_INET,
		.sdiag_protocol = number > UINT8_MAX ? IPPROTO_RAW : (uint8_t)number,
		.idiag_states = ask->states,
		.id = id,
	};

	put(out, &request, sizeof(request));
	if (number > UINT8_MAX)
		put_attribute(out, REQ_PROTOCOL, &number, sizeof(number));
}

size_t diag_request(uint8_t bytes[DIAG_REQUEST_MAX], const struct diag_ask *ask, uint32_t sequence)
{
	struct nlmsghdr header = {.nlmsg_type = ask->family == ADDRESS_NONE ? TCPDIAG_GETSOCK
									    : SOCK_DIAG_BY_FAMILY,
				  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
				  .nlmsg_seq = sequence};
	struct out out = {.bytes = bytes, .n = sizeof(header)};

	put_request(&out, ask, (uint32_t)transport_number(ask->transport));
	if (ask->first != ask->last && (ask->first > 0 || ask->last < PORT_MAX))
		put_ports(&out, ask->first, ask->last);
	header.nlmsg_len = (uint32_t)out.n;
	memcpy(bytes, &header, sizeof(header));
	return out.n;
}

/* Copies a structure off the front. */
static bool take(struct span *s, void *p, size_t n)
{
	struct span piece;

	if (!take_span(s, n, &piece))
		return false;
	memcpy(p, piece.p, n);
	return true;
}

/* A message or an attribute with its padding: `whole` is its length, header included. */
static bool take_body(struct span *s, size_t whole, size_t header, struct span *body)
{
	size_t n = whole - header;

	if (whole < header || !take_span(s, n, body))
		return false;
	*s = span_skip(*s, (4 - n % 4) % 4);
	return true;
}

static struct address address_at(uint8_t family, const void *bytes, uint32_t interface)
{
	struct address address = family == AF_INET6 ? address_ipv6(bytes) : address_ipv4(bytes);

	address.interface = interface;
	return address;
}

/* SCTP endpoints list all their addresses here, and none in the message's own field. */
static void read_locals(struct span body, struct socket_row *row)
{
	struct sockaddr_storage first;

	if (!address_is_any(&row->local) || !take(&body, &first, sizeof(first)))
		return;
	if (first.ss_family == AF_INET)
		row->local = address_at(AF_INET, (const uint8_t *)&first +
						offsetof(struct sockaddr_in, sin_addr),
					row->local.interface);
	else if (first.ss_family == AF_INET6)
		row->local = address_at(AF_INET6, (const uint8_t *)&first +
						offsetof(struct sockaddr_in6, sin6_addr),
					row->local.interface);
}

static bool read_attributes(struct span s, struct socket_row *row)
{
	struct nlattr attribute;
	struct span body;

	while (s.n) {
		if (!take(&s, &attribute, sizeof(attribute)) ||
		    !take_body(&s, attribute.nla_len, NLA_HDRLEN, &body))
			return false;
		switch (attribute.nla_type & NLA_TYPE_MASK) {
		case ATTR_SKV6ONLY:
			row->is_v6only = body.n && body.p[0];
			break;
		case ATTR_CGROUP_ID:
			if (!take(&body, &row->cgroup_id, sizeof(row->cgroup_id)))
				return false;
			break;
		case ATTR_LOCALS:
			read_locals(body, row);
			break;
		default:
			break;
		}
	}
	return true;
}

/* A connection in TIME_WAIT, or one that closes by itself after its program has let go of it. */
static bool is_left_over(const struct inet_diag_msg *m)
{
	switch (m->idiag_state) {
	case DIAG_TIME_WAIT: return true;
	case DIAG_FIN_WAIT_1:
	case DIAG_FIN_WAIT_2:
	case DIAG_LAST_ACK:
	case DIAG_CLOSING: return m->idiag_inode == 0;
	default: return false;
	}
}

static bool read_socket(struct span s, enum transport transport, struct socket_row *row)
{
	struct inet_diag_msg m;

	if (!take(&s, &m, sizeof(m)) ||
	    (m.idiag_family != AF_INET && m.idiag_family != AF_INET6))
		return false;
	*row = (struct socket_row){
		.cookie = (uint64_t)m.id.idiag_cookie[1] << 32 | m.id.idiag_cookie[0],
		.inode = m.idiag_inode,
		.local = address_at(m.idiag_family, m.id.idiag_src, m.id.idiag_if),
		.uid = m.idiag_uid,
		.queued = m.idiag_rqueue,
		.port = ntohs(m.id.idiag_sport),
		.transport = (uint8_t)transport,
	};
	if (m.idiag_state == DIAG_LISTEN) {
		row->state = SOCKET_LISTEN;
		row->backlog = m.idiag_wqueue;
	} else if (m.idiag_state == DIAG_CLOSE || m.idiag_state == DIAG_BOUND_INACTIVE) {
		/* What waits without listening; TCP that is only bound is told as closed. */
		row->state = transport == TRANSPORT_UDP || transport == TRANSPORT_UDPLITE ? SOCKET_BOUND
											   : SOCKET_IDLE;
	} else {
		row->state = is_left_over(&m) ? SOCKET_WAITING : SOCKET_PEER;
		row->remote = address_at(m.idiag_family, m.id.idiag_dst, m.id.idiag_if);
		row->remote_port = ntohs(m.id.idiag_dport);
	}
	return read_attributes(s, row);
}

static int read_error(struct span body)
{
	int32_t error;

	if (!take(&body, &error, sizeof(error)) || error > 0)
		return -EBADMSG;
	return error ? error : -EBADMSG; /* a success is no answer to a dump */
}

static int end_of_dump(struct span body)
{
	int32_t result = 0;

	if (body.n && !take(&body, &result, sizeof(result)))
		return -EBADMSG;
	return result < 0 ? result : DIAG_DONE;
}

int diag_read(struct span bytes, const struct diag_ask *ask, uint32_t sequence, diag_row_fn *fn,
	      void *arg)
{
	struct nlmsghdr header;
	struct span body;
	bool is_torn = false;

	while (bytes.n) {
		struct socket_row row;
		int r;

		if (!take(&bytes, &header, sizeof(header)) ||
		    !take_body(&bytes, header.nlmsg_len, NLMSG_HDRLEN, &body))
			return -EBADMSG;
		if (header.nlmsg_seq != sequence)
			continue;
		is_torn |= header.nlmsg_flags & NLM_F_DUMP_INTR;
		if (header.nlmsg_type == NLMSG_ERROR)
			return read_error(body);
		if (header.nlmsg_type == NLMSG_DONE) {
			r = end_of_dump(body);
			return r == DIAG_DONE && is_torn ? DIAG_TORN : r;
		}
		if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY &&
		    header.nlmsg_type != TCPDIAG_GETSOCK)
			continue;
		if (!read_socket(body, ask->transport, &row))
			return -EBADMSG;
		if (row.port < ask->first || row.port > ask->last || row.port == 0)
			continue;
		r = fn(arg, &row);
		if (r < 0)
			return r;
	}
	return is_torn ? DIAG_TORN : DIAG_MORE;
}

int diag_open(void)
{
	const struct timeval limit = {.tv_sec = ANSWER_TIMEOUT_S};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd;
}

static int ask_kernel(int fd, const struct diag_ask *ask, uint32_t sequence)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	uint8_t bytes[DIAG_REQUEST_MAX];
	size_t n = diag_request(bytes, ask, sequence);
	ssize_t sent;

	do
		sent = sendto(fd, bytes, n, 0, (const struct sockaddr *)&kernel, sizeof(kernel));
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

/* One datagram of the kernel's. -EAGAIN: something was lost. */
static int receive(int fd, uint8_t *bytes, size_t *n)
{
	struct sockaddr_nl sender = {0};
	struct iovec piece = {.iov_base = bytes, .iov_len = DIAG_ANSWER_MAX};
	struct msghdr message = {.msg_name = &sender, .msg_namelen = sizeof(sender),
				 .msg_iov = &piece, .msg_iovlen = 1};
	ssize_t got;

	do
		got = recvmsg(fd, &message, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == ENOBUFS ? -EAGAIN : errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (message.msg_flags & MSG_TRUNC)
		return -EAGAIN;
	*n = sender.nl_pid == 0 ? (size_t)got : 0; /* others may write to us: not listened to */
	return 0;
}

/* A dump that we leave early goes on in the kernel: reading it out makes room for the next. */
static void drain(int fd)
{
	uint8_t byte;

	while (recv(fd, &byte, sizeof(byte), MSG_DONTWAIT | MSG_TRUNC) >= 0)
		;
}

int diag_dump(int fd, const struct diag_ask *ask, diag_row_fn *row, void *arg)
{
	auto_free uint8_t *bytes = malloc(DIAG_ANSWER_MAX);
	struct timeval now;
	uint32_t sequence;
	bool is_torn = false;
	bool is_whole = true;
	int r;

	if (!bytes)
		return -ENOMEM;
	gettimeofday(&now, NULL);
	sequence = (uint32_t)(now.tv_sec * 1000000 + now.tv_usec);
	r = ask_kernel(fd, ask, sequence);
	if (r < 0)
		return r;
	for (size_t n_received = 0, n = 0; r == DIAG_MORE; n_received += n) {
		n = 0;
		r = receive(fd, bytes, &n);
		is_whole &= n_received == 0 ? n <= FIRST_PIECE : n <= DONE_MAX;
		if (r == 0)
			r = diag_read(span_of(bytes, n), ask, sequence, row, arg);
		is_torn |= r == DIAG_TORN;
		if (r == DIAG_TORN)
			r = DIAG_MORE;
	}
	if (r < 0)
		drain(fd);
	return r < 0 ? r : is_torn ? -EAGAIN : is_whole;
}
