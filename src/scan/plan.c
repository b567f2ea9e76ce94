/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan: which questions a port is asked, in which order, and which never.
 *
 * Expected there: rows hinted by the number, the more exact first, then the caller's. If one of
 * them is class A, the plan is empty, unless the program that listens is known and speaks something
 * else; if one is class C, it holds no generic question. On explicit order both are asked their own
 * question, and still nothing generic.
 */
#include "base/scope.h"
#include "scan/talk.h"

/* Harmless to what is usual on unknown ports, most usual first. Other rows are reached by what the
 * answer to these fits; and where both get no word, by how the silence after each of them ended. */
static const char *const generic[] = {"http", "tls"};

/*
 * Who answers neither a head of HTTP nor a ClientHello, as measured on servers of Debian 12. How
 * they end comes from how they read: Redis hangs up on "Host:" and takes a ClientHello for half a
 * line; PostgreSQL and slapd read all there is, and hang up on both; Mosquitto reads one byte, and
 * what it leaves unread becomes a reset; coturn knows HTTP and waits for the rest of what it takes
 * for a message; DNS and smbd take both for the length of more to come. Of two, the first is the
 * more usual on a number of nobody's. Both fit into the connections that are left; MQTT needs both
 * for itself.
 */
static const struct {
	enum talk_end http, tls;
	const char *next[2];
} silences[] = {
	{TALK_HUNG_UP, TALK_WAITED, {"redis", "postgresql"}},
	{TALK_HUNG_UP, TALK_HUNG_UP, {"postgresql", "ldap"}},
	{TALK_HUNG_UP, TALK_WAS_RESET, {"redis", "postgresql"}},
	{TALK_WAS_RESET, TALK_WAS_RESET, {"mqtt", "ldap"}},
	{TALK_WAS_RESET, TALK_HUNG_UP, {"mqtt", "ldap"}},
	{TALK_WAS_RESET, TALK_WAITED, {"stun", "mqtt"}},
	{TALK_WAITED, TALK_WAITED, {"dns", "smb"}},
	{TALK_WAITED, TALK_HUNG_UP, {"dns", "smb"}},
	{TALK_WAITED, TALK_WAS_RESET, {"dns", "smb"}},
};

static bool is_queued(const struct talk *talk, const struct proto *proto)
{
	for (size_t i = 0; i < talk->n_queue; i++)
		if (talk->queue[i].proto == proto)
			return true;
	return false;
}

static bool was_asked(const struct talk *talk, const struct proto *proto)
{
	for (size_t i = 0; i < talk->n_asked; i++)
		if (talk->asked[i] == proto)
			return true;
	return false;
}

bool plan_may_ask(const struct talk *talk, const struct proto *proto)
{
	if (!proto->greet || talk->is_restrained || was_asked(talk, proto))
		return false;
	return proto->safety == PROTO_B || talk->shop->query->allow_intrusive;
}

void plan_asked(struct talk *talk, const struct proto *proto)
{
	if (talk->n_asked < TALK_QUESTIONS)
		talk->asked[talk->n_asked++] = proto;
}

static void put(struct talk *talk, const struct proto *proto, enum scan_reason reason)
{
	if (talk->n_queue < TALK_QUESTIONS && plan_may_ask(talk, proto) && !is_queued(talk, proto))
		talk->queue[talk->n_queue++] = (struct question){proto, reason};
}

/* To the front, wherever it stood. */
static void put_first(struct talk *talk, const struct proto *proto, enum scan_reason reason)
{
	size_t at = 0;

	if (!plan_may_ask(talk, proto))
		return;
	while (at < talk->n_queue && talk->queue[at].proto != proto)
		at++;
	if (at == talk->n_queue) {
		if (talk->n_queue == TALK_QUESTIONS)
			at--;
		else
			talk->n_queue++;
	}
	memmove(talk->queue + 1, talk->queue, at * sizeof(*talk->queue));
	talk->queue[0] = (struct question){proto, reason};
}

/* By the caller's words. */
static bool is_told(const struct talk *talk, const struct proto *proto)
{
	for (size_t i = 0; i < SCAN_EXPECTED_MAX && talk->target->expected[i]; i++)
		if (talk->target->expected[i] == proto)
			return true;
	return false;
}

static bool is_expected(const struct talk *talk, const struct proto *proto)
{
	return is_told(talk, proto) ||
	       proto_is_hinted(proto, talk->target->transport, talk->target->port);
}

