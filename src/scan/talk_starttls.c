/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk_starttls: a connection that begins in clear and becomes TLS by the words of its row, to see
 * the certificate. Behind the handshake nothing more is said.
 */
#include <errno.h>

#include "scan/talk.h"
#include "scan/tls.h"

static int open_clear(struct talk *talk)
{
	talk->n_heard = talk->n_logged = 0;
	talk->turn = 0;
	talk->is_shaken = false;
	return talk_tcp.open(talk);
}

/* 1: the handshake may begin; -EAGAIN: the server has the word; or another negative errno. */
static int agree(struct talk *talk)
{
	for (;;) {
		struct span say;
		ssize_t n;

		switch (proto_starttls_next(talk->result.proto->starttls, talk->turn,
					    span_of(talk->heard, talk->n_heard), &say)) {
		case SECURE_READY: return 1;
		case SECURE_NOT: return -EPROTO;
		case SECURE_SAY:
			if (talk_tcp.say(talk, say.p, say.n) != (ssize_t)say.n)
				return -EPIPE;
			talk_log_handshake(talk, say);
			talk->turn++;
			talk->n_heard = 0;
			break;
		case SECURE_WAIT:
			if (talk->n_heard == TALK_REPLY_MAX ||
			    talk->result.n_heard >= TALK_TARGET_MAX)
				return -EMSGSIZE;
			n = talk_tcp.hear(talk, talk->heard + talk->n_heard,
					  TALK_REPLY_MAX - talk->n_heard);
			if (n <= 0)
				return n < 0 ? (int)n : -EPROTO;
			talk->n_heard += (size_t)n;
			talk->result.n_heard += (uint32_t)n;
			break;
		}
	}
}

static int opened(struct talk *talk)
{
	int r = talk->events & POLLOUT ? talk_tcp.opened(talk) : 0;

	if (r == 0)
		talk->events = POLLIN;
	if (r == 0 && !talk->tls)
		r = agree(talk);
	if (r < 0)
		return r;
	if (!talk->tls)
		talk->tls = tls_new(talk->shop->tls, talk->target->host, false);
	return talk->tls ? talk_tls.opened(talk) : -ENOMEM;
}

const struct talk_carrier talk_starttls = {.open = open_clear, .opened = opened};
