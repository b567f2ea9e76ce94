/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openvpn: the hard reset with which every client begins. A server without a shared outer key
 * answers with its own; from 2.6 on it keeps no state for that, before it forgets after a minute.
 * A server that wants the outer key (tls-auth, tls-crypt) hears nothing it knows, and is silent.
 */
#include "proto/facts.h"
#include "proto/words.h"

/* ssl_pkt.h: opcode in the upper five bits, key in the lower three */
enum {
	CLIENT_V2 = 7 << 3,
	SERVER_V2 = 8 << 3,
	CLIENT_V3 = 10 << 3,
	SESSION = 8,
	PLAIN_RESET = 14,            /* opcode, session, no acknowledgement, number */
	PLAIN_ANSWER = 26,           /* opcode, session, 1 acknowledgement 4, session, number 4 */
	CRYPT_RESET = 54,            /* opcode, session, number 4, time 4, HMAC 32, five bytes */
	AUTH_MIN = PLAIN_RESET + 24, /* HMAC of 16 bytes, number 4, time 4 */
	AUTH_MAX = PLAIN_ANSWER + 72,
	LENGTH_MAX = 2048
};

/* Our own session, which the answer names. */
static const uint8_t session[SESSION] = {'p', 'e', 'r', 'i', 'p', 'l', 'u', 's'};

/* ssl_pkt.c, write_control_auth: opcode, session, acknowledgements, number 0. What an outer key
 * covers cannot be read: then only the length speaks. */
static enum proto_match packet(struct span s, enum proto_side side)
{
	static const uint8_t zero[4] = {0};
	const uint8_t *p = s.p;

	if (!s.n)
		return PROTO_NO;
	if (side == PROTO_CLIENT) {
		if (p[0] != CLIENT_V2 && p[0] != CLIENT_V3)
			return PROTO_NO;
		if (p[0] == CLIENT_V2 && s.n == PLAIN_RESET)
			return p[SESSION + 1] || memcmp(p + SESSION + 2, zero, 4) != 0 ? PROTO_NO
										       : PROTO_YES;
		/* the number of the first packet under an outer key is 1 */
		if (p[0] == CLIENT_V2 && s.n == CRYPT_RESET)
			return memcmp(p + SESSION + 1, "\0\0\0\1", 4) != 0 ? PROTO_MAYBE
									   : PROTO_YES;
		return s.n >= AUTH_MIN && s.n <= LENGTH_MAX ? PROTO_MAYBE : PROTO_NO;
	}
	if (p[0] != SERVER_V2)
		return PROTO_NO;
	if (s.n == PLAIN_ANSWER)
		return p[SESSION + 1] == 1 && memcmp(p + SESSION + 2, zero, 4) == 0 &&
				       memcmp(p + PLAIN_ANSWER - 4, zero, 4) == 0
			       ? PROTO_YES
			       : PROTO_NO;
	return s.n >= AUTH_MIN && s.n <= AUTH_MAX ? PROTO_MAYBE : PROTO_NO;
}

/* Over TCP a length of two bytes stands in front (socket.c, stream_buf). */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	struct span body;
	uint16_t length;

	if (transport == TRANSPORT_UDP)
		return packet(bytes, side);
	if (transport != TRANSPORT_TCP || (bytes.n && bytes.p[0] > LENGTH_MAX >> 8))
		return PROTO_NO;
	if (!take_u16be(&s, &length))
		return PROTO_MORE;
	if (length < PLAIN_RESET || length > LENGTH_MAX ||
	    (s.n && s.p[0] != (side == PROTO_SERVER ? SERVER_V2 : CLIENT_V2) &&
	     (side == PROTO_SERVER || s.p[0] != CLIENT_V3)))
		return PROTO_NO;
	return take_span(&s, length, &body) ? packet(body, side) : PROTO_MORE;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	uint8_t words[2 + PLAIN_RESET] = {0, PLAIN_RESET, CLIENT_V2};
	struct span all = span_of(words, sizeof(words));

	(void)heard;
	if (turn > 0 || (transport != TRANSPORT_TCP && transport != TRANSPORT_UDP))
		return 0;
	memcpy(words + 3, session, SESSION);
	return words_say(transport == TRANSPORT_TCP ? all : span_skip(all, 2), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = transport == TRANSPORT_TCP ? span_skip(bytes, 2) : bytes;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "openvpn");
	proto_add(facts, "message",
		  side == PROTO_SERVER ? SPAN_LIT("answers a reset") : SPAN_LIT("reset"));
	if (side == PROTO_CLIENT && s.n == CRYPT_RESET)
		proto_add(facts, "outer_key", SPAN_LIT("tls-crypt"));
}

const struct proto proto_openvpn = {
	.name = "openvpn",
	.title = "OpenVPN",
	PROTO_HINTS(PROTO_UDP(1194), PROTO_TCP(1194)),
	.safety = PROTO_B,
	.sends = N_("the reset with which every client begins; nothing follows it"),
	.proves = N_("an OpenVPN server that wants no outer key; others are silent"),
	.source = "OpenVPN/openvpn src/openvpn/ssl_pkt.h, ssl_pkt.c, reliable.c, tls_crypt.h",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};
