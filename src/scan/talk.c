/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk: what is said and heard on one port, in order; see talk.h for the phases.
 *
 * Every wait is a share of the time that a port has (8 s unless told otherwise), so that slow
 * machines and far peers are given more by one number. An answer is looked at when the peer has
 * ended, has been quiet for a while, has said all that a datagram holds, or has used up a budget;
 * when it is a beginning (MORE, MAYBE), the peer gets a second to go on.
 *
 * A question that must be undone is undone before its answer is parsed: parsing may kill us.
 */
#include "scan/talk.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "base/scope.h"

/* thousandths of the time of a port */
enum { BANNER = 31, FIRST = 187, REPLY = 125, CONNECT = 375, QUIET = 25, MORE = 125 };

static int64_t share(const struct talk *t, unsigned thousandths)
{
	return (int64_t)t->shop->query->timeout_ms * thousandths / 1000;
}

static int64_t now(const struct talk *t)
{
	return t->shop->now();
}

int64_t talk_deadline(const struct talk *t)
{
	int64_t until = t->until < t->end ? t->until : t->end;

	return t->quiet_at && t->quiet_at < until ? t->quiet_at : until;
}

void talk_stop(struct talk *t)
{
	talk_tls_end(t);
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

/* Nothing more exact needs to be found. */
static bool is_settled(const struct talk *t)
{
	return t->result.match == PROTO_YES && t->result.is_within_tls == t->is_inside;
}

/* The peer's kernel says that nothing is bound there (ICMP port unreachable). */
static void unreachable(struct talk *t)
{
	if (t->result.n_heard)
		return;
	t->result.state = SCAN_CLOSED;
	t->result.error = 0;
	t->n_queue = 0;
}

void talk_log_handshake(struct talk *t, struct span bytes)
{
	t->result.n_sent += (uint32_t)bytes.n;
	result_log(&t->result, true, SCAN_HANDSHAKE, proto_find(SPAN_LIT("tls")), bytes);
}

static bool say_bytes(struct talk *t, const struct proto *proto, enum scan_reason reason,
		      const uint8_t *bytes, size_t n)
{
	ssize_t sent = t->carrier->say(t, bytes, n);

	if (sent == -ECONNREFUSED && t->carrier->is_datagram)
		unreachable(t);
	if (sent <= 0)
		return false;
	t->result.n_sent += (uint32_t)sent;
	result_log(&t->result, true, reason, proto, span_of(bytes, (size_t)sent));
	return (size_t)sent == n;
}

/* What undoes the question, or leaves politely. */
static void part(struct talk *t)
{
	const struct proto *proto = t->asking.proto;
	uint8_t bytes[TALK_SAY_MAX];

	if (!proto || !proto->farewell || !t->needs_farewell || t->fd < 0)
		return;
	t->needs_farewell = false;

	size_t n = proto->farewell(span_of(t->heard, t->n_heard), bytes, sizeof(bytes));

	if (n)
		say_bytes(t, proto, SCAN_FAREWELL, bytes, n);
}

static void finish(struct talk *t)
{
	part(t);
	t->result.took_ms = (uint32_t)(now(t) - t->start);
	t->result.is_spared = t->result.is_spared && t->result.n_sent == 0;
	if (!t->result.is_spared)
		t->result.spared = NULL;
	talk_stop(t);
	t->phase = TALK_DONE;
}

/* The first connection tells the state of the port; a later one that fails ends the talk. */
static void not_opened(struct talk *t, int error)
{
	if (t->result.n_connections == 1) {
		t->result.state = error == ECONNREFUSED ? SCAN_CLOSED : SCAN_SILENT;
		t->result.error = error == ECONNREFUSED ? 0 : error;
	}
	finish(t);
}

/* Ends the talk when there is no connection to be had. */
static void connect_again(struct talk *t)
{
	int r;

	part(t);
	talk_stop(t);
	if (t->is_over || t->result.n_connections == TALK_CONNECTIONS) {
		finish(t);
		return;
	}
	t->result.n_connections++;
	t->is_closed = t->is_reset = false;
	t->phase = TALK_OPENING;
	t->until = now(t) + share(t, CONNECT);
	t->quiet_at = 0;
	t->heard_since = 0;
	r = t->carrier->open(t);
	if (r < 0)
		not_opened(t, -r);
}

/* Datagrams get lost. A question that must be undone is not said twice. */
static bool may_repeat(const struct talk *t)
{
	return t->carrier->is_datagram && t->asking.proto->safety == PROTO_B;
}

/* True when the question was said once more, and the wait begins anew. */
static bool say_again(struct talk *t)
{
	if (t->phase != TALK_ANSWER || !may_repeat(t) || t->is_over || t->is_closed ||
	    t->n_heard > t->n_logged || t->n_tries >= TALK_TRIES)
		return false;
	t->n_tries++;
	t->until = now(t) + share(t, FIRST) / TALK_TRIES;
	return say_bytes(t, t->asking.proto, SCAN_AGAIN, t->say, t->n_said);
}

/* Says what waits in t->say and begins to wait for the answer. */
static void ask(struct talk *t)
{
	enum scan_reason reason = t->turn ? SCAN_FOLLOW : t->asking.reason;
	bool is_said = say_bytes(t, t->asking.proto, reason, t->say, t->n_say);

	t->n_said = t->n_say;
	t->n_tries = 1;
	t->n_say = 0;
	t->turn++;
	t->needs_farewell = true;
	t->phase = TALK_ANSWER;
	t->quiet_at = 0;
	t->heard_since = 0;
	t->until = now(t) + share(t, reason == SCAN_GENERIC ? REPLY : FIRST) /
				    (may_repeat(t) ? TALK_TRIES : 1);
	if (!is_said)
		t->until = now(t); /* nobody will answer */
}

/* The connection was only listened to, and long enough: who greets would have. */
static bool has_kept_silent(const struct talk *t)
{
	return t->phase == TALK_LISTENING && !t->n_heard && !t->asking.proto;
}

/* The certificate of what began in clear, by a connection of its own. */
static bool upgrade(struct talk *t)
{
	const struct proto *proto = t->result.proto;

	if (t->is_upgrading || t->is_inside || t->is_over || t->is_restrained || !t->shop->tls ||
	    t->result.match != PROTO_YES || t->result.is_within_tls || !proto->starttls ||
	    proto->safety != PROTO_B || t->carrier->is_datagram ||
	    t->result.n_connections == TALK_CONNECTIONS)
		return false;
	part(t);
	t->is_upgrading = true;
	t->n_raw = t->result.n_heard;
	t->carrier = &talk_starttls;
	t->asking = (struct question){0};
	t->n_say = 0;
	connect_again(t);
	return true;
}

static void next_question(struct talk *t)
{
	while (t->n_queue && !t->is_over) {
		struct question q = t->queue[0];

		memmove(t->queue, t->queue + 1, --t->n_queue * sizeof(*t->queue));
		plan_asked(t, q.proto);
		t->n_say = 0;
		if (has_kept_silent(t) && q.proto->speaks_first && q.reason != SCAN_HEARD)
			continue;
		if (!q.proto->speaks_first) {
			t->n_say = q.proto->greet(0, span_of(t->heard, 0), t->target->transport,
						  t->say, sizeof(t->say));
			if (t->n_say == 0)
				continue;
		}

		/* the connection that was only listened to is still good, but its handshake agreed
		 * on no ALPN of this row's */
		bool is_fresh = t->fd >= 0 && !t->is_closed && !t->asking.proto && t->n_say &&
				!(t->is_inside && q.proto->alpn);

		part(t);
		t->asking = q;
		t->turn = 0;
		t->n_heard = t->n_logged = 0;
		if (is_fresh)
			ask(t);
		else
			connect_again(t);
		return;
	}
	if (!upgrade(t))
		finish(t);
}

static const struct proto *recognise(struct talk *t, enum proto_match *match)
{
	scan_recogniser *f = t->shop->query->recognise;

	return (f ? f : proto_recognise)(span_of(t->heard, t->n_heard), PROTO_SERVER,
					 t->target->transport, t->target->port, match);
}

/* Keeps what proves most: YES before MAYBE, an answer to the row's own question before others. */
static void learn(struct talk *t, const struct proto *row, enum proto_match match)
{
	struct proto_facts facts = {0};
	bool is_own = row == t->asking.proto;
	unsigned rank = 16u * t->is_inside + 4u * (unsigned)match + 2u * is_own + (row->over != NULL);

	/* inside of TLS, what only fits is less than what is known */
	if (rank < t->rank || (t->is_inside && match != PROTO_YES))
		return;
	t->result.is_within_tls = t->is_inside;
	t->rank = rank;
	t->result.proto = row;
	t->result.match = match;
	if (row->describe)
		row->describe(span_of(t->heard, t->n_heard), PROTO_SERVER, t->target->transport,
			      &facts);
	result_take_facts(&t->result, &facts);
	if (!t->is_inside)
		return;
	result_add_facts(&t->result, &t->outer);
	if (!t->result.product[0]) /* the certificate may have told */
		memcpy(t->result.product, t->outer.product, PROTO_TEXT);
}

static bool has_more_to_say(const struct talk *t)
{
	uint8_t bytes[TALK_SAY_MAX];

	return t->n_heard && !t->is_over &&
	       t->asking.proto->greet(t->turn, span_of(t->heard, t->n_heard), t->target->transport,
				      bytes, sizeof(bytes)) > 0;
}

/* The next turn of the conversation with the row that asks; false when it has no more to say. */
static bool go_on(struct talk *t)
{
	const struct proto *proto = t->asking.proto;

	if (!proto || !proto->greet || !t->n_heard || t->is_over ||
	    (t->is_closed && t->result.n_connections == TALK_CONNECTIONS))
		return false;
	t->n_say = proto->greet(t->turn, span_of(t->heard, t->n_heard), t->target->transport,
				t->say, sizeof(t->say));
	if (t->n_say == 0)
		return false;
	if (t->fd >= 0 && !t->is_closed &&
	    !(proto->wants_new && proto->wants_new(span_of(t->heard, t->n_heard))))
		ask(t);
	else
		connect_again(t);
	return true;
}

/* A row that spoke first may have a question for what its greeting left open. */
static bool ask_after_banner(struct talk *t, const struct proto *row)
{
	if (!row->speaks_first || t->is_over || (row != t->asking.proto && !plan_may_ask(t, row)))
		return false;
	if (row != t->asking.proto) {
		plan_asked(t, row);
		t->asking = (struct question){row, SCAN_HEARD};
	}
	t->turn = 0;
	t->n_say = row->greet(0, span_of(t->heard, t->n_heard), t->target->transport, t->say,
			      sizeof(t->say));
	if (t->n_say && t->fd >= 0 && !t->is_closed) {
		ask(t);
		return true;
	}
	return false;
}

static void log_heard(struct talk *t, const struct proto *row)
{
	if (t->n_heard > t->n_logged)
		result_log(&t->result, false, SCAN_HEARD, row,
			   span_of(t->heard + t->n_logged, t->n_heard - t->n_logged));
	t->n_logged = t->n_heard;
}

static void forget_generic(struct talk *t)
{
	while (t->n_queue && t->queue[t->n_queue - 1].reason == SCAN_GENERIC)
		t->n_queue--;
}

/* Goes on inside of TLS: a connection that begins with the handshake, and listens. */
static bool dive(struct talk *t)
{
	if (t->is_inside || t->is_restrained || t->is_over || !t->shop->tls ||
	    t->result.n_connections == TALK_CONNECTIONS)
		return false;
	part(t);
	talk_stop(t);
	t->is_inside = true;
	t->n_raw = t->result.n_heard;
	t->carrier = &talk_tls;
	t->asking = (struct question){0};
	t->has_banner = false;
	t->n_heard = t->n_logged = t->n_say = 0;
	plan_inside(t);
	connect_again(t);
	return true;
}

static void after_yes(struct talk *t, const struct proto *row)
{
	bool is_own = row == t->asking.proto;

	assert(row); /* who says YES is a row */
	if (is_own && strcmp(row->name, "tls") == 0 && dive(t))
		return;
	part(t);
	if (is_own && row->over)
		t->n_queue = 0;
	else if (t->asking.proto || !row->speaks_first)
		plan_narrow(t, row, is_own);
	else
		t->n_queue = 0; /* it greeted, and has told what it tells */
	next_question(t);
}

/* Nothing was recognised for certain: what is still worth asking? */
static void after_doubt(struct talk *t, bool is_greeting, bool is_delicate)
{
	part(t);
	if (t->asking.proto && !t->n_heard && !t->is_closed)
		t->unanswered = t->asking.proto;
	if (t->asking.proto)
		plan_react(t);
	t->has_banner = t->has_banner || (is_greeting && t->n_heard);
	/* who greets, or answers so that a row fits, waits for no generic question */
	if (t->has_banner || (t->result.proto && !t->is_inside) || is_delicate)
		forget_generic(t);
	if (t->has_banner && t->n_heard == TALK_REPLY_MAX)
		t->n_queue = 0; /* it talks without end, and would talk over every answer */
	next_question(t);
}

/* All that will come has come. */
static void judge(struct talk *t)
{
	bool is_delicate = t->asking.proto && t->asking.proto->safety != PROTO_B;
	bool is_greeting = t->phase == TALK_LISTENING;
	enum proto_match match = PROTO_NO;
	const struct proto *row = NULL;
	bool goes_on;

	if (is_delicate && !has_more_to_say(t))
		part(t);
	if (t->n_heard)
		row = recognise(t, &match);
	log_heard(t, row);
	if (row)
		learn(t, row, match);
	if (is_greeting)
		goes_on = row && ask_after_banner(t, t->asking.proto ? t->asking.proto : row);
	else
		goes_on = go_on(t);
	if (!goes_on && !is_settled(t) && t->n_heard)
		plan_nominate(t, span_of(t->heard, t->n_heard));
	if (goes_on)
		return;
	if (match == PROTO_YES)
		after_yes(t, row);
	else
		after_doubt(t, is_greeting, is_delicate);
}

/* Quiet, but what was heard may be a beginning: true when the peer gets time to go on. */
static bool waits_for_more(struct talk *t)
{
	enum proto_match match;
	int64_t until = t->heard_since + share(t, MORE);

	if (t->carrier->is_datagram || t->is_closed || now(t) >= until)
		return false;
	recognise(t, &match);
	if (match == PROTO_YES)
		return false;
	t->quiet_at = until;
	return true;
}

static bool is_spent(const struct talk *t)
{
	return t->n_heard == TALK_REPLY_MAX || t->result.n_heard >= TALK_TARGET_MAX ||
	       (t->carrier->is_datagram && t->n_heard > t->n_logged);
}

static void hear(struct talk *t)
{
	while (!is_spent(t)) {
		size_t room = TALK_REPLY_MAX - t->n_heard;
		size_t left = TALK_TARGET_MAX - t->result.n_heard;
		ssize_t n = t->carrier->hear(t, t->heard + t->n_heard, room < left ? room : left);

		if (n == -EAGAIN)
			break;
		t->is_closed = n <= 0;
		t->is_reset = n == -ECONNRESET;
		if (n < 0 && t->carrier->is_datagram && !t->n_heard) {
			if (n == -ECONNREFUSED)
				unreachable(t);
			else if (!t->result.n_heard)
				t->result.error = (int)-n;
			t->n_queue = 0;
		}
		if (n <= 0)
			break;
		t->n_heard += (size_t)n;
		t->result.n_heard += (uint32_t)n;
		t->result.state = SCAN_OPEN;
		if (!t->heard_since) {
			t->heard_since = now(t);
			if (t->until < t->heard_since + share(t, MORE))
				t->until = t->heard_since + share(t, MORE);
		}
		t->quiet_at = now(t) + share(t, QUIET);
	}
	if (t->is_closed || is_spent(t))
		judge(t);
}

/* RFC 7301 section 3.2: who speaks none of what was offered ends the handshake. What wants an ALPN
 * of its own asks at once: such a server may have nothing to say that proves anything before. */
static bool offer_alone(struct talk *t)
{
	if (!t->is_inside || t->result.is_within_tls || t->is_over ||
	    (t->asking.proto && t->asking.proto->alpn) ||
	    t->result.n_connections == TALK_CONNECTIONS)
		return false;
	plan_refused(t);
	next_question(t);
	return true;
}

static void opened(struct talk *t)
{
	int r = t->carrier->opened(t);

	if (r == -EAGAIN)
		return;
	if (t->is_upgrading) {
		if (r == 0)
			proto_add(&t->outer, "starttls", SPAN_LIT("yes"));
		result_add_facts(&t->result, &t->outer);
		finish(t);
		return;
	}
	if (r == 0 && t->is_inside && !t->result.is_within_tls)
		result_take_facts(&t->result, &t->outer);
	if (r == -EPROTO && offer_alone(t))
		return;
	if (r < 0) {
		not_opened(t, -r);
		return;
	}
	if (!t->carrier->is_datagram)
		t->result.state = SCAN_OPEN;
	t->events = POLLIN;
	if (t->n_say) {
		ask(t);
		return;
	}
	t->phase = TALK_LISTENING;
	t->until = now(t) + share(t, plan_speaks_first(t) || !t->n_queue ? FIRST : BANNER);
	if (t->is_inside)
		hear(t); /* a greeting may have come with the end of the handshake */
}

void talk_ready(struct talk *t, short revents)
{
	if (t->phase == TALK_OPENING)
		opened(t);
	else if (revents)
		hear(t);
}

void talk_late(struct talk *t)
{
	t->is_over = now(t) >= t->end;
	if (t->phase == TALK_OPENING)
		not_opened(t, ETIMEDOUT);
	else if (say_again(t))
		return;
	else if (t->is_over || !t->quiet_at || now(t) >= t->until || !waits_for_more(t))
		judge(t);
}

void talk_enough(struct talk *t)
{
	t->is_over = true;
	t->n_queue = 0;
	finish(t);
}

void talk_start(struct talk *t, struct talk_shop *shop, size_t index, uint8_t *heard)
{
	*t = (struct talk){.shop = shop,
			   .target = &shop->query->targets[index],
			   .index = index,
			   .fd = -1,
			   .heard = heard};
	t->carrier = t->target->transport == TRANSPORT_UDP ? &talk_udp : &talk_tcp;
	t->result.state = SCAN_SILENT;
	t->start = now(t);
	t->end = t->start + shop->query->timeout_ms;
	if (t->end > shop->end)
		t->end = shop->end;
	plan_questions(t);
	if (t->start >= t->end)
		finish(t);
	else if (t->carrier->is_datagram)
		next_question(t);
	else
		connect_again(t);
}
