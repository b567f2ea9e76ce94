/* SPDX-License-Identifier: Apache-2.0 */
/* pick: every number is considered once, names stay where they are, nobody's number is given away. */
#include "tap.h"
#include "verdict/verdict.h"

static size_t considered(const struct pick_query *query, struct port_set *seen, bool *is_twice)
{
	uint16_t port;
	size_t n = 0;

	while (n <= N_PORTS && pick_candidate(query, (uint32_t)n, &port)) {
		*is_twice |= port_set_has(seen, port) || port == 0;
		port_set_add(seen, port);
		n++;
	}
	return n;
}

static void test_candidates(void)
{
	static const uint16_t centers[] = {1, 2, 3000, 32767, 32768, 40000, 65534, 65535};

	for (size_t i = 0; i < sizeof(centers) / sizeof(centers[0]); i++) {
		struct pick_query query = {.near = centers[i]};
		struct port_set seen = {0};
		bool is_twice = false;
		uint16_t first = 0;

		is_int((int64_t)considered(&query, &seen, &is_twice), PORT_MAX,
		       "every number from 1 on is considered");
		ok(!is_twice, "and none twice");
		ok(pick_candidate(&query, 0, &first) && first == centers[i], "itself first");
	}

	struct pick_query query = {.name = SPAN_LIT("shop-api")};
	struct port_set seen = {0};
	bool is_twice = false;

	is_int((int64_t)considered(&query, &seen, &is_twice), 32767 - 1024 + 1, "a name has its range");
	ok(!is_twice, "and none twice");
}

static enum pick_refusal refusal(const struct pick_query *query, uint16_t port)
{
	struct pick pick;

	pick_weigh(query, port, &pick);
	return pick.refusal;
}

static void test_refusals(void)
{
	struct port_set taken = {0};
	struct port_set kept = {0};
	struct pick_query query = {.taken = &taken, .kept = &kept, .unprivileged_first = 1024,
				   .ephemeral_first = 32768, .ephemeral_last = 60999};
	uint16_t free_one = 0;
	struct pick pick;

	is_int(refusal(&query, 80), PICK_PRIVILEGED, "80 is privileged");
	is_int(refusal(&query, 3232), PICK_REGISTERED, "3232 is mdtp's");
	is_int(refusal(&query, 5173), PICK_PRACTICE, "5173 is Vite's, registered by nobody");
	is_int(refusal(&query, 40001), PICK_EPHEMERAL, "40001 is a source port here");
	for (uint32_t port = 1024; port < 32768; port++)
		if (!free_one && refusal(&query, (uint16_t)port) == PICK_NONE)
			free_one = (uint16_t)port;
	ok(free_one, "there is a number for everybody");
	port_set_add(&taken, free_one);
	is_int(refusal(&query, free_one), PICK_TAKEN, "until it is taken");
	taken = (struct port_set){0};
	port_set_add(&kept, free_one);
	is_int(refusal(&query, free_one), PICK_KEPT, "or kept back");
	pick_weigh(&query, 3232, &pick);
	is_span(pick.detail, SPAN_LIT("mdtp"), "who has it is told");
}

static void test_nothing_is_given_away(void)
{
	struct pick_query query = {.unprivileged_first = 1024};
	struct map_practice fact;
	size_t n_wrong = 0;

	for (uint32_t port = 1; port < N_PORTS; port++) {
		uint32_t cursor = 0;
		bool is_known = map_port_standing(NULL, (uint16_t)port, TRANSPORT_ANY) <=
					STANDING_RESERVED ||
				map_next_practice(NULL, (uint16_t)port, TRANSPORT_ANY, &cursor, &fact);

		n_wrong += is_known && refusal(&query, (uint16_t)port) == PICK_NONE;
	}
	is_int((int64_t)n_wrong, 0, "no registered or used number is ever given");
}

int main(void)
{
	test_candidates();
	test_refusals();
	test_nothing_is_given_away();
	return done();
}
