/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netiq_fanout: the service "asam" of port 3451 is the Core Driver of the Novell (now NetIQ)
 * Identity Manager Fan-Out Driver, spoken to in TLS. On the wire there is TLS and no more: the
 * certificate's names or, on this host, a program below a directory ASAM are the evidence. So TLS
 * is MAYBE here and never more; the row of tls asks the question.
 */
#include "base/text.h"
#include "proto/proto.h"

extern const struct proto proto_tls;

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	enum proto_match m = proto_tls.recognise(bytes, side, transport);

	return m == PROTO_YES ? PROTO_MAYBE : m;
}

const struct proto proto_netiq_fanout = {
	.name = "netiq-fanout",
	.title = "NetIQ Identity Manager Fan-Out Driver",
	PROTO_HINTS(PROTO_TCP(3451)),
	.safety = PROTO_B,
	.proves = N_("nothing by itself: TLS fits; the certificate or the local program tells"),
	.source = "NetIQ Identity Manager Fan-Out Driver guide, sections 10.3.6, 10.3.7, 11.1.2",
	.recognise = recognise,
};
