/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postgresql: the first question is SSLRequest, to which a server says one byte and writes nothing
 * in its log. The second one is a start-up message of protocol 3.9999 that names no user: the
 * server tells its newest protocol and refuses before any authentication, with an error that names
 * file, line and routine of its source. It costs one line in the server's log. After 'S' the old
 * connection belongs to TLS: the second question wants a new one.
 *
 * One byte S, N or G is MAYBE: it proves PostgreSQL only to whoever knows what was asked. The line
 * is a fingerprint and no version: measured, 14.23 and 16.14 have the same, and two builds of 15.18
 * differ by two (compilers count the lines of a macro differently). Releases that were seen with it
 * are told as "fits"; file and protocol prove a least release.
 */
#include "proto/facts.h"
#include "proto/starttls.h"
#include "proto/words.h"

/* PostgreSQL documentation, chapter "Frontend/Backend Protocol", section "Message Formats" */
enum {
	SSL_REQUEST = 80877103,
	GSS_REQUEST = 80877104,
	CANCEL_REQUEST = 80877102,
	MESSAGE_MAX = 8 << 10
};

static const struct {
	const char *file;
	unsigned line;
	const char *release;
} measured[] = {
	{"postmaster.c", 2296, "14.23"},     {"postmaster.c", 2351, "15.18"},
	{"postmaster.c", 2353, "15.18"},     {"postmaster.c", 2296, "16.14"},
	{"backend_startup.c", 821, "17.10"}, {"backend_startup.c", 849, "18.4"},
};

/* One message: type, length that counts itself, body */
static enum proto_match take_message(struct span *s, uint8_t *type, struct span *body)
{
	uint32_t length;

	if (!take_u8(s, type))
		return PROTO_MORE;
	if (*type != 'E' && *type != 'v' && *type != 'R')
		return PROTO_NO;
	if (!take_u32be(s, &length))
		return s->n && s->p[0] ? PROTO_NO : PROTO_MORE;
	if (length < 8 || length > MESSAGE_MAX)
		return PROTO_NO;
	*body = span_cut(*s, length - 4);
	*s = span_skip(*s, length - 4);
	return body->n == length - 4 ? PROTO_YES : PROTO_MORE;
}

/* ErrorResponse: fields of a letter and a text ended by NUL; an empty one at the end */
static struct span field(struct span body, uint8_t letter)
{
	struct span text;
	uint8_t c;

	while (take_u8(&body, &c) && c && take_until(&body, 0, &text))
		if (c == letter)
			return text;
	return span_of(NULL, 0);
}

static bool is_error(struct span body)
{
	return field(body, 'S').n && field(body, 'C').n == 5 && field(body, 'M').n &&
	       body.p[body.n - 1] == 0;
}

static bool is_authentication(struct span body)
{
	uint32_t method;

	return take_u32be(&body, &method) && method <= 12 && (method != 0 || body.n == 0) &&
	       (method != 5 || body.n == 4);
}

/* the form of protocol 2, for a client too old or unheard of */
static const char old_error[] = "EFATAL:  unsupported frontend protocol ";

static enum proto_match message(struct span s)
{
	uint32_t version;
	struct span body;
	uint8_t type;
	enum proto_match m = words_begin(s, span_str(old_error));

	if (m != PROTO_NO && s.n > 1)
		return m;
	m = take_message(&s, &type, &body);
	if (m != PROTO_YES)
		return m;
	if (type == 'E')
		return is_error(body) ? PROTO_YES : PROTO_NO;
	if (type == 'R')
		return is_authentication(body) ? PROTO_YES : PROTO_NO;
	return take_u32be(&body, &version) && version >> 16 == 3 ? PROTO_YES : PROTO_NO;
}

static enum proto_match server(struct span s)
{
	static const uint8_t tls_alert[] = {21, 3};

	if (s.n && s.p[0] && strchr("SNG", s.p[0])) {
		uint8_t said = s.p[0];

		s = span_skip(s, 1);
		if (s.n == 0)
			return PROTO_MAYBE;
		/* asked in clear where it had promised TLS */
		enum proto_match m = words_begin(s, span_of(tls_alert, sizeof(tls_alert)));

		if (said == 'S' && m != PROTO_NO)
			return m;
	}
	return message(s);
}

/* SSLRequest, GSSENCRequest, CancelRequest; StartupMessage: version 3.x, then "user" somewhere */
static enum proto_match client(struct span s)
{
	uint32_t length;
	uint32_t code;

