/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mdns: DNS messages on the link, for names below "local", and service discovery in them (DNS-SD).
 * SRV records tell host and port of every service announced: the best harmless source of what
 * should be on a port. The type "_x._tcp" does not prove TCP: ArduinoOTA announces a UDP port so.
 * The question asks which types of service there are, and for ArduinoOTA; sent to one host, it is
 * answered by that host only, and to a group by all.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { PTR = 12, TXT = 16, SRV = 33, NAME_MAX_BYTES = 255, JUMPS_MAX = 16, RECORDS_MAX = 256 };

struct name {
	char text[NAME_MAX_BYTES + 1];
	size_t n;
};

/* RFC 1035 sections 3.1 and 4.1.4: labels and pointers; a pointer only leads backwards. */
static bool take_name(struct span whole, struct span *s, struct name *name)
{
	struct span at = *s;
	bool has_jumped = false;
	uint8_t n;

	name->n = 0;
	for (unsigned jumps = 0; jumps < JUMPS_MAX;) {
		struct span label;
		uint8_t low;

		if (!take_u8(&at, &n))
			return false;
		if (n >= 0xc0) {
			size_t here = (size_t)(at.p - whole.p) - 1;
			size_t to;

			if (!take_u8(&at, &low))
				return false;
			if (!has_jumped)
				*s = at;
			has_jumped = true;
			to = (n & 0x3fu) * 256u + low;
			if (to >= here)
				return false;
			at = span_skip(whole, to);
			jumps++;
			continue;
		}
		if (n > 63 || !take_span(&at, n, &label) || name->n + n + 1u > NAME_MAX_BYTES)
			return false;
		if (n == 0)
			break;
		if (name->n)
			name->text[name->n++] = '.';
		memcpy(name->text + name->n, label.p, n);
		name->n += n;
	}
	name->text[name->n] = 0;
	if (!has_jumped)
		*s = at;
	return true;
}

struct record {
	struct name name;
	uint16_t type;
	struct span data;
};

struct message {
	uint16_t id, flags, n_questions, n_records;
	struct span rest;
};

/* RFC 6762 section 18: opcode and code 0; RFC 1035 section 4.1.1 */
static bool take_head(struct span s, enum proto_side side, struct message *m)
{
	uint16_t answers, authorities, additionals;

	if (!take_u16be(&s, &m->id) || !take_u16be(&s, &m->flags) ||
	    !take_u16be(&s, &m->n_questions) || !take_u16be(&s, &answers) ||
	    !take_u16be(&s, &authorities) || !take_u16be(&s, &additionals) || (m->flags & 0x780f) ||
	    (m->flags >> 15 != 0) != (side == PROTO_SERVER) || answers > RECORDS_MAX ||
	    authorities > RECORDS_MAX || additionals > RECORDS_MAX || m->n_questions > RECORDS_MAX)
		return false;
	m->n_records = (uint16_t)(answers + authorities + additionals);
	m->rest = s;
	return side == PROTO_SERVER ? answers > 0 : m->n_questions > 0;
}

static bool take_question(struct span whole, struct span *s, struct name *name)
{
	uint16_t type, class;

	/* the top bit of the class asks for an answer by unicast (RFC 6762 section 5.4) */
	return take_name(whole, s, name) && take_u16be(s, &type) && take_u16be(s, &class) &&
	       ((class & 0x7fff) == 1 || (class & 0x7fff) == 255);
}

static bool take_record(struct span whole, struct span *s, struct record *r)
{
	uint16_t class, length;
	uint32_t ttl;

	return take_name(whole, s, &r->name) && take_u16be(s, &r->type) && take_u16be(s, &class) &&
	       take_u32be(s, &ttl) && take_u16be(s, &length) && take_span(s, length, &r->data);
}

