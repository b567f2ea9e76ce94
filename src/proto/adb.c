/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adb: the Android Debug Bridge. Its server on a developer's machine is asked for its version, as
 * each adb does first. Of devices, which begin otherwise, only what is heard is recognised.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { HEAD = 24, DIGITS = 4 };

static bool is_hex(struct span s, unsigned *value)
{
	*value = 0;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (c >= '0' && c <= '9')
			*value = *value << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			*value = *value << 4 | (c - 'a' + 10u);
		else if (c >= 'A' && c <= 'F') /* as OVERVIEW.TXT writes it */
			*value = *value << 4 | (c - 'A' + 10u);
		else
			return false;
	}
	return s.n > 0;
}

/* protocol.txt, "struct message" and "message command constants": CNXN, AUTH or STLS, and at 20 the
 * same word inverted */
static enum proto_match device(struct span bytes)
{
	enum proto_match m = WORDS_BEGIN(bytes, "CNXN");
	enum proto_match auth = WORDS_BEGIN(bytes, "AUTH");
	enum proto_match tls = WORDS_BEGIN(bytes, "STLS");

	if (auth > m)
		m = auth;
	if (tls > m)
		m = tls;
	if (m != PROTO_YES)
		return m;
	if (bytes.n < HEAD)
		return PROTO_MORE;
	for (size_t i = 0; i < 4; i++)
		if ((bytes.p[i] ^ bytes.p[20 + i]) != 0xff)
			return PROTO_NO;
	return PROTO_YES;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	enum proto_match m;
	struct span rest = span_skip(bytes, 4 + DIGITS);
	unsigned value;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	m = device(bytes);
	if (m != PROTO_NO)
		return m;
	if (side == PROTO_CLIENT) {
		/* length in hex, and the service of the host that is wanted */
		if (bytes.n < DIGITS)
			return is_hex(bytes, &value) || !bytes.n ? PROTO_MORE : PROTO_NO;
		if (!is_hex(span_cut(bytes, DIGITS), &value))
			return PROTO_NO;
		return WORDS_BEGIN(span_skip(bytes, DIGITS), "host:");
	}
	/* the documents have the number without OKAY and length; servers say both */
	m = WORDS_BEGIN(bytes, "OKAY0004");
	if (m != PROTO_YES || rest.n < DIGITS)
		return m == PROTO_YES ? PROTO_MORE : m;
	return is_hex(span_cut(rest, DIGITS), &value) ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("000chost:version", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	unsigned value;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "adb");
	if (span_starts(bytes, "OKAY") &&
	    is_hex(span_cut(span_skip(bytes, 4 + DIGITS), DIGITS), &value))
		facts_add(facts, "protocol", "%u", value);
}

const struct proto proto_adb = {
	.name = "adb",
	.title = "Android Debug Bridge",
	PROTO_HINTS(PROTO_TCP(5037)),
	.safety = PROTO_B,
	.sends = N_("host:version, as each adb asks first"),
	.proves = N_("an adb server and its protocol's number, or a device that lets itself be "
		     "debugged"),
	.source = "AOSP platform/system/core adb: OVERVIEW.TXT, SERVICES.TXT, protocol.txt; "
		  "answer of adb 29.0.6",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};
