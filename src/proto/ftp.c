/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ftp: the server greets with code 220. SMTP does so as well, so a greeting that says neither is
 * MAYBE; then FEAT is asked, which needs no login (RFC 2389 section 3) and changes nothing.
 */
#include "proto/starttls.h"
#include "proto/words.h"

static const struct words_product products[] = {
	{"(vsFTPd ", "vsftpd", "(vsFTPd "},
	{"ProFTPD", "proftpd", "ProFTPD "},
	{"Pure-FTPd", "pure-ftpd", NULL},
	{"FileZilla Server", "filezilla-server", "FileZilla Server "},
	{"Microsoft FTP Service", "iis-ftp", NULL},
	{"pyftpdlib ", "pyftpdlib", "pyftpdlib "},
	{"FTP server (GNU inetutils ", "inetutils-ftpd", "(GNU inetutils "},
	{"Twisted ", "twisted", "Twisted "},
};

static enum proto_match server(struct span bytes)
{
	struct span line;

	/* RFC 959 section 5.4: 120, 220 or 421 at connection */
	if (!words_is_code(bytes, 3, " -") || (bytes.n && bytes.p[0] != '2'))
		return PROTO_NO;
	if (bytes.n > 3 && !span_starts(bytes, "220"))
		return PROTO_NO;
	if (!words_line(bytes, &line))
		return bytes.n <= 512 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	if (line.n < 4 || !words_is_text(line) || span_find(line, SPAN_LIT("SMTP")) >= 0 ||
	    span_find(line, SPAN_LIT("LMTP")) >= 0)
		return PROTO_NO;
	if (span_find(line, SPAN_LIT("FTP")) >= 0 || span_find(line, SPAN_LIT("FileZilla")) >= 0 ||
	    span_find(bytes, SPAN_LIT("\n211-Feat")) >= 0 ||
	    span_find(bytes, SPAN_LIT("\n530 ")) >= 0)
		return PROTO_YES;
	return PROTO_MAYBE;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;
	return server(bytes);
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	if (turn > 0 || transport != TRANSPORT_TCP || server(heard) != PROTO_MAYBE)
		return 0;
	return WORDS_SAY("FEAT\r\n", out, size);
}

static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	(void)heard;
	return WORDS_SAY("QUIT\r\n", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span line;

	if (recognise(bytes, side, transport) != PROTO_YES || !words_line(bytes, &line))
		return;
	proto_add(facts, "greeting", span_skip(line, 4));
	words_product(line, products, ARRAY_LEN(products), facts);
	if (span_find(bytes, SPAN_LIT("AUTH TLS")) >= 0)
		proto_add(facts, "tls", SPAN_LIT("auth-tls"));
}

const struct proto proto_ftp = {
	.name = "ftp",
	.title = "File Transfer Protocol",
	PROTO_HINTS(PROTO_TCP(21), PROTO_TCP(2121)),
	.safety = PROTO_B,
	.speaks_first = true,
	.sends = N_("FEAT, only when the greeting names no protocol; QUIT at the end"),
	.proves = N_("FTP, and the software that the greeting names"),
	.source = "RFC 959 section 5.4; RFC 2389 section 3",
	.recognise = recognise,
	.greet = greet,
	.farewell = farewell,
	.starttls = &starttls_ftp,
	.describe = describe,
};
