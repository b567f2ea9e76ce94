/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tns: Oracle's listener, asked "ping" in the data of a connect packet, as its own tool asks
 * whether the listener is up. It opens no session; the listener says that it is there, in the form
 * of a refusal, and where it still does, its version as a number.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum {
	CONNECT = 1,
	ACCEPT = 2,
	REFUSE = 4,
	REDIRECT = 5,
	RESEND = 11,
	HEAD = 8,
	VERSION_MIN = 300, /* of the protocol */
	VERSION_MAX = 330,
	DATA_LENGTH_AT = 24,
	DATA_OFFSET_AT = 26,
	CONNECT_MIN = 34
};

/* python-oracledb packet.pyx, messages/connect.pyx; net-tns: length BE, checksum 2, type, flags,
 * checksum 2 */
static enum proto_match head(struct span bytes, uint8_t *type, size_t *length)
{
	const uint8_t *p = bytes.p;

	if ((bytes.n > 2 && p[2]) || (bytes.n > 3 && p[3]) ||
	    (bytes.n > 4 && (p[4] < CONNECT || p[4] > RESEND)) || (bytes.n > 5 && p[5] & 0x03) ||
	    (bytes.n > 6 && p[6]) || (bytes.n > 7 && p[7]))
		return PROTO_NO;
	if (bytes.n < HEAD)
		return PROTO_MORE;
	*type = p[4];
	*length = (size_t)p[0] << 8 | p[1];
	return PROTO_YES;
}

static unsigned number(struct span bytes, size_t at)
{
	return (unsigned)bytes.p[at] << 8 | bytes.p[at + 1];
}

/* version, oldest version, options, sizes, ...; length and offset of the data */
static enum proto_match connect(struct span bytes, size_t length)
{
	if (length < CONNECT_MIN)
		return PROTO_NO;
	if (bytes.n >= HEAD + 2 &&
	    (number(bytes, HEAD) < VERSION_MIN || number(bytes, HEAD) > VERSION_MAX))
		return PROTO_NO;
	if (bytes.n < DATA_OFFSET_AT + 2)
		return PROTO_MORE;

	struct span data = span_skip(bytes, number(bytes, DATA_OFFSET_AT));

	if (number(bytes, DATA_OFFSET_AT) < CONNECT_MIN)
		return PROTO_NO;
	/* long data come in a packet of their own */
	return data.n || bytes.n < length ? WORDS_BEGIN(data, "(") : PROTO_MAYBE;
}

/* two reasons, length, text */
static enum proto_match refusal(struct span bytes, size_t length)
{
	if (length < HEAD + 4)
		return PROTO_NO;
	if (bytes.n < HEAD + 4)
		return PROTO_MORE;
	if (number(bytes, HEAD + 2) + HEAD + 4 != length)
		return PROTO_NO;
	return length > HEAD + 4 ? WORDS_BEGIN(span_skip(bytes, HEAD + 4), "(DESCRIPTION=")
				 : PROTO_MAYBE;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	uint8_t type;
	size_t length;
	enum proto_match m;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	m = head(bytes, &type, &length);
	if (m != PROTO_YES)
		return m;
	if (side == PROTO_CLIENT)
		return type == CONNECT ? connect(bytes, length) : PROTO_NO;
	switch (type) {
	case REFUSE: return refusal(bytes, length);
	case ACCEPT:
		if (length < HEAD + 16)
			return PROTO_NO;
		if (bytes.n < HEAD + 2)
			return PROTO_MORE;
		return number(bytes, HEAD) >= VERSION_MIN && number(bytes, HEAD) <= VERSION_MAX
			       ? PROTO_YES
			       : PROTO_NO;
	case REDIRECT: return length > HEAD ? PROTO_MAYBE : PROTO_NO;
	case RESEND: return length == HEAD ? PROTO_MAYBE : PROTO_NO;
	default: return PROTO_NO;
	}
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* version 312, oldest 300, sizes, no attention, data of 29 bytes at 58 */
	static const uint8_t words[] =
		"\0\127\0\0\1\0\0\0\1\70\1\54\0\0\10\0\177\377\177\10\0\0\1\0\0\35\0\72"
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"(CONNECT_DATA=(COMMAND=ping))";

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words) - 1), out, size);
}

/* VSNNUM: 8, 4, 8, 4 and 8 bits; 0 where the listener keeps it to itself */
static void tell_version(struct span text, struct proto_facts *facts)
{
	struct span digits = words_between(text, "(VSNNUM=", ")");
	uint64_t v;
	char version[32];

	if (!span_u64(digits, UINT32_MAX, &v) || !v)
		return;
	snprintf(version, sizeof(version), "%u.%u.%u.%u.%u", (unsigned)(v >> 24),
		 (unsigned)(v >> 20 & 15), (unsigned)(v >> 12 & 255), (unsigned)(v >> 8 & 15),
		 (unsigned)(v & 255));
	proto_set_version(facts, span_str(version));
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span text = span_skip(bytes, HEAD + 4);
	struct span part;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "oracle-database");
	if (bytes.p[4] != REFUSE)
		return;
	tell_version(text, facts);
	part = words_between(text, "(ALIAS=", ")");
	if (part.n && words_is_text(part))
		proto_add(facts, "listener", part);
	part = words_between(text, "(ERR=", ")");
	if (part.n && words_is_text(part))
		proto_add(facts, "error", part);
}

const struct proto proto_tns = {
	.name = "tns",
	.title = "Oracle Transparent Network Substrate",
	PROTO_HINTS(PROTO_TCP(1521)),
	.safety = PROTO_B,
	.sends = N_("a connect packet that holds only the listener's own ping"),
	.proves = N_("an Oracle listener, and its version where it still tells it"),
	.source =
		"oracle/python-oracledb src/oracledb/impl/thin (packet.pyx, messages/connect.pyx); "
		"SpiderLabs/net-tns (packets); published answers to the listener's ping",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};
