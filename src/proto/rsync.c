/* SPDX-License-Identifier: Apache-2.0 */
/* rsync: the daemon speaks first, "@RSYNCD: 31.0 sha512 ..." LF. Nothing is sent. */
#include "proto/words.h"

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;
	struct span version;

	(void)side;
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;

	enum proto_match m = WORDS_BEGIN(bytes, "@RSYNCD: ");

	if (m != PROTO_YES)
		return m;
	if (!words_line(bytes, &line))
		return bytes.n < 256 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	version = words_version(span_skip(line, 9));
	return version.n && version.p[0] >= '1' && version.p[0] <= '9' ? PROTO_YES : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span line;

	if (recognise(bytes, side, transport) != PROTO_YES || !words_line(bytes, &line))
		return;
	proto_add(facts, "protocol", words_version(span_skip(bytes, 9)));
	/* the list of digests came with protocol 32 of rsync itself; other programs speak older
	 * ones */
	if (span_find(line, SPAN_LIT(" md5")) >= 0)
		proto_set_product(facts, "rsync");
}

const struct proto proto_rsync = {
	.name = "rsync",
	.title = "rsync daemon",
	PROTO_HINTS(PROTO_TCP(873)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("the greeting, and the version of the protocol"),
	.source = "rsync clientserver.c, exchange_protocols; rsyncd.conf(5)",
	.recognise = recognise,
	.describe = describe,
};
