/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xmpp: a stream is opened and closed again; the server's own stream header (or its error) proves
 * XMPP. No login, and no version: that is told only to those who have logged in.
 */
#include "proto/starttls.h"
#include "proto/words.h"

/* RFC 6120 section 4.2 and 4.8.1: <stream:stream> in http://etherx.jabber.org/streams */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	(void)side;
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;

	struct span s = bytes;
	enum proto_match xml = WORDS_BEGIN(s, "<?xml ");

	if (xml == PROTO_YES) {
		ptrdiff_t end = span_find(s, SPAN_LIT("?>"));

		if (end < 0)
			return s.n < 256 ? PROTO_MORE : PROTO_NO;
		s = span_skip(s, (size_t)end + 2);
		while (s.n && (s.p[0] == '\n' || s.p[0] == '\r' || s.p[0] == ' '))
			s = span_skip(s, 1);
	}

	enum proto_match stream = WORDS_BEGIN(s, "<stream:stream");

	if (stream != PROTO_YES)
		return xml == PROTO_MORE ? PROTO_MORE : stream;
	if (span_find(s, SPAN_LIT("http://etherx.jabber.org/streams")) >= 0)
		return PROTO_YES;
	return s.n < 1024 && span_find_byte(s, '>') < 0 ? PROTO_MORE : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' "
			 "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
			 out, size);
}

static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	(void)heard;
	return WORDS_SAY("</stream:stream>", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;

	struct span host = words_between(bytes, " from='", "'");

	if (!host.n)
		host = words_between(bytes, " from=\"", "\"");
	if (host.n)
		proto_add(facts, "host", host);
	if (span_find(bytes, SPAN_LIT("urn:ietf:params:xml:ns:xmpp-tls")) >= 0)
		proto_add(facts, "tls", SPAN_LIT("starttls"));
}

const struct proto proto_xmpp = {
	.name = "xmpp",
	.title = "Extensible Messaging and Presence Protocol",
	PROTO_HINTS(PROTO_TCP(5222), PROTO_TCP(5269), PROTO_TCP(5347)),
	.safety = PROTO_B,
	.sends = N_("a stream header, closed again"),
	.proves = N_("XMPP and the host it serves"),
	.source = "RFC 6120 sections 4.2 and 4.8.1",
	.recognise = recognise,
	.greet = greet,
	.farewell = farewell,
	.starttls = &starttls_xmpp,
	.describe = describe,
};