static bool is_local(const struct name *name)
{
	struct span s = span_of(name->text, name->n);

	return s.n >= 5 && span_eq_nocase(span_skip(s, s.n - 5), SPAN_LIT("local"));
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct message m;
	struct record r;
	bool has_local = false;

	if (transport != TRANSPORT_UDP || !take_head(bytes, side, &m))
		return PROTO_NO;
	for (unsigned i = 0; i < m.n_questions; i++) {
		if (!take_question(bytes, &m.rest, &r.name))
			return PROTO_NO;
		has_local |= is_local(&r.name);
	}
	for (unsigned i = 0; i < m.n_records; i++) {
		if (!take_record(bytes, &m.rest, &r))
			return PROTO_NO;
		has_local |= is_local(&r.name);
	}
	if (!has_local)
		return PROTO_NO;
	/* an id that is not 0 comes from a one-shot query, which plain DNS could carry as well */
	return m.id == 0 && m.rest.n == 0 ? PROTO_YES : PROTO_MAYBE;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	static const char query[] = "\0\0\0\0\0\2\0\0\0\0\0\0"
				    "\x09_services\x07_dns-sd\x04_udp\x05local\0\0\x0c\x80\1"
				    "\x08_arduino\x04_tcp\xc0\x23\0\x0c\x80\1";

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return words_say(SPAN_LIT(query), out, size);
}

/* RFC 6763 section 6: strings of "key=value", each after its length */
static void tell_text(struct span data, struct proto_facts *facts)
{
	char text[PROTO_TEXT];
	size_t n = 0;
	struct span item;
	uint8_t length;

	while (take_u8(&data, &length) && take_span(&data, length, &item)) {
		if (item.n == 0 || n + item.n + 1 >= sizeof(text))
			continue;
		if (n)
			text[n++] = ' ';
		memcpy(text + n, item.p, item.n);
		n += item.n;
	}
	if (n)
		proto_add(facts, "txt", span_of(text, n));
}

static void tell_record(struct span whole, const struct record *r, struct proto_facts *facts)
{
	static const char meta[] = "_services._dns-sd._udp.local";
	struct span data = r->data;
	struct span tail = span_of(NULL, 0);
	struct name to;
	uint16_t priority, weight, port;

	/* names inside a record may point anywhere into the message */
	if (r->type == PTR && span_is(span_of(r->name.text, r->name.n), meta) &&
	    take_name(whole, &data, &to)) {
		proto_add(facts, "type", span_of(to.text, to.n));
	} else if (r->type == SRV && take_u16be(&data, &priority) && take_u16be(&data, &weight) &&
		   take_u16be(&data, &port) && take_name(whole, &data, &to)) {
		facts_add(facts, "service", "%.*s port %u on %.*s",
			  SPAN_ARG(span_cut(span_of(r->name.text, r->name.n), 80)), port,
			  SPAN_ARG(span_cut(span_of(to.text, to.n), 60)));
	} else if (r->type == TXT) {
		tail = r->data;
	}
	tell_text(tail, facts);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct message m;
	struct record r;

	if (recognise(bytes, side, transport) == PROTO_NO || !take_head(bytes, side, &m))
		return;
	for (unsigned i = 0; i < m.n_questions && take_question(bytes, &m.rest, &r.name); i++)
		if (side == PROTO_CLIENT)
			proto_add(facts, "asks", span_of(r.name.text, r.name.n));
	for (unsigned i = 0; i < m.n_records && take_record(bytes, &m.rest, &r); i++)
		tell_record(bytes, &r, facts);
}

const struct proto proto_mdns = {
	.name = "mdns",
	.title = "Multicast DNS and service discovery",
	PROTO_HINTS(PROTO_UDP(5353)),
	.safety = PROTO_B,
	.sends = N_("which types of service there are, and whether ArduinoOTA is one"),
	.proves = N_("multicast DNS, and the services, hosts and ports it announces"),
	.source = "RFC 6762 sections 5.4 and 18; RFC 6763 sections 6 and 9; RFC 1035 section 4.1",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};
