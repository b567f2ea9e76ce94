/* SPDX-License-Identifier: Apache-2.0 */
/* svn: svnserve speaks first, "( success ( 2 2 ( ) ( capability ... ) ) )". Nothing is sent. */
#include "proto/words.h"

/* subversion/libsvn_ra_svn/protocol, section 2: greeting */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;

	enum proto_match m = WORDS_BEGIN(bytes, "( success ( ");

	if (m != PROTO_YES)
		return m;
	line = span_skip(bytes, 12);
	if (line.n && (line.p[0] < '1' || line.p[0] > '9'))
		return PROTO_NO;
	if (span_find(line, SPAN_LIT("edit-pipeline")) >= 0)
		return PROTO_YES;
	return line.n < 200 && words_is_cut(line) ? PROTO_MORE : PROTO_MAYBE;
}

const struct proto proto_svn = {
	.name = "svn",
	.title = "Subversion",
	PROTO_HINTS(PROTO_TCP(3690)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("the greeting of svnserve, with its protocol versions and mechanisms"),
	.source = "Subversion libsvn_ra_svn/protocol section 2",
	.recognise = recognise,
};
