/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iscsi: disks over TCP. A conversation begins with a login, so nothing is sent; a login and its
 * answer are known where they are heard.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum {
	LOGIN = 0x43, /* RFC 7143 section 11.12: opcode 3, immediate */
	ANSWER = 0x23,
	HEAD = 48,
	TEXT_MAX = 8192,
	STAGES = 0xcf
};

/* RFC 7143 section 11.12 and 11.13: opcode, stages, versions 0, no additional header, length 3; at
 * 36 the status of an answer; then pairs of "key=value" and NUL */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;
	struct span text = span_skip(bytes, HEAD);
	size_t length;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	if ((bytes.n > 0 && p[0] != (side == PROTO_SERVER ? ANSWER : LOGIN)) ||
	    (bytes.n > 1 && p[1] & ~STAGES) || (bytes.n > 2 && p[2]) || (bytes.n > 3 && p[3]) ||
	    (bytes.n > 4 && p[4]) || (bytes.n > 5 && p[5]))
		return PROTO_NO;
	if (bytes.n < HEAD)
		return PROTO_MORE;
	length = (size_t)p[6] << 8 | p[7];
	if (length > TEXT_MAX)
		return PROTO_NO;
	if (side == PROTO_SERVER) {
		if (p[36] > 3)
			return PROTO_NO;
		if (!length) /* refused, or a stage without words */
			return PROTO_MAYBE;
	}
	text = span_cut(text, length);
	if (span_find(text, side == PROTO_SERVER ? SPAN_LIT("TargetPortalGroupTag=")
						 : SPAN_LIT("InitiatorName=")) >= 0)
		return PROTO_YES;
	return text.n < length ? PROTO_MORE : side == PROTO_SERVER ? PROTO_MAYBE : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span rest = span_skip(bytes, HEAD);
	struct span pair;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	while (take_until(&rest, 0, &pair)) {
		if (!words_is_text(pair))
			continue;
		if (span_starts(pair, "InitiatorName="))
			proto_add(facts, "initiator", span_skip(pair, 14));
		if (span_starts(pair, "TargetName="))
			proto_add(facts, "target", span_skip(pair, 11));
		if (span_starts(pair, "AuthMethod="))
			proto_add(facts, "auth", span_skip(pair, 11));
	}
}

const struct proto proto_iscsi = {
	.name = "iscsi",
	.title = "Internet SCSI",
	PROTO_HINTS(PROTO_TCP(3260)),
	.safety = PROTO_B,
	.proves = N_("a target or an initiator, by their login"),
	.source = "RFC 7143 sections 11.12, 11.13, 13.5 and 13.9",
	.recognise = recognise,
	.describe = describe,
};
