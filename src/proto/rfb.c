/* SPDX-License-Identifier: Apache-2.0 */
/* rfb: VNC's protocol. The server speaks first, 12 bytes: "RFB 003.008" LF. Nothing is sent. */
#include "proto/words.h"

/* RFC 6143 section 7.1.1 */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	static const char form[] = "RFB ddd.ddd\n";

	(void)side;
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	for (size_t i = 0; i < sizeof(form) - 1 && i < bytes.n; i++) {
		bool is_digit = bytes.p[i] >= '0' && bytes.p[i] <= '9';

		if (form[i] == 'd' ? !is_digit : bytes.p[i] != (uint8_t)form[i])
			return PROTO_NO;
	}
	return bytes.n < sizeof(form) - 1 ? PROTO_MORE : PROTO_YES;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_add(facts, "protocol", span_cut(span_skip(bytes, 4), 7));
	/* 003.889 is what Apple's server alone says (RFC 6143 section 7.1.1 knows 3, 7 and 8) */
	if (span_starts(bytes, "RFB 003.889") && side == PROTO_SERVER)
		proto_set_product(facts, "macos-screen-sharing");
}

const struct proto proto_rfb = {
	.name = "rfb",
	.title = "Remote Framebuffer (VNC)",
	PROTO_HINTS({TRANSPORT_TCP, 5900, 5910}),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("the version of the protocol; macOS by a number that is its own"),
	.source = "RFC 6143 section 7.1.1",
	.recognise = recognise,
	.describe = describe,
};
