/* SPDX-License-Identifier: Apache-2.0 */
/*
 * starttls: the words by which a connection in clear becomes TLS, for what its certificate says.
 *
 * What a server does not offer is not asked for, nobody logs in, and nothing is sent inside: the
 * handshake is the end of it. Where capabilities are listed they are asked first.
 */
#include "proto/starttls.h"

#include "base/scope.h"

#define B(text) STARTTLS_BYTES(text)

/* RFC 4217 section 4 (AUTH TLS), RFC 2389 (FEAT) */
const struct proto_starttls starttls_ftp = {
	.steps = {
		{.until = B("220 "), .no = B("4"), .say = B("FEAT\r\n")},
		{.until = B("211 "), .mark = B("AUTH TLS"), .no = B("5"), .say = B("AUTH TLS\r\n")},
		{.until = B("234"), .no = B("5")}}};

/* RFC 9051 section 6.2.1 */
const struct proto_starttls starttls_imap = {
	.steps = {{.until = B("* OK"), .no = B("* BYE"), .say = B("a CAPABILITY\r\n")},
		  {.until = B("a OK"),
		   .mark = B("STARTTLS"),
		   .no = B("a "),
		   .say = B("b STARTTLS\r\n")},
		  {.until = B("b OK"), .no = B("b ")}}};

/* RFC 4511 section 4.14: an extended request 1.3.6.1.4.1.1466.20037, and resultCode success */
const struct proto_starttls starttls_ldap = {
	.first = B("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
		   "1.3.6.1.4.1.1466.20037"),
	.steps = {{.until = B("\x0a\x01\x00"), .is_anywhere = true}}};

/* RFC 2595 section 4 (STLS), RFC 2449 (CAPA) */
const struct proto_starttls starttls_pop3 = {
	.steps = {{.until = B("+OK"), .no = B("-ERR"), .say = B("CAPA\r\n")},
		  {.until = B("."), .mark = B("STLS"), .no = B("-ERR"), .say = B("STLS\r\n")},
		  {.until = B("+OK"), .no = B("-ERR")}}};

/* PostgreSQL, Frontend/Backend Protocol, "SSL Session Encryption" */
const struct proto_starttls starttls_postgresql = {
	.first = B("\x00\x00\x00\x08\x04\xd2\x16\x2f"),
	.steps = {{.until = B("S"), .is_anywhere = true, .no = B("N")}}};

/* RFC 3207 section 4 */
const struct proto_starttls starttls_smtp = {
	.steps = {
		{.until = B("220 "), .no = B("5"), .say = B("EHLO periplus.invalid\r\n")},
		{.until = B("250 "), .mark = B("STARTTLS"), .no = B("5"), .say = B("STARTTLS\r\n")},
		{.until = B("220 "), .no = B("5")}}};

/* RFC 6120 section 5.4.2 */
const struct proto_starttls starttls_xmpp = {
	.first = B("<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' "
		   "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"),
	.steps = {{.until = B("</stream:features>"),
		   .is_anywhere = true,
		   .mark = B("urn:ietf:params:xml:ns:xmpp-tls"),
		   .say = B("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")},
		  {.until = B("<proceed"), .is_anywhere = true, .no = B("<failure")}}};

enum told { NOT_YET, WHOLE, REFUSED };

/* Whether some whole line begins so. */
static enum told lines(struct span heard, const struct starttls_step *step)
{
	ptrdiff_t end;

	for (; (end = span_find_byte(heard, '\n')) >= 0;
	     heard = span_skip(heard, (size_t)end + 1)) {
		struct span line = span_cut(heard, (size_t)end);

		if (span_eq(span_cut(line, step->until.n), step->until))
			return WHOLE;
		if (step->no.n && span_eq(span_cut(line, step->no.n), step->no))
			return REFUSED;
	}
	return NOT_YET;
}

static enum told anywhere(struct span heard, const struct starttls_step *step)
{
	if (span_find(heard, step->until) >= 0)
		return WHOLE;
	return step->no.n && span_eq(span_cut(heard, step->no.n), step->no) ? REFUSED : NOT_YET;
}

enum proto_secure proto_starttls_next(const struct proto_starttls *way, unsigned turn,
				      struct span heard, struct span *say)
{
	const struct starttls_step *step;
	enum told told;

	*say = way->first;
	if (way->first.n && turn-- == 0)
		return SECURE_SAY;
	step = &way->steps[turn];
	if (turn >= ARRAY_LEN(way->steps) || !step->until.n)
		return SECURE_NOT;
	told = step->is_anywhere ? anywhere(heard, step) : lines(heard, step);
	if (told == NOT_YET)
		return SECURE_WAIT;
	if (told == REFUSED || (step->mark.n && span_find(heard, step->mark) < 0))
		return SECURE_NOT;
	*say = step->say;
	return step->say.n ? SECURE_SAY : SECURE_READY;
}
