/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns: asked for version.bind TXT in class CHAOS, which a server answers from itself and forwards
 * to nobody. Over TCP a length of two bytes goes before. Any well-formed answer proves DNS; the
 * text proves a product only when it names one (dnsmasq-2.89, unbound 1.17.1, 9.18.33-...-Debian).
 * mDNS (5353) has a row of its own; its messages have the id 0 and are left to it.
 */
#include "proto/words.h"

enum { HEAD = 12, CHAOS = 3, TXT = 16, QUESTION_ID = 0x7065, NAME_MAX_BYTES = 255 };

struct message {
	uint16_t id, flags, questions, answers, authorities, additionals;
};

/* RFC 1035 section 4.1.1 */
static bool take_head(struct span *s, struct message *m)
{
	return take_u16be(s, &m->id) && take_u16be(s, &m->flags) && take_u16be(s, &m->questions) &&
	       take_u16be(s, &m->answers) && take_u16be(s, &m->authorities) &&
	       take_u16be(s, &m->additionals);
}

/* RFC 1035 section 3.1 and 4.1.4: labels, ended by the root or by a pointer; not followed. */
static enum proto_match skip_name(struct span *s)
{
	struct span label;
	uint8_t n;

	for (size_t all = 0; all < NAME_MAX_BYTES; all += n + 1u) {
		if (!take_u8(s, &n))
			return PROTO_MORE;
		if (n == 0)
			return PROTO_YES;
		if (n >= 0xc0)
			return take_u8(s, &n) ? PROTO_YES : PROTO_MORE;
		if (n > 63)
			return PROTO_NO;
		if (!take_span(s, n, &label))
			return PROTO_MORE;
	}
	return PROTO_NO;
}

static enum proto_match message(struct span s, enum proto_side side, struct message *m)
{
	uint16_t type;
	uint16_t class;
	struct span q = s;

	if (!take_head(&q, m))
		return PROTO_MORE;
	/* opcode 0-6 but 3; Z clear; the answer bit tells the side */
	unsigned opcode = m->flags >> 11 & 15;

	if (opcode > 6 || opcode == 3 || (m->flags & 0x40) ||
	    (m->flags >> 15 != 0) != (side == PROTO_SERVER))
		return PROTO_NO;
	if (m->questions > 1 || m->answers > 512 || m->authorities > 64 || m->additionals > 64 ||
	    (side == PROTO_CLIENT && (m->questions != 1 || m->answers)) || m->id == 0)
		return PROTO_NO;
	if (m->questions == 0) /* an error without question: nothing to hold it by */
		return m->flags & 15 && q.n == 0 ? PROTO_MAYBE : PROTO_NO;

	enum proto_match name = skip_name(&q);

	if (name != PROTO_YES)
		return name;
	if (!take_u16be(&q, &type) || !take_u16be(&q, &class))
		return PROTO_MORE;
	if (type == 0 || (class != 1 && class != CHAOS && class != 4 && class < 254))
		return PROTO_NO;
	return PROTO_YES;
}

/* RFC 1035 section 4.2.2: over TCP a length goes first */
static enum proto_match strip(struct span *s, enum transport transport)
{
	uint16_t length;

	if (transport == TRANSPORT_UDP)
		return PROTO_YES;
	if (!take_u16be(s, &length))
		return PROTO_MORE;
	if (length < HEAD + 5)
		return PROTO_NO;
	*s = span_cut(*s, length);
	return PROTO_YES;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	struct message m;

	if (transport != TRANSPORT_TCP && transport != TRANSPORT_UDP)
		return PROTO_NO;

	enum proto_match match = strip(&s, transport);

	return match == PROTO_YES ? message(s, side, &m) : match;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* id, RD clear, one question: version.bind TXT CH */
	static const uint8_t words[] = {0,
					30,
					QUESTION_ID >> 8,
					QUESTION_ID & 255,
					0,
					0,
					0,
					1,
					0,
					0,
					0,
					0,
					0,
					0,
					7,
					'v',
					'e',
					'r',
					's',
					'i',
					'o',
					'n',
					4,
					'b',
					'i',
					'n',
					'd',
					0,
					0,
					TXT,
					0,
					CHAOS};
	struct span s = span_of(words, sizeof(words));

	(void)heard;
	if (turn > 0)
		return 0;
	return words_say(transport == TRANSPORT_UDP ? span_skip(s, 2) : s, out, size);
}

/* The first TXT string of the answer, when it is one of class CHAOS. */
static struct span text_of(struct span s)
{
	struct span none = {0};
	struct span text;
	struct message m;
	uint16_t type;
	uint16_t class;
	uint16_t n;
	uint32_t ttl;
	uint8_t length;

	if (!take_head(&s, &m) || m.answers == 0 || skip_name(&s) != PROTO_YES ||
	    !take_u16be(&s, &type) || !take_u16be(&s, &class) || skip_name(&s) != PROTO_YES ||
	    !take_u16be(&s, &type) || !take_u16be(&s, &class) || !take_u32be(&s, &ttl) ||
	    !take_u16be(&s, &n) || type != TXT || class != CHAOS || !take_u8(&s, &length) ||
	    !take_span(&s, length, &text))
		return none;
	return text;
}

static bool is_bind(struct span text)
{
	/* "9.18.33-1~deb12u2-Debian": major 9 or 8, and nothing but a version */
	return (span_starts(text, "9.") || span_starts(text, "8.")) &&
	       words_version(text).n == text.n;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct words_product products[] = {
		{"dnsmasq-", "dnsmasq", "dnsmasq-"},
		{"unbound ", "unbound", "unbound "},
		{"PowerDNS Recursor ", "pdns-recursor", "PowerDNS Recursor "},
		{"PowerDNS Authoritative Server ", "powerdns", "PowerDNS Authoritative Server "},
		{"Knot DNS ", "knot", "Knot DNS "},
		{"Knot Resolver ", "knot-resolver", "Knot Resolver "},
		{"NSD ", "nsd", "NSD "},
		{"Microsoft DNS ", "windows-dns", "Microsoft DNS "},
		{"yadifa", "yadifa", NULL},
		{"gdnsd", "gdnsd", NULL},
	};
	struct span s = bytes;
	struct message m;

	if (side != PROTO_SERVER || strip(&s, transport) != PROTO_YES ||
	    message(s, side, &m) != PROTO_YES)
		return;
	proto_add(facts, "recursion", m.flags & 0x80 ? SPAN_LIT("offered") : SPAN_LIT("no"));

	struct span text = text_of(s);

	if (!text.n)
		return;
	proto_add(facts, "version_bind", text);
	if (words_product(text, products, ARRAY_LEN(products), facts))
		return;
	if (is_bind(text)) {
		ptrdiff_t end = span_find_byte(text, '-');

		proto_set_product(facts, "bind9");
		proto_set_version(facts, span_cut(text, end < 0 ? text.n : (size_t)end));
	}
}

const struct proto proto_dns = {
	.name = "dns",
	.title = "Domain Name System",
	PROTO_HINTS(PROTO_UDP(53), PROTO_TCP(53), PROTO_UDP(5300), PROTO_TCP(5300)),
	.safety = PROTO_B,
	.sends = N_("version.bind TXT in class CHAOS, which is forwarded to nobody"),
	.proves = N_("DNS, and the software when the answer names it"),
	.source = "RFC 1035 sections 4.1.1, 4.1.4, 4.2.2; RFC 4892 section 2",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};
