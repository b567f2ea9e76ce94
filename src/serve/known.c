/* SPDX-License-Identifier: Apache-2.0 */
/* known: see known.h. */
#include "serve/known.h"

#include <stdlib.h>

enum { NAMES = 3 };

static int by_grade(const void *left, const void *right)
{
	const struct map_practice *a = left;
	const struct map_practice *b = right;

	if (a->grade != b->grade)
		return a->grade < b->grade ? -1 : 1;
	if (a->first != b->first) /* a number of its own says more than a range */
		return a->last - a->first < b->last - b->first ? -1 : 1;
	return span_cmp(a->product, b->product);
}

static void read_practice(struct web *web, struct known *known)
{
	const struct map *map = web->site->map;
	struct map_practice fact;
	uint32_t cursor = 0;
	size_t room[2] = {0};

	while (map_next_practice(map, known->port, TRANSPORT_ANY, &cursor, &fact)) {
		bool is_malware = fact.kind == PRACTICE_MALWARE;
		struct map_practice *place =
			arena_push(&web->arena, is_malware ? &known->incidents : &known->uses,
				   is_malware ? &known->n_incidents : &known->n_uses,
				   &room[is_malware], sizeof(fact));

		*place = fact;
	}
	if (known->n_uses > 1)
		qsort(known->uses, known->n_uses, sizeof(fact), by_grade);
}

bool known_is_first(const struct known *known, size_t index)
{
	const struct map_registration *row = &known->registrations[index];

	for (size_t i = 0; i < index; i++)
		if (span_eq(known->registrations[i].service, row->service))
			return false;
	return true;
}

static struct span join(struct web *web, struct span list, struct span more)
{
	if (!list.n)
		return more;
	return arena_print(&web->arena, "%.*s, %.*s", SPAN_ARG(list), SPAN_ARG(more));
}

/* Of a list that goes on. */
static struct span cut_short(struct web *web, struct span list)
{
	return arena_print(&web->arena, "%.*s %s", SPAN_ARG(list), word(web, N_("and more")));
}

static void name_services(struct web *web, struct known *known)
{
	const struct map_registration *only = NULL;
	size_t n = 0;

	for (size_t i = 0; i < known->n_registrations; i++) {
		const struct map_registration *row = &known->registrations[i];

		if (!row->service.n || !known_is_first(known, i))
			continue;
		only = row;
		if (n++ < NAMES)
			known->services = join(web, known->services, row->service);
	}
	if (n > NAMES)
		known->services = cut_short(web, known->services);
	if (n == 1 && only->description.n && !span_eq_nocase(only->description, only->service))
		known->services = arena_print(&web->arena, "%.*s (%.*s)", SPAN_ARG(only->service),
					      SPAN_ARG(only->description));
}

static void name_products(struct web *web, struct known *known)
{
	struct span last = {0};
	size_t n = 0;

	for (size_t i = 0; i < known->n_uses; i++) {
		if (span_eq(known->uses[i].product, last))
			continue;
		last = known->uses[i].product;
		if (n++ < NAMES)
			known->products = join(web, known->products, product_title(web, last));
	}
	if (n > NAMES)
		known->products = cut_short(web, known->products);
}

void known_read(struct web *web, uint16_t port, struct known *known)
{
	const struct map *map = web->site->map;
	struct map_registration row;
	uint32_t cursor = 0;
	size_t room = 0;

	*known = (struct known){.port = port,
				.standing = map_port_standing(map, port, TRANSPORT_ANY)};
	while (map_next_registration(map, port, TRANSPORT_ANY, &cursor, &row)) {
		struct map_registration *place =
			arena_push(&web->arena, &known->registrations, &known->n_registrations,
				   &room, sizeof(row));

		*place = row;
	}
	read_practice(web, known);
	name_services(web, known);
	name_products(web, known);
}
