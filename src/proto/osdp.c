/* SPDX-License-Identifier: Apache-2.0 */
/*
 * osdp: the Open Supervised Device Protocol between access-control panels and readers, at home on
 * RS-485 and sometimes carried through a serial server over TCP, on no fixed port. Only a frame
 * whose CRC is right is taken for it; with the one-byte checksum it is MAYBE. Doors hang on it:
 * nothing is sent. It has nothing to do with the registered name osdcp (3432).
 */
#include "proto/facts.h"
#include "proto/words.h"

/* libosdp doc/protocol/packet-structure.rst; an idle line or a mark byte FF may go before */
enum {
	MARK = 0xff,
	START = 0x53,
	HEAD = 5,
	REPLY = 0x80,
	HAS_CRC = 0x04,
	HAS_SECURITY = 0x08,
	FRAME_MAX = 1440
};

struct frame {
	uint8_t address, control;
	struct span body; /* code and data */
	bool has_crc;
};

/* polynomial 1021, first value 1D0F (OSDP 2.2 annex C) */
static uint16_t crc(struct span s)
{
	uint16_t sum = 0x1d0f;

	for (size_t i = 0; i < s.n; i++) {
		sum = (uint16_t)(sum ^ s.p[i] << 8);
		for (unsigned bit = 0; bit < 8; bit++)
			sum = (uint16_t)(sum & 0x8000 ? sum << 1 ^ 0x1021 : sum << 1);
	}
	return sum;
}

static bool is_sum_right(struct span whole)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < whole.n; i++)
		sum = (uint8_t)(sum + whole.p[i]);
	return sum == 0;
}

static enum proto_match take_frame(struct span s, enum proto_side side, struct frame *f)
{
	uint8_t start;
	uint16_t length;
	uint16_t trailer;

	if (s.n && s.p[0] == MARK)
		s = span_skip(s, 1);

	struct span whole = s;

	if (!take_u8(&s, &start))
		return PROTO_MORE;
	if (start != START)
		return PROTO_NO;
	if (!take_u8(&s, &f->address))
		return PROTO_MORE;
	if ((f->address & REPLY) != (side == PROTO_SERVER ? REPLY : 0))
		return PROTO_NO;
	if (!take_u16le(&s, &length) || !take_u8(&s, &f->control))
		return PROTO_MORE;
	f->has_crc = f->control & HAS_CRC;

	size_t n_trailer = f->has_crc ? 2 : 1;

	if (length < HEAD + 1 + n_trailer || length > FRAME_MAX || (f->control & 0xf0))
		return PROTO_NO;
	if (whole.n < length)
		return PROTO_MORE;
	whole = span_cut(whole, length);
	f->body = span_skip(span_cut(whole, length - n_trailer), HEAD);

	struct span tail = span_skip(whole, length - n_trailer);

	if (!f->has_crc)
		return is_sum_right(whole) ? PROTO_MAYBE : PROTO_NO;
	if (!take_u16le(&tail, &trailer))
		return PROTO_NO;
	return crc(span_cut(whole, length - 2u)) == trailer ? PROTO_YES : PROTO_NO;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct frame f;

	return transport == TRANSPORT_TCP ? take_frame(bytes, side, &f) : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct frame f;

	(void)transport;
	if (take_frame(bytes, side, &f) < PROTO_MAYBE)
		return;
	facts_add(facts, "address", "%u", f.address & 0x7fu);
	facts_add(facts, "sequence", "%u", f.control & 3u);
	facts_add(facts, "secure_channel", "%s", f.control & HAS_SECURITY ? "yes" : "no");
	if (!(f.control & HAS_SECURITY) && f.body.n)
		facts_add(facts, side == PROTO_SERVER ? "reply" : "command", "%02x", f.body.p[0]);
}

const struct proto proto_osdp = {
	.name = "osdp",
	.title = "Open Supervised Device Protocol",
	.safety = PROTO_A,
	.proves = N_("an access-control bus carried over TCP, when the CRC of a frame is right"),
	.source = "IEC 60839-11-5, as in goToMain/libosdp doc/protocol/packet-structure.rst",
	.recognise = recognise,
	.describe = describe,
};
