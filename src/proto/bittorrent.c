/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bittorrent: the handshake between peers. Who listens answers only to one that names a torrent it
 * has, so nothing is sent.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { RESERVED = 8, HASH = 20, PEER_ID = 20, CLIENT = 8 };

/* BEP 3: 19, the name, 8 reserved bytes, hash 20, peer id 20 */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	(void)side;
	return transport == TRANSPORT_TCP ? WORDS_BEGIN(bytes, "\23BitTorrent protocol") : PROTO_NO;
}

/* BEP 20: "-TR3000-": two letters of the client, four of its version */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = span_skip(bytes, 20);
	struct span skipped;
	struct span id;

	if (recognise(bytes, side, transport) != PROTO_YES ||
	    !take_span(&s, RESERVED + HASH, &skipped) || !take_span(&s, PEER_ID, &id))
		return;
	facts_hex(facts, "torrent", span_skip(skipped, RESERVED));
	id = span_cut(id, CLIENT);
	if (id.p[0] == '-' && id.p[CLIENT - 1] == '-' && words_is_text(id))
		proto_add(facts, "client", id);
	if (span_starts(id, "-TR"))
		proto_set_product(facts, "transmission");
}

const struct proto proto_bittorrent = {
	.name = "bittorrent",
	.title = "BitTorrent",
	PROTO_HINTS({TRANSPORT_TCP, 6881, 6889}, PROTO_TCP(51413)),
	.safety = PROTO_B,
	.proves = N_("a BitTorrent peer, and what it calls its program"),
	.source = "BEP 3, \"peer protocol\"; BEP 20",
	.recognise = recognise,
	.describe = describe,
};
