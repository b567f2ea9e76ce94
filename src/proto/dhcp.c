/* SPDX-License-Identifier: Apache-2.0 */
/* dhcp: recognised only. A DISCOVER would make servers set addresses aside: nothing is sent. */
#include "proto/words.h"

enum {
	OPTIONS_AT = 240,
	REQUEST = 1,
	REPLY = 2,
	PAD = 0,
	END = 255,
	HOST_NAME = 12,
	TYPE = 53,
	VENDOR = 60
};

/* RFC 2131 section 2: op, htype, hlen ... magic 63 82 53 63 at 236, options */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;

	if (transport != TRANSPORT_UDP)
		return PROTO_NO;
	if ((bytes.n > 0 && p[0] != (side == PROTO_SERVER ? REPLY : REQUEST)) ||
	    (bytes.n > 1 && (p[1] == 0 || p[1] > 38)) || (bytes.n > 2 && p[2] > 16))
		return PROTO_NO;
	if (bytes.n < OPTIONS_AT)
		return PROTO_MORE;
	return memcmp(p + 236, "\x63\x82\x53\x63", 4) == 0 ? PROTO_YES : PROTO_NO;
}

/* RFC 2132: code, length, value */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const char *const types[] = {"",    "discover", "offer",   "request", "decline",
					    "ack", "nak",      "release", "inform"};
	struct span s = span_skip(bytes, OPTIONS_AT);
	struct span value;
	uint8_t code;
	uint8_t n;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	while (take_u8(&s, &code) && code != END) {
		if (code == PAD)
			continue;
		if (!take_u8(&s, &n) || !take_span(&s, n, &value))
			return;
		if (code == TYPE && n == 1 && value.p[0] < ARRAY_LEN(types))
			proto_add(facts, "message", span_str(types[value.p[0]]));
		if (code == HOST_NAME)
			proto_add(facts, "host", value);
		if (code == VENDOR)
			proto_add(facts, "vendor", value);
	}
}

const struct proto proto_dhcp = {
	.name = "dhcp",
	.title = "Dynamic Host Configuration Protocol",
	PROTO_HINTS(PROTO_UDP(67), PROTO_UDP(68)),
	.safety = PROTO_B,
	.proves = N_("a message with its magic cookie: its type, and the names that a client gives itself"),
	.source = "RFC 2131 section 2; RFC 2132",
	.recognise = recognise,
	.describe = describe,
};