/* Where the program that listens is known, its own protocols count, and not what else is usual on
 * the number: a node exporter on 9100 prints nothing. */
static const struct proto *careful_of(const struct talk *talk)
{
	for (size_t i = 0; i < proto_count(); i++) {
		const struct proto *proto = proto_at(i);

		if (proto->safety == PROTO_A &&
		    (talk->target->is_owner_known ? is_told(talk, proto)
						  : is_expected(talk, proto)))
			return proto;
	}
	return NULL;
}

static const struct proto *undone_of(const struct talk *talk)
{
	for (size_t i = 0; i < proto_count(); i++)
		if (proto_at(i)->safety == PROTO_C && is_expected(talk, proto_at(i)))
			return proto_at(i);
	return NULL;
}

/* One that greets is usual on the number itself, or is the nearest of what the caller expects and
 * nothing that asks is usual there. One among many others does not hold up the question to these: who
 * greets does so at once, or into our question. */
bool plan_speaks_first(const struct talk *talk)
{
	const struct proto *nearest = talk->target->expected[0];
	bool asks = false;

	for (size_t i = 0; i < proto_count(); i++) {
		const struct proto *proto = proto_at(i);

		if (talk->target->is_owner_known && proto->speaks_first && is_told(talk, proto))
			return true;
		if (!proto_is_hinted(proto, talk->target->transport, talk->target->port))
			continue;
		if (proto->speaks_first)
			return true;
		asks = asks || plan_may_ask(talk, proto);
	}
	return nearest && nearest->speaks_first && !asks;
}

static void put_hinted(struct talk *talk, bool is_exact)
{
	for (size_t i = 0; i < proto_count(); i++) {
		const struct proto *proto = proto_at(i);

		if ((proto->over != NULL) == is_exact &&
		    proto_is_hinted(proto, talk->target->transport, talk->target->port))
			put(talk, proto, SCAN_HINT);
	}
}

static void put_expected(struct talk *talk)
{
	for (size_t i = 0; i < SCAN_EXPECTED_MAX && talk->target->expected[i]; i++)
		put(talk, talk->target->expected[i], SCAN_EXPECTED);
}

static void put_generic(struct talk *talk, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct proto *proto = proto_find(span_str(names[i]));

		if (proto)
			put(talk, proto, SCAN_GENERIC);
	}
}

void plan_questions(struct talk *talk)
{
	const struct proto *careful = careful_of(talk);
	const struct proto *undone = undone_of(talk);
	bool is_ordered = talk->shop->query->allow_intrusive;
	bool is_delicate = careful || undone || talk->target->is_class_a;

	talk->is_restrained = (careful || talk->target->is_class_a) && !is_ordered;
	if (is_delicate && !is_ordered) {
		talk->result.is_spared = true;
		talk->result.spared = careful ? careful : undone;
	}
	if (talk->target->is_owner_known)
		put_expected(talk);
	put_hinted(talk, true);
	put_hinted(talk, false);
	put_expected(talk);
	if (is_delicate || talk->carrier->is_datagram)
		return;
	put_generic(talk, generic, ARRAY_LEN(generic));
}

/* Numbers where a protocol is usual inside of TLS (IANA's service names, and practice). */
static const struct {
	uint16_t port;
	const char *proto;
} inside[] = {
	{465, "smtp"},  {636, "ldap"},  {853, "dns"},    {990, "ftp"},  {992, "telnet"},
	{993, "imap"},  {995, "pop3"},  {3269, "ldap"},  {5061, "sip"}, {5223, "xmpp"},
	{5270, "xmpp"}, {5671, "amqp"}, {6380, "redis"}, {6697, "irc"}, {8883, "mqtt"},
};

void plan_inside(struct talk *talk)
{
	talk->n_queue = talk->n_asked = 0;
	plan_asked(talk, proto_find(SPAN_LIT("tls")));
	put_expected(talk);
	for (size_t i = 0; i < ARRAY_LEN(inside); i++)
		if (inside[i].port == talk->target->port)
			put_generic(talk, &inside[i].proto, 1);
	put_hinted(talk, true);
	put_hinted(talk, false);
	put_generic(talk, generic, ARRAY_LEN(generic));
}

void plan_refused(struct talk *talk)
{
	talk->n_queue = 0;
	for (size_t i = 0; i < proto_count(); i++)
		if (proto_at(i)->alpn)
			put(talk, proto_at(i), SCAN_HEARD);
}

