/* SPDX-License-Identifier: Apache-2.0 */
/* git: the daemon's upload-pack is asked for a repository that cannot exist; it answers with one
 * pkt-line, an error. A repository that did exist would be listed, not fetched. */
#include "proto/words.h"

static bool is_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* gitprotocol-common: pkt-line = four hex digits of length, bytes; gitprotocol-pack: git:// */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	for (size_t i = 0; i < 4 && i < bytes.n; i++)
		if (!is_hex(bytes.p[i]))
			return PROTO_NO;

	struct span s = span_skip(bytes, 4);

	if (bytes.n < 4)
		return PROTO_MORE;
	if (side == PROTO_CLIENT)
		return WORDS_BEGIN(s, "git-upload-pack /");

	enum proto_match error = WORDS_BEGIN(s, "ERR ");

	if (error != PROTO_NO)
		return error;
	/* 40 or 64 hex digits of an object, a blank, a reference */
	for (size_t i = 0; i < 40 && i < s.n; i++)
		if (!is_hex(s.p[i]))
			return PROTO_NO;
	if (s.n < 45)
		return PROTO_MORE;
	return s.p[40] == ' ' && (span_starts(span_skip(s, 41), "HEAD") ||
				  span_starts(span_skip(s, 41), "refs"))
		       ? PROTO_YES
		       : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("0044git-upload-pack /periplus-has-no-such-repository\0host=localhost\0",
			 out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span agent = words_version_after(bytes, "agent=git/");

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	if (span_starts(span_skip(bytes, 4), "ERR ")) {
		struct span line = span_trim(span_skip(bytes, 8));

		proto_add(facts, "error", line);
	}
	if (agent.n) {
		proto_set_product(facts, "git-daemon");
		proto_set_version(facts, agent);
	}
}

const struct proto proto_git = {
	.name = "git",
	.title = "Git pack protocol",
	PROTO_HINTS(PROTO_TCP(9418)),
	.safety = PROTO_B,
	.sends = N_("upload-pack of a repository that cannot exist"),
	.proves = N_("a git daemon"),
	.source = "git gitprotocol-pack, Git Transport; gitprotocol-common, pkt-line",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};
