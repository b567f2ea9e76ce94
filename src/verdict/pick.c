/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pick: which number should be used? By what is said of it everywhere and what is taken here.
 *
 * A name begins at the number that its FNV-1a hash gives within FIRST..LAST, which lies outside of
 * the source ports of every system that hands them out as RFC 6335 section 6 asks, and of Linux.
 */
#include "verdict/verdict.h"

enum { FIRST = 1024, LAST = 32767 };

const char *pick_refusal_word(enum pick_refusal refusal)
{
	static const char *const words[N_PICK_REFUSALS] = {
#define R(name, word) [PICK_##name] = word,
		PICK_REFUSALS(R)
#undef R
	};

	return words[refusal];
}

static uint64_t fnv1a(struct span s)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < s.n; i++)
		hash = (hash ^ s.p[i]) * 0x100000001b3u;
	return hash;
}

/* Down and up in turn; where one side ends, the other goes on alone. */
static bool near(uint16_t center, uint32_t step, uint16_t *port)
{
	uint32_t below = center - 1u;	     /* numbers under it, without 0 */
	uint32_t above = PORT_MAX - (uint32_t)center;
	uint32_t both = below < above ? below : above;
	uint32_t distance = (step + 1) / 2;

	if (step > below + above)
		return false;
	if (step <= 2 * both) {
		*port = (uint16_t)(step % 2 ? center + distance : center - distance);
		return true;
	}
	distance = step - both;
	*port = (uint16_t)(above > below ? center + distance : center - distance);
	return true;
}

bool pick_candidate(const struct pick_query *query, uint32_t step, uint16_t *port)
{
	enum { N = LAST - FIRST + 1 };

	if (query->near)
		return near(query->near, step, port);
	if (step >= N)
		return false;
	*port = (uint16_t)(FIRST + (fnv1a(query->name) % N + step) % N);
	return true;
}

static bool is_somebodys(const struct pick_query *query, uint16_t port, struct pick *pick)
{
	struct map_registration row;
	struct map_practice fact;
	struct map_product product;
	uint32_t cursor = 0;

	while (map_next_registration(query->map, port, TRANSPORT_ANY, &cursor, &row))
		if (row.standing != STANDING_UNASSIGNED && row.standing != STANDING_DYNAMIC) {
			pick->refusal = PICK_REGISTERED;
			pick->detail = row.service.n ? row.service : row.description;
			return true;
		}
	cursor = 0;
	if (!map_next_practice(query->map, port, TRANSPORT_ANY, &cursor, &fact))
		return false;
	pick->refusal = PICK_PRACTICE;
	pick->detail = map_product_find(query->map, fact.product, &product) && product.title.n
			       ? product.title
			       : fact.product;
	return true;
}

static bool is_a_systems(const struct pick_query *query, uint16_t port, struct pick *pick)
{
	static const struct {
		enum map_platform_kind kind;
		enum pick_refusal refusal;
	} kinds[] = {{PLATFORM_BROWSER_REFUSED, PICK_BROWSER},
		     {PLATFORM_SYSTEM_LISTENER, PICK_PLATFORM},
		     {PLATFORM_EXCLUDED, PICK_PLATFORM},
		     {PLATFORM_CONTROL, PICK_PLATFORM},
		     {PLATFORM_METADATA, PICK_PLATFORM}};
	struct map_platform row;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (map_platform_find(query->map, kinds[i].kind, span_of(NULL, 0), port,
				      TRANSPORT_ANY, &row)) {
			pick->refusal = kinds[i].refusal;
			pick->detail = row.system;
			return true;
		}
	return false;
}

void pick_weigh(const struct pick_query *query, uint16_t port, struct pick *pick)
{
	*pick = (struct pick){.port = port};
	if (port < FIRST || port < query->unprivileged_first)
		pick->refusal = PICK_PRIVILEGED;
	else if (port_set_has(query->taken, port))
		pick->refusal = PICK_TAKEN;
	else if (port_set_has(query->kept, port))
		pick->refusal = PICK_KEPT;
	else if (!is_somebodys(query, port, pick) && !is_a_systems(query, port, pick) &&
		 port >= query->ephemeral_first && port <= query->ephemeral_last)
		pick->refusal = PICK_EPHEMERAL;
}
