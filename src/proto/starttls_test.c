/* SPDX-License-Identifier: Apache-2.0 */
/* starttls: how far an answer must have come, what consents, and what refuses. */
#include "proto/starttls.h"

#include "base/scope.h"
#include "test/tap.h"

/* clang-format off */
static const struct {
	const struct proto_starttls *way;
	unsigned turn;
	struct span heard;
	enum proto_secure want;
	const char *name;
} cases[] = {
#define SAID(way, turn, bytes, want, name)                                                         \
	{&starttls_##way, turn, {(const uint8_t *)(bytes), sizeof(bytes) - 1}, SECURE_##want, name}
	SAID(smtp, 0, "220 mx ESMTP\r\n", SAY, "a greeting is answered"),
	SAID(smtp, 0, "220-mx\r\n220 mx ESMTP", WAIT, "not before its last line is whole"),
	SAID(smtp, 0, "421 busy\r\n", NOT, "who has no time is left"),
	SAID(smtp, 1, "250-mx\r\n250-STARTTLS\r\n250 8BITMIME\r\n", SAY, "what is offered is asked"),
	SAID(smtp, 1, "250-mx\r\n250 STARTTLS\r\n", SAY, "in the last line too"),
	SAID(smtp, 1, "250-mx\r\n250 8BITMIME\r\n", NOT, "what is not is not"),
	SAID(smtp, 1, "250 mx\r\n250 STARTTLS\r\n", NOT, "nor what comes behind the answer"),
	SAID(smtp, 2, "220 go\r\n", READY, "consent"),
	SAID(smtp, 2, "220 go\r\n250 ok\r\n", NOT, "consent with more behind it is an attack"),
	SAID(smtp, 2, "454 not now\r\n", NOT, "a refusal for now"),
	SAID(smtp, 2, "501 never\r\n", NOT, "and for ever"),
	SAID(smtp, 3, "220 go\r\n", NOT, "and then there is nothing more"),
	SAID(imap, 1, "* CAPABILITY IMAP4rev1 STARTTLS\r\na OK done\r\n", SAY, "untagged, tagged"),
	SAID(imap, 1, "* CAPABILITY IMAP4rev1 STARTTLS\r\na BAD what\r\n", NOT, "the tag decides"),
	SAID(pop3, 1, "+OK\r\nUIDL\r\nSTLS\r\n", WAIT, "a list ends with a dot"),
	SAID(pop3, 1, "+OK\r\nUIDL\r\nSTLS\r\n.\r\n", SAY, "and is read then"),
	SAID(ftp, 1, "211-Features:\r\n PASV\r\n211 End\r\n", NOT, "FTP without TLS"),
	SAID(ldap, 0, "", SAY, "LDAP is asked at once"),
	SAID(ldap, 1, "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", READY, "consents"),
	SAID(ldap, 1, "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04", WAIT, "not cut"),
	SAID(ldap, 1, "\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a\x01\x00\x04"
		      "\x00\x04\x00",
	     READY, "lengths as Active Directory writes them"),
	SAID(ldap, 1, "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00", NOT, "refuses"),
	SAID(ldap, 1, "\x30\x80\x00", NOT, "no length"),
	SAID(ldap, 1, "HTTP/1.1 400", NOT, "no LDAP"),
	SAID(managesieve, 0, "\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK \"ready\"\r\n", SAY, "a greeting of many lines"),
	SAID(managesieve, 1, "BYE\r\n", NOT, "and a farewell"),
	SAID(postgresql, 1, "S", READY, "a letter consents"),
	SAID(postgresql, 1, "N", NOT, "another refuses"),
	SAID(postgresql, 1, "EFATAL:  unSupported", NOT, "an error with that letter in it too"),
	SAID(postgresql, 1, "SE", NOT, "consent with an error behind it"),
	SAID(xmpp, 1, "<stream:stream><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"
		      "</starttls></stream:features",
	     WAIT, "a tag is whole with its end"),
	SAID(xmpp, 1, "<stream:stream><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"
		      "</starttls></stream:features>",
	     SAY, "and TLS is offered in it"),
	SAID(xmpp, 1, "<stream:stream><stream:features></stream:features>", NOT, "or is not"),
	SAID(xmpp, 1, "<stream:stream><stream:features/>", NOT, "there may be none at all"),
	SAID(xmpp, 1, "<stream:stream><stream:error><host-unknown/>", NOT, "a host that it does not serve"),
	SAID(xmpp, 2, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'", WAIT, "half a consent"),
	SAID(xmpp, 2, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", READY, "consent"),
	SAID(xmpp, 2, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>", NOT, "refusal"),
};

/* clang-format on */

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct span say;

		ok(proto_starttls_next(cases[i].way, cases[i].turn, cases[i].heard, &say) ==
			   cases[i].want,
		   "%s", cases[i].name);
	}
	return done();
}
