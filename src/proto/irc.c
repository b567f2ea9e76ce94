/* SPDX-License-Identifier: Apache-2.0 */
/*
 * irc: most servers say nothing until a client registers, some talk at once. Asked "VERSION", which
 * an unregistered visitor is refused with numeric 451 (or answered): no nickname is taken.
 */
#include "proto/words.h"

/* RFC 2812 section 2.3.1: [ ":" prefix SPACE ] command; section 2.4: numerics of three digits */
static bool is_numeric(struct span line)
{
	struct span prefix;
	struct span command;
	struct span target;

	return take_until(&line, ' ', &prefix) && prefix.n > 1 &&
	       take_until(&line, ' ', &command) && command.n == 3 &&
	       words_is_code(command, 3, "") && take_until(&line, ' ', &target) && line.n > 0;
}

static bool is_talk(struct span line)
{
	struct span rest = line;
	struct span prefix;

	if (line.p[0] == ':' && !take_until(&rest, ' ', &prefix))
		return false;
	return span_starts(rest, "NOTICE AUTH :") || span_starts(rest, "NOTICE * :") ||
	       span_starts(rest, "ERROR :") || span_starts(rest, "PING :");
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;

	enum proto_match notice = WORDS_BEGIN(bytes, "NOTICE ");
	enum proto_match error = WORDS_BEGIN(bytes, "ERROR :");

	if (bytes.n && bytes.p[0] != ':' && notice == PROTO_NO && error == PROTO_NO)
		return PROTO_NO;
	if (!words_line(bytes, &line))
		return bytes.n <= 512 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	if (!line.n || !words_is_text(line))
		return PROTO_NO;
	if (line.p[0] == ':' && is_numeric(line))
		return PROTO_YES;
	if (!is_talk(line))
		return PROTO_NO;
	return line.p[0] == ':' || notice == PROTO_YES ? PROTO_YES : PROTO_MAYBE;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("VERSION\r\n", out, size);
}

static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	(void)heard;
	return WORDS_SAY("QUIT\r\n", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct words_product products[] = {
		{" ngircd-", "ngircd", " ngircd-"},
		{" InspIRCd-", "inspircd", " InspIRCd-"},
		{" UnrealIRCd-", "unrealircd", " UnrealIRCd-"},
		{" hybrid-", "ircd-hybrid", " hybrid-"},
		{" solanum-", "solanum", " solanum-"},
		{"BitlBee", "bitlbee", NULL},
	};
	struct span line;
	struct span prefix;

	if (recognise(bytes, side, transport) != PROTO_YES || !words_line(bytes, &line))
		return;
	if (line.p[0] == ':' && take_until(&line, ' ', &prefix))
		proto_add(facts, "host", span_skip(prefix, 1));
	/* RPL_VERSION: RFC 2812 section 5.1, numeric 351 */
	if (span_find(bytes, SPAN_LIT(" 351 ")) >= 0)
		words_product(bytes, products, ARRAY_LEN(products), facts);
}

const struct proto proto_irc = {
	.name = "irc",
	.title = "Internet Relay Chat",
	PROTO_HINTS({TRANSPORT_TCP, 6665, 6669}),
	.safety = PROTO_B,
	.sends = N_("VERSION, without registering"),
	.proves = N_("IRC and the server's name"),
	.source = "RFC 2812 sections 2.3.1, 2.4, 3.4.3 and 5.1",
	.recognise = recognise,
	.greet = greet,
	.farewell = farewell,
	.describe = describe,
};
