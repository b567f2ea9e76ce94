/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvme-tcp: disks over TCP. Nothing is sent: what listens holds somebody's data, and a connection
 * that begins and goes no further is an error in a target's log at the least. Both sides open with
 * a message of 128 bytes. Discovery on 8009 is no hint: most who listen there speak AJP.
 */
#include "proto/facts.h"
#include "proto/words.h"

/* NVM Express TCP Transport 1.0 section 3.6.2, as in Linux' include/linux/nvme-tcp.h: type, flags,
 * length of the header, where data begins, length of all; then version of the format, alignment,
 * digests, and a limit; the rest is reserved. Numbers are LE. */
enum { REQUEST = 0, RESPONSE = 1, LENGTH = 128, USED = 16, HEADER_DIGEST = 1, DATA_DIGEST = 2 };

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	static const uint8_t head[2][8] = {
		{REQUEST, 0, LENGTH, 0, LENGTH, 0, 0, 0},
		{RESPONSE, 0, LENGTH, 0, LENGTH, 0, 0, 0},
	};
	enum proto_match m;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	m = words_begin(bytes, span_of(head[side == PROTO_SERVER], sizeof(head[0])));
	if (m != PROTO_YES)
		return m;
	/* format 0, alignment of at most 32 words, two kinds of digest */
	if ((bytes.n > 8 && bytes.p[8]) || (bytes.n > 9 && bytes.p[9]) ||
	    (bytes.n > 10 && bytes.p[10] > 31) ||
	    (bytes.n > 11 && bytes.p[11] & ~(HEADER_DIGEST | DATA_DIGEST)))
		return PROTO_NO;
	for (size_t i = USED; i < bytes.n && i < LENGTH; i++)
		if (bytes.p[i])
			return PROTO_NO;
	return bytes.n < LENGTH ? PROTO_MORE : PROTO_YES;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct facts_word digests[] = {
		{0, "none"},
		{HEADER_DIGEST, "header"},
		{DATA_DIGEST, "data"},
		{HEADER_DIGEST | DATA_DIGEST, "header and data"}};

	if (recognise(bytes, side, transport) == PROTO_YES)
		proto_add(facts, "digest",
			  span_str(facts_word(digests, ARRAY_LEN(digests), bytes.p[11])));
}

const struct proto proto_nvme_tcp = {
	.name = "nvme-tcp",
	.title = "NVMe over TCP",
	PROTO_HINTS(PROTO_TCP(4420)),
	.safety = PROTO_A,
	.proves = N_("NVMe over TCP, and the digests that were agreed on"),
	.source = "NVM Express TCP Transport 1.0 section 3.6.2; Linux include/linux/nvme-tcp.h",
	.recognise = recognise,
	.describe = describe,
};
