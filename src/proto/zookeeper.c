/* SPDX-License-Identifier: Apache-2.0 */
/* zookeeper: asked "srvr", a four letter command that only reads. Where it is not on the server's
 * list the refusal proves ZooKeeper too. ClickHouse Keeper answers in the same way. */
#include "proto/words.h"

/* ZooKeeper Administrator's Guide, "ZooKeeper Commands" */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;

	enum proto_match own = WORDS_BEGIN(bytes, "Zookeeper version: ");
	enum proto_match keeper = WORDS_BEGIN(bytes, "ClickHouse Keeper version: ");
	enum proto_match refused =
		WORDS_BEGIN(bytes, "srvr is not executed because it is not in the whitelist");

	if (refused == PROTO_YES)
		return PROTO_YES;
	if (own != PROTO_YES && keeper != PROTO_YES)
		return own || keeper || refused ? PROTO_MORE : PROTO_NO;
	if (!words_line(bytes, &line))
		return bytes.n < 512 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	return PROTO_YES;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("srvr", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span version;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	if (bytes.p[0] == 'Z') {
		/* "3.8.0-<commit or word>, built on": the version ends at the hyphen */
		version = words_version(span_skip(bytes, 19));
		ptrdiff_t end = span_find_byte(version, '-');

		proto_set_product(facts, "zookeeper");
		proto_set_version(facts, span_cut(version, end < 0 ? version.n : (size_t)end));
	} else if (bytes.p[0] == 'C') {
		version = words_version_after(bytes, "version: ");
		proto_set_product(facts, "clickhouse-keeper");
		if (version.n && (version.p[0] == 'v' || version.p[0] == 'V'))
			version = span_skip(version, 1);
		proto_set_version(facts, version);
	} else {
		proto_add(facts, "refusal", SPAN_LIT("not in the whitelist"));
	}
	version = words_between(bytes, "\nMode: ", "\n");
	if (version.n)
		proto_add(facts, "mode", version);
}

const struct proto proto_zookeeper = {
	.name = "zookeeper",
	.title = "ZooKeeper",
	PROTO_HINTS(PROTO_TCP(2181)),
	.safety = PROTO_B,
	.sends = N_("srvr, which only reads"),
	.proves = N_("ZooKeeper and its version"),
	.source = "ZooKeeper Administrator's Guide, ZooKeeper Commands",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};
