/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos: the rows as the models of identify.t need them, one a line, parted by tabs: name,
 * transport, first usual port, class, whether the server speaks first, first question in hex.
 */
#include <stdio.h>

#include "base/scope.h"
#include "proto/proto.h"

static void print(const struct proto *p, const struct proto_hint *hint)
{
	uint8_t bytes[2048];
	size_t n = 0;

	if (p->greet && !p->speaks_first)
		n = p->greet(0, span_of(NULL, 0), hint->transport, bytes, sizeof(bytes));
	printf("%s\t%s\t%u\t%c\t%d\t", p->name, transport_word(hint->transport), hint->first,
	       "ABC"[p->safety], p -> speaks_first);
	for (size_t i = 0; i < n; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

int main(void)
{
	for (size_t i = 0; i < proto_count(); i++) {
		const struct proto *p = proto_at(i);
		bool has[N_TRANSPORTS] = {false};

		for (size_t k = 0; k < p->n_hints; k++)
			if (!has[p->hints[k].transport]) {
				has[p->hints[k].transport] = true;
				print(p, &p->hints[k]);
			}
	}
	return 0;
}