void plan_react(struct talk *talk)
{
	enum talk_end end = talk->is_reset    ? TALK_WAS_RESET
			    : talk->is_closed ? TALK_HUNG_UP
					      : TALK_WAITED;
	bool is_http;

	if (talk->asking.reason != SCAN_GENERIC)
		return;
	is_http = strcmp(talk->asking.proto->name, generic[0]) == 0;
	if (!is_http && strcmp(talk->asking.proto->name, generic[1]) != 0)
		return;
	if (is_http)
		talk->has_silence = talk->n_heard == 0;
	if (is_http)
		talk->after_http = end;
	if (!talk->has_silence || talk->n_heard || (is_http && !talk->is_inside))
		return; /* inside of TLS nothing else is asked in general */
	for (size_t i = 0; i < ARRAY_LEN(silences); i++)
		if (silences[i].http == talk->after_http && (is_http || silences[i].tls == end)) {
			put_generic(talk, silences[i].next, ARRAY_LEN(silences[i].next));
			return;
		}
}

/* What servers of line protocols say to a line that is not theirs. It proves nothing: others may
 * say so too. It tells whose question comes next. */
static const struct {
	const char *says;
	bool is_anywhere; /* in its first kilobyte, else at the start */
	const char *proto;
} complaints[] = {
	{"-DENIED ", false, "redis"},
	{"-ERR ", false, "redis"},
	{"-NOAUTH ", false, "redis"},
	{"ERR UNKNOWN-COMMAND", false, "nut"},
	{"ERR UNKNOWN_COMMAND", false, "gearman"},
	{"ERROR\r\n", false, "memcached"},
	{"UNKNOWN COMMAND\n", false, "clamd"},
	{"UNKNOWN_COMMAND\r\n", false, "beanstalk"},
	{"trying to access MongoDB over HTTP", true, "mongodb"},
	{"expected `h2` to be available", true, "http2"}, /* node up to 18 */
};

/* It is there, and left us waiting: who builds a page when it is first asked for has it by now. */
static void ask_again(struct talk *talk, const struct proto *proto)
{
	size_t n = 0;

	for (size_t i = 0; i < talk->n_asked; i++)
		if (talk->asked[i] != proto)
			talk->asked[n++] = talk->asked[i];
	talk->n_asked = n;
	talk->unanswered = NULL;
}

static void put_complaint(struct talk *talk, struct span heard)
{
	for (size_t i = 0; i < ARRAY_LEN(complaints); i++) {
		const struct proto *proto = proto_find(span_str(complaints[i].proto));
		struct span says = span_str(complaints[i].says);
		bool is_said = complaints[i].is_anywhere
				       ? span_find(span_cut(heard, 1024), says) >= 0
				       : span_starts(heard, complaints[i].says);

		if (proto && is_said)
			put_first(talk, proto, SCAN_HEARD);
	}
}

void plan_nominate(struct talk *talk, struct span heard)
{
	enum transport transport = talk->target->transport;

	for (size_t i = proto_count(); i > 0; i--) {
		const struct proto *proto = proto_at(i - 1);

		if (plan_may_ask(talk, proto) && proto->safety == PROTO_B &&
		    proto->recognise(heard, PROTO_SERVER, transport) >= PROTO_MAYBE)
			put_first(talk, proto, SCAN_HEARD);
	}
	put_complaint(talk, heard);
}

/* RFC 9110 section 15.5.1: our question is well-formed, so something else was waited for: TLS? */
static bool is_bad_request(struct span heard)
{
	return heard.n >= 12 && span_starts(heard, "HTTP/1.") &&
	       memcmp(heard.p + 8, " 400", 4) == 0;
}

void plan_narrow(struct talk *talk, const struct proto *known, bool is_own)
{
	size_t n = 0;
	const struct proto *tls = proto_find(SPAN_LIT("tls"));
	bool is_bad = is_bad_request(span_of(talk->heard, talk->n_heard));

	for (size_t i = 0; i < talk->n_queue; i++) {
		const char *over = talk->queue[i].proto->over;

		if (over && strcmp(over, known->name) == 0)
			talk->queue[n++] = talk->queue[i];
	}
	talk->n_queue = n;
	if (!is_own && known == talk->unanswered && known->safety == PROTO_B)
		ask_again(talk, known);
	if (!is_own)
		put(talk, known, SCAN_HEARD);
	if (is_bad && tls)
		put_first(talk, tls, SCAN_HEARD);
	put_complaint(talk, span_of(talk->heard, talk->n_heard));
}
