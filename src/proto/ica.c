/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ica: Citrix' presentation protocol. The server speaks first, six bytes, perhaps twice; the client
 * says the same. Nothing is sent: a connection is enough.
 */
#include "proto/words.h"

/* as the classifier MMT (proto_citrix.c) knows it from traffic */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	static const uint8_t hello[] = {0x7f, 0x7f, 'I', 'C', 'A', 0};

	(void)side;
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	return words_begin(bytes, span_of(hello, sizeof(hello)));
}

const struct proto proto_ica = {
	.name = "ica",
	.title = "Citrix Independent Computing Architecture",
	PROTO_HINTS(PROTO_TCP(1494)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("ICA, by the server's first six bytes"),
	.source = "traffic signatures of Montimage mmt-dpi proto_citrix.c (format is not public)",
	.recognise = recognise,
};
