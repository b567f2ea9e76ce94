/* SPDX-License-Identifier: Apache-2.0 */
/* ceph: daemons of a Ceph cluster; both sides greet, with one banner for each of two protocols. */
#include "proto/facts.h"
#include "proto/words.h"

/* msgr.h: CEPH_BANNER "ceph v027"; CEPH_BANNER_V2 "ceph v2\n" and a length of two bytes */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	enum proto_match m;

	(void)side;
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	m = WORDS_BEGIN(bytes, "ceph v2\n");
	return m == PROTO_NO ? WORDS_BEGIN(bytes, "ceph v027") : m;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) == PROTO_YES)
		proto_add(facts, "messenger", bytes.p[6] == '2' ? SPAN_LIT("2") : SPAN_LIT("1"));
}

const struct proto proto_ceph = {
	.name = "ceph",
	.title = "Ceph messenger",
	PROTO_HINTS(PROTO_TCP(3300), PROTO_TCP(6789), {TRANSPORT_TCP, 6800, 6823}),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("a daemon of a Ceph cluster, and which messenger it speaks"),
	.source = "ceph/ceph src/include/msgr.h (CEPH_BANNER); linux include/linux/ceph/msgr.h "
		  "(CEPH_BANNER_V2)",
	.recognise = recognise,
	.describe = describe,
};
