/* SPDX-License-Identifier: Apache-2.0 */
/* beanstalk: the work queue's "stats" command, which only reads: "OK" bytes CR LF and YAML. */
#include "proto/words.h"

/* beanstalkd doc/protocol.txt, "stats" */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;
	uint64_t n;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;

	enum proto_match m = WORDS_BEGIN(bytes, "OK ");

	if (m != PROTO_YES)
		return m;
	if (!words_line(bytes, &line)) {
		struct span digits = span_trim(span_skip(bytes, 3));

		return digits.n == 0 || span_u64(digits, 1 << 20, &n) ? PROTO_MORE : PROTO_NO;
	}
	if (!span_u64(span_skip(line, 3), 1 << 20, &n))
		return PROTO_NO;
	m = WORDS_BEGIN(span_skip(bytes, line.n + 2), "---\ncurrent-jobs-urgent: ");
	return m;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("stats\r\n", out, size);
}

static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	(void)heard;
	return WORDS_SAY("quit\r\n", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "beanstalkd");

	ptrdiff_t at = span_find(bytes, SPAN_LIT("\nversion: "));

	if (at >= 0) {
		struct span rest = span_skip(bytes, (size_t)at + 10);

		if (rest.n && rest.p[0] == '"')
			rest = span_skip(rest, 1);
		if (span_find_byte(rest, '\n') >= 0)
			proto_set_version(facts, words_version(rest));
	}
}

const struct proto proto_beanstalk = {
	.name = "beanstalk",
	.title = "beanstalkd work queue",
	PROTO_HINTS(PROTO_TCP(11300)),
	.safety = PROTO_B,
	.sends = N_("stats, which only reads"),
	.proves = N_("beanstalkd and its version"),
	.source = "beanstalkd doc/protocol.txt",
	.recognise = recognise,
	.greet = greet,
	.farewell = farewell,
	.describe = describe,
};
