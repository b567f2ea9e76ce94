/* SPDX-License-Identifier: Apache-2.0 */
/* starttls: how a connection that began in clear becomes TLS, as a table. Private to proto. */
#ifndef PERIPLUS_PROTO_STARTTLS_H
#define PERIPLUS_PROTO_STARTTLS_H

#include "proto/proto.h"

#define STARTTLS_BYTES(text)                                                                       \
	{                                                                                          \
		(const uint8_t *)(text), sizeof(text) - 1                                          \
	}

/* One answer of the server, and what is said to it; the last step has nothing to say. */
struct starttls_step {
	struct span until; /* its answer is whole with this: at the start of a line, or anywhere */
	bool is_anywhere;
	struct span mark; /* the answer must hold it: what is not offered is not asked for */
	struct span no;   /* a line (or, anywhere, an answer) that begins so refuses */
	struct span say;
};

struct proto_starttls {
	struct span first; /* said at once; empty: the server greets */
	struct starttls_step steps[4];
};

extern const struct proto_starttls starttls_ftp, starttls_imap, starttls_ldap, starttls_pop3,
	starttls_postgresql, starttls_smtp, starttls_xmpp;

#endif
