/* SPDX-License-Identifier: Apache-2.0 */
/* claim_test: which of several claims covers a port. */
#include "claim/claim.h"

#include "base/scope.h"
#include "test/tap.h"

static const struct claim rows[] = {
	{.transport = TRANSPORT_UDP, .first = 30000, .last = 30100, .line = 1},
	{.transport = TRANSPORT_TCP, .first = 5432, .last = 5432, .line = 2},
	{.transport = TRANSPORT_UDP, .first = 30050, .last = 30050, .line = 3},
};

static unsigned line_of(enum transport transport, uint16_t port)
{
	static const struct claims claims = {rows, ARRAY_LEN(rows)};
	const struct claim *claim = claims_find(&claims, transport, port);

	return claim ? claim->line : 0;
}

int main(void)
{
	is_int(line_of(TRANSPORT_TCP, 5432), 2, "a claim covers its port");
	is_int(line_of(TRANSPORT_UDP, 5432), 0, "over its own transport");
	is_int(line_of(TRANSPORT_UDP, 30000), 1, "a range begins with its first");
	is_int(line_of(TRANSPORT_UDP, 30100), 1, "and ends with its last");
	is_int(line_of(TRANSPORT_UDP, 30101), 0, "what is behind it is nobody's");
	is_int(line_of(TRANSPORT_UDP, 30050), 3, "the later of two claims wins");
	ok(claims_find(NULL, TRANSPORT_TCP, 5432) == NULL, "no claims cover nothing");
	return done();
}
