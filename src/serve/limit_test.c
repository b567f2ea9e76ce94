/* SPDX-License-Identifier: Apache-2.0 */
/* limit: some at once, then one after a while; one visitor does not silence another. */
#include "serve/limit.h"

#include "tap.h"

static struct limit limit = {.secret = 0x5eed};

int main(void)
{
	static const struct span nobody = {0};
	struct span a = SPAN_LIT("a");
	struct span b = SPAN_LIT("b");
	int64_t now = 1000000;
	unsigned n = 0;

	while (n < 100 && limit_admits(&limit, now, a))
		n++;
	is_int(n, LIMIT_EACH, "so many at once");
	ok(limit_admits(&limit, now, b), "another visitor is not held back");
	ok(!limit_admits(&limit, now + LIMIT_EACH_MS - 1, a), "not a moment too soon");
	ok(limit_admits(&limit, now + LIMIT_EACH_MS, a), "one more after a while");
	ok(!limit_admits(&limit, now + LIMIT_EACH_MS, a), "not two");
	now += (int64_t)LIMIT_EACH_MS * LIMIT_EACH * 2;
	for (n = 0; n < 1000 && limit_admits(&limit, now, a);)
		n++;
	is_int(n, LIMIT_EACH, "who rests long may send as many as at first, not more");
	now += (int64_t)LIMIT_ALL * LIMIT_ALL_MS;
	for (n = 0; n < 1000 && limit_admits(&limit, now, nobody);)
		n++;
	is_int(n, LIMIT_ALL, "all together have a limit too");
	ok(!limit_admits(&limit, now, b), "which holds for everybody");
	ok(limit_admits(&limit, now + LIMIT_ALL_MS, b), "for a moment");
	return done();
}
