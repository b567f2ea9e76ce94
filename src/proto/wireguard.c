/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wireguard: four messages of fixed lengths. Who does not know the peer's key gets no answer, so
 * nothing is sent; the first two are known where they are seen.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum {
	INITIATION = 1,
	RESPONSE = 2,
	COOKIE = 3,
	DATA = 4,
	INITIATION_SIZE = 148,
	RESPONSE_SIZE = 92,
	COOKIE_SIZE = 64,
	DATA_MIN = 32,
	MAC = 16
};

/* messages.h: type, three bytes 0, indexes, keys; cookie.c: mac2 at the end is 0 unless the other
 * side gave a cookie */
static bool is_quiet(struct span s)
{
	for (size_t i = s.n - MAC; i < s.n; i++)
		if (s.p[i])
			return false;
	return true;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	(void)side; /* either may begin */
	if (transport != TRANSPORT_UDP || bytes.n < DATA_MIN || bytes.p[1] || bytes.p[2] ||
	    bytes.p[3])
		return PROTO_NO;
	switch (bytes.p[0]) {
	case INITIATION:
		return bytes.n != INITIATION_SIZE ? PROTO_NO
		       : is_quiet(bytes)          ? PROTO_YES
						  : PROTO_MAYBE;
	case RESPONSE:
		return bytes.n != RESPONSE_SIZE ? PROTO_NO
		       : is_quiet(bytes)        ? PROTO_YES
						: PROTO_MAYBE;
	case COOKIE: return bytes.n == COOKIE_SIZE ? PROTO_MAYBE : PROTO_NO;
	case DATA: return bytes.n % MAC == 0 ? PROTO_MAYBE : PROTO_NO;
	default: return PROTO_NO;
	}
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "wireguard");
	proto_add(facts, "message",
		  bytes.p[0] == INITIATION ? SPAN_LIT("handshake initiation")
					   : SPAN_LIT("handshake response"));
}

const struct proto proto_wireguard = {
	.name = "wireguard",
	.title = "WireGuard",
	PROTO_HINTS(PROTO_UDP(51820)),
	.safety = PROTO_B,
	.proves = N_("a WireGuard handshake; nobody without the key gets an answer"),
	.source = "linux drivers/net/wireguard/messages.h, cookie.c (wg_cookie_add_mac_to_packet)",
	.recognise = recognise,
	.describe = describe,
};
