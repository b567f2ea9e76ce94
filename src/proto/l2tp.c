/* SPDX-License-Identifier: Apache-2.0 */
/*
 * l2tp: control messages of version 2. A request opens a tunnel that the other side keeps until it
 * gives up, so nothing is sent.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { HEAD = 12, AVP_HEAD = 6, TYPE_LAST = 16, HOST_NAME = 7, VENDOR_NAME = 8, FIRMWARE = 6 };

/* RFC 2661 section 3.1 and 4.1: c8 02, length of the whole, tunnel, session, Ns, Nr; the first
 * attribute is the type of the message (4.4.1, mandatory and of 8 bytes), 1 to 16 (3.2) */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;

	(void)side;
	if (transport != TRANSPORT_UDP || bytes.n < HEAD || p[0] != 0xc8 || p[1] != 2 ||
	    ((size_t)p[2] << 8 | p[3]) != bytes.n)
		return PROTO_NO;
	if (bytes.n == HEAD) /* an acknowledgement */
		return PROTO_MAYBE;
	if (bytes.n < HEAD + AVP_HEAD + 2 || p[HEAD] != 0x80 || p[HEAD + 1] != 8 || p[HEAD + 2] ||
	    p[HEAD + 3] || p[HEAD + 4] || p[HEAD + 5] || p[HEAD + 6] || !p[HEAD + 7] ||
	    p[HEAD + 7] > TYPE_LAST)
		return PROTO_NO;
	return PROTO_YES;
}

/* section 4.4.3: attributes of flags and length 2, vendor 2, type 2, value */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = span_skip(bytes, HEAD);
	struct span value;
	uint16_t length;
	uint16_t vendor;
	uint16_t type;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	while (take_u16be(&s, &length) && take_u16be(&s, &vendor) && take_u16be(&s, &type) &&
	       (length & 0x3ff) >= AVP_HEAD &&
	       take_span(&s, (size_t)(length & 0x3ff) - AVP_HEAD, &value)) {
		if (vendor || length & 0x4000) /* hidden */
			continue;
		if (type == HOST_NAME && words_is_text(value))
			proto_add(facts, "host", value);
		if (type == VENDOR_NAME && words_is_text(value))
			proto_add(facts, "vendor", value);
		if (type == FIRMWARE && value.n == 2)
			facts_add(facts, "firmware", "%u", (unsigned)value.p[0] << 8 | value.p[1]);
	}
}

const struct proto proto_l2tp = {
	.name = "l2tp",
	.title = "Layer Two Tunneling Protocol",
	PROTO_HINTS(PROTO_UDP(1701)),
	.safety = PROTO_B,
	.proves = N_("L2TP's control connection, the host name and maker of who speaks"),
	.source = "RFC 2661 sections 3.1, 3.2, 4.1, 4.4.1 and 4.4.3",
	.recognise = recognise,
	.describe = describe,
};
