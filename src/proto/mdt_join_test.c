/* SPDX-License-Identifier: Apache-2.0 */
/* mdt_join: both types are written as the RFCs have them, and read back; nothing else is written.
 */
#include "proto/mdt_join.h"

#include "test/tap.h"

/* clang-format off */
#define SPAN(text) {(const uint8_t *)(text), sizeof(text) - 1}
static const struct {
	const char *name;
	struct mdt_join join;
	struct span bytes; /* empty: it is no message */
} cases[] = {
	{"a flow of IPv4", {1, SPAN("\x0a\1\1\1"), SPAN("\xef\1\1\1"), SPAN("\xe8\0\0\5")},
	 SPAN("\1\0\x10\0\x0a\1\1\1\xef\1\1\1\xe8\0\0\5")},
	{"a flow of IPv6",
	 {4, SPAN("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), SPAN("\xff\x3e\0\0\0\0\0\0\0\0\0\0\0\0\0\1"), SPAN("\xe8\0\0\5")},
	 SPAN("\4\0\x28\0\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\xff\x3e\0\0\0\0\0\0\0\0\0\0\0\0\0\1\xe8\0\0\5")},
	{"another type", {2, SPAN("\x0a\1\1\1"), SPAN("\xef\1\1\1"), SPAN("\xe8\0\0\5")}, {0}},
	{"a group as source", {1, SPAN("\xe0\1\1\1"), SPAN("\xef\1\1\1"), SPAN("\xe8\0\0\5")}, {0}},
	{"no group as group", {1, SPAN("\x0a\1\1\1"), SPAN("\x0a\1\1\1"), SPAN("\xe8\0\0\5")}, {0}},
	{"no group of the provider", {1, SPAN("\x0a\1\1\1"), SPAN("\xef\1\1\1"), SPAN("\x0a\0\0\5")}, {0}},
	{"addresses of the other length", {4, SPAN("\x0a\1\1\1"), SPAN("\xef\1\1\1"), SPAN("\xe8\0\0\5")}, {0}},
};
/* clang-format on */

int main(void)
{
	uint8_t out[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mdt_join back;
		size_t n = mdt_put(&cases[i].join, out, sizeof(out));
		struct span rest = span_of(out, n);

		is_span(rest, cases[i].bytes, cases[i].name);
		if (n == 0)
			continue;
		ok(mdt_take(&rest, &back) && rest.n == 0 && back.type == cases[i].join.type &&
			   span_eq(back.source, cases[i].join.source) &&
			   span_eq(back.group, cases[i].join.group) &&
			   span_eq(back.provider, cases[i].join.provider),
		   "%s, there and back", cases[i].name);
		ok(mdt_put(&cases[i].join, out, n - 1) == 0, "%s, without room", cases[i].name);
		rest = span_of(out, n - 1);
		ok(!mdt_take(&rest, &back) && rest.n == n - 1, "%s, cut", cases[i].name);
	}
	return done();
}
