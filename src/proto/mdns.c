/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mdns: DNS messages on the link, for names below "local", and service discovery in them (DNS-SD).
 * SRV records tell host and port of every service announced: the best harmless source of what
 * should be on a port. The type "_x._tcp" does not prove TCP: ArduinoOTA announces a UDP port so.
 * The question asks which types of service there are, and for ArduinoOTA; sent to one host, it is
 * answered by that host only, and to a group by all.
 */
#include "proto/dns_record.h"
#include "proto/facts.h"
#include "proto/words.h"

enum { PTR = 12, TXT = 16, SRV = 33 };

static bool is_local(const struct dns_name *name)
{
	struct span s = span_of(name->text, name->n);

	return s.n >= 5 && span_eq_nocase(span_skip(s, s.n - 5), SPAN_LIT("local"));
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct dns_message m;
	struct dns_record r;
	bool has_local = false;

	if (transport != TRANSPORT_UDP || !dns_take_head(bytes, side == PROTO_SERVER, &m))
		return PROTO_NO;
	for (unsigned i = 0; i < m.n_questions; i++) {
		if (!dns_take_question(bytes, &m.rest, &r.name))
			return PROTO_NO;
		has_local |= is_local(&r.name);
	}
	for (unsigned i = 0; i < m.n_records; i++) {
		if (!dns_take_record(bytes, &m.rest, &r))
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

static void tell_record(struct span whole, const struct dns_record *r, struct proto_facts *facts)
{
	static const char meta[] = "_services._dns-sd._udp.local";
	struct span data = r->data;
	struct span tail = span_of(NULL, 0);
	struct dns_name to;
	uint16_t priority, weight, port;

	/* names inside a record may point anywhere into the message */
	if (r->type == PTR && span_is(span_of(r->name.text, r->name.n), meta) &&
	    dns_take_name(whole, &data, &to)) {
		proto_add(facts, "type", span_of(to.text, to.n));
	} else if (r->type == SRV && take_u16be(&data, &priority) && take_u16be(&data, &weight) &&
		   take_u16be(&data, &port) && dns_take_name(whole, &data, &to)) {
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
	struct dns_message m;
	struct dns_record r;

	if (recognise(bytes, side, transport) == PROTO_NO ||
	    !dns_take_head(bytes, side == PROTO_SERVER, &m))
		return;
	for (unsigned i = 0; i < m.n_questions && dns_take_question(bytes, &m.rest, &r.name); i++)
		if (side == PROTO_CLIENT)
			proto_add(facts, "asks", span_of(r.name.text, r.name.n));
	for (unsigned i = 0; i < m.n_records && dns_take_record(bytes, &m.rest, &r); i++)
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
