/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk_tls: a connection through TLS. The connection itself is talk_tcp's.
 *
 * What goes over the wire is counted against the budget of the port, not what comes out of it: a
 * handshake without end, or records that hold nothing, end the talk like any other flood. The bytes
 * of our handshake are steps of the result as all that is said; what is said inside is told as it
 * was before it was sealed.
 */
#include <errno.h>

#include "scan/talk.h"
#include "scan/tls.h"

enum { PIECE = 4096 };

static void count(struct talk *talk, size_t n)
{
	talk->n_raw += (uint32_t)n;
	if (!talk->is_shaken)
		talk->result.n_heard += (uint32_t)n;
}

/* Sends what the library wants to say. A few hundred bytes: a socket that has no room for them is
 * not worth waiting for. */
static int flush(struct talk *talk, bool is_logged)
{
	uint8_t bytes[PIECE];
	size_t n;

	while ((n = tls_drain(talk->tls, bytes, sizeof(bytes))) > 0) {
		ssize_t sent = talk_tcp.say(talk, bytes, n);

		if (sent != (ssize_t)n)
			return -EPIPE;
		if (is_logged)
			talk_log_handshake(talk, span_of(bytes, n));
	}
	return 0;
}

/* 1: something came; 0: the peer has ended; or a negative errno. */
static ssize_t fetch(struct talk *talk)
{
	uint8_t bytes[PIECE];
	ssize_t n;

	if (talk->n_raw >= TALK_TARGET_MAX)
		return -EMSGSIZE;
	n = talk_tcp.hear(talk, bytes, sizeof(bytes));
	if (n <= 0)
		return n;
	count(talk, (size_t)n);
	return tls_feed(talk->tls, bytes, (size_t)n) ? 1 : -ENOMEM;
}

static int open_tls(struct talk *talk)
{
	const struct proto *proto = talk->asking.proto;

	talk->is_shaken = false;
	talk->tls = tls_new(talk->shop->tls, talk->target->host, proto ? proto->alpn : NULL);
	return talk->tls ? talk_tcp.open(talk) : -ENOMEM;
}

/* -EAGAIN until the handshake is done. */
static int opened(struct talk *talk)
{
	int r = talk->events & POLLOUT ? talk_tcp.opened(talk) : 0;

	while (r == 0 && !talk->is_shaken) {
		int shaken = tls_shake(talk->tls);

		r = flush(talk, true);
		talk->is_shaken = shaken == 0;
		if (shaken == 0 || r < 0)
			break;
		if (shaken != -EAGAIN)
			return shaken;
		talk->events = POLLIN;

		ssize_t n = fetch(talk);

		r = n > 0 ? 0 : n == 0 ? -EPROTO : (int)n;
	}
	talk->outer = (struct proto_facts){0};
	if (r == 0)
		tls_tell(talk->tls, &talk->outer);
	return r;
}

static ssize_t say(struct talk *talk, const uint8_t *bytes, size_t n)
{
	ssize_t said = tls_say(talk->tls, bytes, n);
	int r = said > 0 ? flush(talk, false) : 0;

	return r < 0 ? r : said;
}

static ssize_t hear(struct talk *talk, uint8_t *bytes, size_t n)
{
	for (;;) {
		ssize_t got = tls_hear(talk->tls, bytes, n);

		if (got != -EAGAIN)
			return got;
		if (flush(talk, false) < 0)
			return -EPIPE;
		got = fetch(talk);
		if (got <= 0)
			return got;
	}
}

void talk_tls_end(struct talk *talk)
{
	if (talk->tls && talk->is_shaken && !talk->is_closed) {
		tls_part(talk->tls);
		flush(talk, false);
	}
	talk->tls = tls_free(talk->tls);
	talk->is_shaken = false;
}

const struct talk_carrier talk_tls = {
	.open = open_tls, .opened = opened, .say = say, .hear = hear, .is_datagram = false};
