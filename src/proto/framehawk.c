/* SPDX-License-Identifier: Apache-2.0 */
/*
 * framehawk: Citrix' old display channel, UDP 3224 to 3324 on the desktop's side, off by default
 * and without support since release 7 1903. Its own format is not public; what can be seen there is
 * DTLS, and a DTLS server in that range is a candidate, never a proof: 100 of these 101 numbers
 * belong to others. Nothing is sent for it; the row of dtls asks.
 */
#include "proto/dtls_record.h"
#include "base/text.h"

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	return dtls_recognise(bytes, side, transport) >= PROTO_MAYBE ? PROTO_MAYBE : PROTO_NO;
}

const struct proto proto_framehawk = {
	.name = "framehawk",
	.title = "Citrix Framehawk display channel",
	PROTO_HINTS({TRANSPORT_UDP, 3224, 3324}),
	.safety = PROTO_B,
	.proves = N_("nothing by itself: DTLS in this range fits, and the number proves nothing"),
	.source = "docs.citrix.com, Virtual Apps and Desktops: Framehawk (UDP 3224-3324)",
	.recognise = recognise,
};