	if (s.n && s.p[0])
		return PROTO_NO;
	if (!take_u32be(&s, &length))
		return PROTO_MORE;
	if (length < 8 || length > 10000)
		return PROTO_NO;
	if (!take_u32be(&s, &code))
		return PROTO_MORE;
	if (code == SSL_REQUEST || code == GSS_REQUEST)
		return length == 8 ? PROTO_YES : PROTO_NO;
	if (code == CANCEL_REQUEST)
		return length == 16 ? PROTO_YES : PROTO_NO;
	if (code >> 16 != 3)
		return PROTO_NO;
	if (span_find(s, span_of("user", 5)) >= 0)
		return PROTO_YES;
	return s.n < length - 8 ? PROTO_MORE : PROTO_MAYBE;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	return side == PROTO_SERVER ? server(bytes) : client(bytes);
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	static const uint8_t ssl[] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};
	static const uint8_t nobody[] = {0, 0, 0, 9, 0, 3, 0x27, 0x0f, 0};

	if (transport != TRANSPORT_TCP)
		return 0;
	if (turn == 0)
		return words_say(span_of(ssl, sizeof(ssl)), out, size);
	if (turn == 1 && heard.n == 1 && (heard.p[0] == 'N' || heard.p[0] == 'S'))
		return words_say(span_of(nobody, sizeof(nobody)), out, size);
	return 0;
}

static void tell_error(struct span body, bool is_least_told, struct proto_facts *facts)
{
	struct span file = field(body, 'F');
	struct span line = field(body, 'L');
	struct span routine = field(body, 'R');
	uint64_t number;

	proto_add(facts, "sqlstate", field(body, 'C'));
	proto_add(facts, "error", field(body, 'M'));
	if (!file.n || !span_u64(line, 1000000, &number))
		return;
	file = span_cut(file, 60);
	facts_add(facts, "source_line", "%.*s:%u %.*s", SPAN_ARG(file), (unsigned)number,
		  SPAN_ARG(span_cut(routine, 60)));
	/* names of PostgreSQL's own source; poolers and relatives have others or none */
	if (!span_is(routine, "ProcessStartupPacket"))
		return;
	proto_set_product(facts, "postgresql");
	if (span_is(file, "backend_startup.c") && !is_least_told)
		proto_add(facts, "at_least", SPAN_LIT("17"));
	for (size_t i = 0; i < ARRAY_LEN(measured); i++)
		if (span_is(file, measured[i].file) && number == measured[i].line)
			facts_add(facts, "fits", "%s", measured[i].release);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span body;
	bool is_least_told = false;
	uint32_t version;
	uint8_t type;

	(void)transport;
	if (side != PROTO_SERVER || server(bytes) < PROTO_MAYBE)
		return;
	if (bytes.p[0] && strchr("SNG", bytes.p[0])) {
		proto_add(facts, bytes.p[0] == 'G' ? "gss" : "tls",
			  bytes.p[0] == 'N' ? SPAN_LIT("no") : SPAN_LIT("offered"));
		bytes = span_skip(bytes, 1);
	}
	while (bytes.n && words_begin(bytes, span_str(old_error)) == PROTO_NO &&
	       take_message(&bytes, &type, &body) == PROTO_YES) {
		if (type == 'E' && is_error(body)) {
			tell_error(body, is_least_told, facts);
		} else if (type == 'v' && take_u32be(&body, &version)) {
			facts_add(facts, "protocol", "%u.%u", version >> 16, version & 0xffff);
			/* protocol 3.2 came with release 18 */
			is_least_told = (version & 0xffff) >= 2;
			if (is_least_told)
				proto_add(facts, "at_least", SPAN_LIT("18"));
		} else if (type == 'R' && take_u32be(&body, &version)) {
			facts_add(facts, "auth", "%s",
				  version == 0    ? "none"
				  : version == 3  ? "password"
				  : version == 5  ? "md5"
				  : version == 10 ? "scram"
						  : "other");
		}
	}
}

/* It has agreed to TLS: what comes next in clear, it does not hear. */
static bool wants_new(struct span heard)
{
	return span_is(heard, "S");
}

const struct proto proto_postgresql = {
	.name = "postgresql",
	.title = "PostgreSQL",
	PROTO_HINTS(PROTO_TCP(5432), PROTO_TCP(5433), PROTO_TCP(6432)),
	.safety = PROTO_B,
	.sends = N_("SSLRequest; then a start-up message without user, which is refused"),
	.proves = N_("PostgreSQL's protocol, TLS, and the source line of its error"),
	.source = "PostgreSQL documentation, Frontend/Backend Protocol, Message Formats",
	.recognise = recognise,
	.greet = greet,
	.wants_new = wants_new,
	.starttls = &starttls_postgresql,
	.describe = describe,
};
