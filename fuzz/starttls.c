/* SPDX-License-Identifier: Apache-2.0 */
/*
 * starttls: what a server says before it speaks TLS. The first byte picks the protocol and the
 * turn; the rest is what came in that turn. However it is cut, what was once decided stays decided,
 * until something comes behind a consent: that is the only thing that takes it back.
 */
#include <stdlib.h>

#include "base/scope.h"
#include "proto/starttls.h"

enum { PREFIXES = 2048, TURNS = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct proto_starttls *const ways[] = {
		&starttls_ftp,        &starttls_imap, &starttls_ldap, &starttls_pop3,
		&starttls_postgresql, &starttls_smtp, &starttls_xmpp, &starttls_managesieve,
	};
	enum proto_secure before = SECURE_WAIT;
	const struct proto_starttls *way;
	unsigned turn;

	if (!n)
		return 0;
	way = ways[p[0] % ARRAY_LEN(ways)];
	turn = p[0] / ARRAY_LEN(ways) % TURNS;
	for (size_t cut = n - 1 > PREFIXES ? n - 1 - PREFIXES : 0; cut <= n - 1; cut++) {
		struct span heard = span_of(p + 1, cut);
		struct span say;
		enum proto_secure now = proto_starttls_next(way, turn, heard, &say);

		if ((now == SECURE_SAY) != (say.n > 0))
			abort();
		if (before != SECURE_WAIT && now != before &&
		    !(before == SECURE_READY && now == SECURE_NOT))
			abort();
		before = now;
	}
	return 0;
}
