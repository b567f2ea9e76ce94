/* SPDX-License-Identifier: Apache-2.0 */
/* starttls: how a connection that began in clear becomes TLS, as a table. Private to proto. */
#ifndef PERIPLUS_PROTO_STARTTLS_H
#define PERIPLUS_PROTO_STARTTLS_H

#include "proto/proto.h"

#define STARTTLS_BYTES(text)                                                                       \
	{                                                                                          \
		(const uint8_t *)(text), sizeof(text) - 1                                          \
	}

/* How an answer of the server ends. What comes behind its end would be taken for TLS. */
enum starttls_form {
	STARTTLS_LINES, /* with the whole line that begins with `until` */
	STARTTLS_TAG,   /* with the '>' of the tag that begins with `until` */
	STARTTLS_BER,   /* with the element of ASN.1 that is all of it */
	STARTTLS_BYTE,  /* with its first byte */
};

/* One answer of the server, and what is said to it; the last step has nothing to say. */
struct starttls_step {
	enum starttls_form form;
	struct span until;
	struct span mark; /* the answer must hold it: what is not offered is not asked for */
	/* Parted by NUL. LINES: a line that begins with one of them refuses; TAG: one of them
	 * before `until` does. The other forms take all but `until` for a refusal. */
	struct span no;
	struct span say;
};

struct proto_starttls {
	struct span first; /* said at once; empty: the server greets */
	struct starttls_step steps[4];
};

extern const struct proto_starttls starttls_ftp, starttls_imap, starttls_ldap, starttls_managesieve,
	starttls_pop3, starttls_postgresql, starttls_smtp, starttls_xmpp;

#endif
