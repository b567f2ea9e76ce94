/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bittorrent_udp: trackers over UDP, asked for a connection id, which names no torrent and
 * announces nobody. The answer is known by the number that our question carried.
 */
#include "proto/words.h"

enum { ANSWER = 16, CONNECT = 0, ERROR = 3 };

/* BEP 15: the constant 41727101980, action, transaction */
static const uint8_t question[] = {0, 0, 4, 0x17,    0x27, 0x10, 0x19, 0x80,
				   0, 0, 0, CONNECT, 'p',  'e',  'r',  'i'};

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	uint32_t action;
	struct span transaction;

	if (transport != TRANSPORT_UDP)
		return PROTO_NO;
	if (side == PROTO_CLIENT)
		return bytes.n >= ANSWER && words_begin(bytes, span_of(question, 12)) == PROTO_YES
			       ? PROTO_YES
			       : PROTO_NO;
	if (!take_u32be(&s, &action) || !take_span(&s, 4, &transaction))
		return PROTO_NO;
	if (action == CONNECT && bytes.n == ANSWER)
		return span_is(transaction, "peri") ? PROTO_YES : PROTO_NO;
	return action == ERROR && span_is(transaction, "peri") && words_is_text(s) ? PROTO_YES
										   : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return words_say(span_of(question, sizeof(question)), out, size);
}

const struct proto proto_bittorrent_udp = {
	.name = "bittorrent-udp",
	.title = "BitTorrent tracker over UDP",
	PROTO_HINTS(PROTO_UDP(6969)),
	.safety = PROTO_B,
	.sends = N_("a request for a connection id; no torrent is named, nobody announced"),
	.proves = N_("a BitTorrent tracker"),
	.source = "BEP 15, \"connect\" and \"error\"",
	.recognise = recognise,
	.greet = greet,
};
