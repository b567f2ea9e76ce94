/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nrpe: Nagios' agent, asked _NRPE_CHECK, which runs no plugin: it says its version. It hangs up on
 * hosts that it does not know. By default all of it is inside of TLS. Each packet holds a sum of
 * itself, so that one is told from chance.
 */
#include "proto/facts.h"
#include "proto/words.h"

/* nrpe include/common.h.in: version 2 has a buffer of 1024 bytes and two bytes of padding behind;
 * 3 and 4 have a length, BE as all numbers, and a buffer that is as long; 3 counts the padding */
enum {
	QUERY = 1,
	RESPONSE = 2,
	HEAD = 10,
	LONG_HEAD = 16,
	SHORT = 1036,
	PADDING = 3,
	LONGEST = 8192,
	STATUS_MOST = 4,
	SUM_AT = 4
};

/* ISO 3309's, as in nrpe src/utils.c, over the packet with the sum itself as zero */
static uint32_t sum(struct span packet)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < packet.n; i++) {
		crc ^= i >= SUM_AT && i < SUM_AT + 4 ? 0 : packet.p[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static enum proto_match take_packet(struct span bytes, enum proto_side side, struct span *text)
{
	struct span s = bytes;
	uint16_t version = 0;
	uint16_t type;
	uint16_t status;
	uint16_t alignment;
	uint32_t wanted;
	uint32_t length;
	size_t whole = SHORT;

	if (s.n && s.p[0])
		return PROTO_NO;
	if (s.n > 1 && (s.p[1] < 2 || s.p[1] > 4))
		return PROTO_NO;
	if (!take_u16be(&s, &version) || (s.n && s.p[0] == 0 && s.n < 2))
		return PROTO_MORE;
	if (!take_u16be(&s, &type))
		return s.n && s.p[0] ? PROTO_NO : PROTO_MORE;
	if (type != (side == PROTO_SERVER ? RESPONSE : QUERY))
		return PROTO_NO;
	if (!take_u32be(&s, &wanted) || !take_u16be(&s, &status))
		return PROTO_MORE;
	if (side == PROTO_SERVER && status > STATUS_MOST)
		return PROTO_NO;
	if (version > 2) {
		if (!take_u16be(&s, &alignment) || !take_u32be(&s, &length))
			return PROTO_MORE;
		if (length > LONGEST)
			return PROTO_NO;
		whole = LONG_HEAD + length + (version == 3 ? PADDING : 0);
	}
	if (bytes.n < whole)
		return PROTO_MORE;
	if (sum(span_cut(bytes, whole)) != wanted)
		return PROTO_NO;
	*text = span_skip(span_cut(bytes, whole), version > 2 ? LONG_HEAD : HEAD);
	return PROTO_YES;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span text;

	return transport == TRANSPORT_TCP ? take_packet(bytes, side, &text) : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	static const char name[] = "_NRPE_CHECK";
	uint32_t crc;

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP || size < SHORT)
		return 0;
	memset(out, 0, SHORT);
	out[1] = 2;
	out[3] = QUERY;
	memcpy(out + HEAD, name, sizeof(name));
	crc = sum(span_of(out, SHORT));
	for (unsigned i = 0; i < 4; i++)
		out[SUM_AT + i] = (uint8_t)(crc >> (24 - 8 * i));
	return SHORT;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span text;
	struct span line;

	if (transport != TRANSPORT_TCP || take_packet(bytes, side, &text) != PROTO_YES ||
	    !take_until(&text, 0, &line) || !words_is_text(line))
		return;
	if (side == PROTO_CLIENT)
		proto_add(facts, "command", line);
	else if (span_starts(line, "NRPE v")) {
		proto_set_product(facts, "nrpe");
		proto_set_version(facts, words_version(span_skip(line, strlen("NRPE v"))));
	}
}

const struct proto proto_nrpe = {
	.name = "nrpe",
	.title = "Nagios Remote Plugin Executor",
	PROTO_HINTS(PROTO_TCP(5666)),
	.safety = PROTO_B,
	.sends = N_("the query _NRPE_CHECK, which runs no plugin"),
	.proves = N_("NRPE that knows our address, and its version"),
	.source = "NagiosEnterprises/nrpe include/common.h.in, src/nrpe.c and src/utils.c",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};
