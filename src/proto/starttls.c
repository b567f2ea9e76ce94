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
	.steps = {{.until = B("220 "), .no = B("4\0005"), .say = B("FEAT\r\n")},
		  {.until = B("211 "),
		   .mark = B("AUTH TLS"),
		   .no = B("4\0005"),
		   .say = B("AUTH TLS\r\n")},
		  {.until = B("234"), .no = B("4\0005")}}};

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
	.steps = {{.form = STARTTLS_BER, .until = B("\x0a\x01\x00")}}};

/* RFC 5804 sections 1.8 and 2.2 */
const struct proto_starttls starttls_managesieve = {
	.steps = {{.until = B("OK"),
		   .mark = B("\"STARTTLS\""),
		   .no = B("NO\0BYE"),
		   .say = B("STARTTLS\r\n")},
		  {.until = B("OK"), .no = B("NO\0BYE")}}};

/* RFC 2595 section 4 (STLS), RFC 2449 (CAPA) */
const struct proto_starttls starttls_pop3 = {
	.steps = {{.until = B("+OK"), .no = B("-ERR"), .say = B("CAPA\r\n")},
		  {.until = B("."), .mark = B("STLS"), .no = B("-ERR"), .say = B("STLS\r\n")},
		  {.until = B("+OK"), .no = B("-ERR")}}};

/* PostgreSQL, Frontend/Backend Protocol, "SSL Session Encryption" */
const struct proto_starttls starttls_postgresql = {
	.first = B("\x00\x00\x00\x08\x04\xd2\x16\x2f"),
	.steps = {{.form = STARTTLS_BYTE, .until = B("S")}}};

/* RFC 3207 section 4 */
const struct proto_starttls starttls_smtp = {
	.steps = {{.until = B("220 "), .no = B("4\0005"), .say = B("EHLO periplus.invalid\r\n")},
		  {.until = B("250 "),
		   .mark = B("STARTTLS"),
		   .no = B("4\0005"),
		   .say = B("STARTTLS\r\n")},
		  {.until = B("220 "), .no = B("4\0005")}}};

/* RFC 6120 section 5.4.2 */
const struct proto_starttls starttls_xmpp = {
	.first = B("<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' "
		   "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"),
	.steps = {{.form = STARTTLS_TAG,
		   .until = B("</stream:features"),
		   .mark = B("urn:ietf:params:xml:ns:xmpp-tls"),
		   .no = B("<stream:error\0<stream:features/"),
		   .say = B("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")},
		  {.form = STARTTLS_TAG, .until = B("<proceed"), .no = B("<failure")}}};

/* How much of what was heard is the answer; 0: it is not whole, or refuses. */
struct told {
	size_t n;
	bool is_refused;
};

static bool begins(struct span s, struct span with)
{
	return with.n && span_eq(span_cut(s, with.n), with);
}

/* With one of the words, which are parted by NUL. */
static bool begins_any(struct span s, struct span words)
{
	struct span word;

	while (take_until(&words, 0, &word))
		if (begins(s, word))
			return true;
	return false;
}

static struct told lines(struct span heard, const struct starttls_step *step)
{
	struct span rest = heard;
	ptrdiff_t end;

	for (; (end = span_find_byte(rest, '\n')) >= 0; rest = span_skip(rest, (size_t)end + 1)) {
		struct span line = span_cut(rest, (size_t)end);

		if (begins(line, step->until))
			return (struct told){.n = heard.n - rest.n + (size_t)end + 1};
		if (begins_any(line, step->no))
			return (struct told){.is_refused = true};
	}
	return (struct told){0};
}

static struct told tag(struct span heard, const struct starttls_step *step)
{
	ptrdiff_t at = span_find(heard, step->until);
	struct span before = at < 0 ? heard : span_cut(heard, (size_t)at);
	struct span words = step->no;
	struct span no;
	ptrdiff_t end;

	while (take_until(&words, 0, &no))
		if (span_find(before, no) >= 0)
			return (struct told){.is_refused = true};
	end = at < 0 ? -1 : span_find_byte(span_skip(heard, (size_t)at), '>');
	return (struct told){.n = end < 0 ? 0 : (size_t)at + (size_t)end + 1};
}

/* X.690 section 8.1: a sequence, its length in one byte, or in as many as the first says. */
static struct told ber(struct span heard, const struct starttls_step *step)
{
	struct span s = heard;
	size_t length;
	uint8_t byte;

	if (take_u8(&s, &byte) && byte != 0x30)
		return (struct told){.is_refused = true};
	if (!take_u8(&s, &byte))
		return (struct told){0};
	length = byte;
	if (byte & 0x80) {
		length = 0;
		if (byte == 0x80 || byte > 0x84)
			return (struct told){.is_refused = true};
		for (unsigned n = byte & 0x7f; n; n--) {
			if (!take_u8(&s, &byte))
				return (struct told){0};
			length = length << 8 | byte;
		}
	}
	if (s.n < length)
		return (struct told){0};
	if (span_find(span_cut(s, length), step->until) < 0)
		return (struct told){.is_refused = true};
	return (struct told){.n = heard.n - s.n + length};
}

static struct told byte(struct span heard, const struct starttls_step *step)
{
	return (struct told){.n = begins(heard, step->until),
			     .is_refused = heard.n && !begins(heard, step->until)};
}

enum proto_secure proto_starttls_next(const struct proto_starttls *way, unsigned turn,
				      struct span heard, struct span *say)
{
	static struct told (*const forms[])(struct span, const struct starttls_step *) = {
		[STARTTLS_LINES] = lines,
		[STARTTLS_TAG] = tag,
		[STARTTLS_BER] = ber,
		[STARTTLS_BYTE] = byte,
	};
	const struct starttls_step *step;
	struct told told;

	*say = way->first;
	if (way->first.n && turn-- == 0)
		return SECURE_SAY;
	*say = span_of(NULL, 0);
	if (turn >= ARRAY_LEN(way->steps) || !way->steps[turn].until.n)
		return SECURE_NOT;
	step = &way->steps[turn];
	told = forms[step->form](heard, step);
	if (told.is_refused)
		return SECURE_NOT;
	if (!told.n)
		return SECURE_WAIT;
	if (step->mark.n && span_find(span_cut(heard, told.n), step->mark) < 0)
		return SECURE_NOT;
	if (step->say.n) {
		*say = step->say;
		return SECURE_SAY;
	}
	/* RFC 3207 section 6 and its kin: what comes in clear behind the consent is not the peer's
	 */
	return told.n == heard.n ? SECURE_READY : SECURE_NOT;
}
