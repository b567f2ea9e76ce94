/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_practice: facts, products, platforms and evidence as an image.
 *
 * A record is made twice: once to put its strings into the pool, once, when the pool is laid out,
 * with their refs. Products get keys, the sorted words by which a running program is recognised.
 */
#include "map/make_private.h"

#include <errno.h>
#include <stdlib.h>

#include "base/scope.h"
#include "base/text.h"

struct key {
	struct span text;
	uint16_t product, kind;
};

struct work {
	struct make_image image;
	struct make_pool pool;
	struct arena arena;
	struct key *keys;
	size_t n_keys, size_keys;
	bool is_laid; /* refs exist */
};

/* The first time a string gets its number, the second time its ref is known. */
static uint32_t ref(struct work *work, struct span text)
{
	uint32_t number = make_pool_add(&work->pool, text);

	return work->is_laid ? make_pool_ref(&work->pool, number) : 0;
}

static void put_facts(struct work *work, const struct make_knowledge *knowledge)
{
	for (size_t i = 0; i < knowledge->n_facts; i++) {
		const struct map_practice *from = &knowledge->facts[i].fact;
		struct image_fact fact = {
			.first = htole16(from->first),
			.last = htole16(from->last),
			.transport = (uint8_t)from->transport,
			.kind = (uint8_t)from->kind,
			.grade = (uint8_t)from->grade,
			.product = ref(work, from->product),
			.bind = ref(work, from->bind),
			.setting = ref(work, from->setting),
			.since = ref(work, from->since),
			.note = ref(work, from->note),
			.source = ref(work, from->source),
			.read = ref(work, from->read),
		};

		if (work->is_laid)
			make_image_put(&work->image, FACTS, fact);
	}
}

static void put_products(struct work *work, const struct make_knowledge *knowledge)
{
	for (size_t i = 0; i < knowledge->n_products; i++) {
		const struct map_product *from = &knowledge->products[i].product;
		struct image_product product = {
			.slug = ref(work, from->slug),
			.title = ref(work, from->title),
			.programs = ref(work, from->programs),
			.packages = ref(work, from->packages),
			.units = ref(work, from->units),
			.scripts = ref(work, from->scripts),
			.protocols = ref(work, from->protocols),
			.roles = ref(work, from->roles),
			.bind = ref(work, from->bind),
			.auth = ref(work, from->auth),
		};

		if (work->is_laid)
			make_image_put(&work->image, PRODUCTS, product);
	}
}

static void put_platforms(struct work *work, const struct make_knowledge *knowledge)
{
	for (size_t i = 0; i < knowledge->n_platforms; i++) {
		const struct map_platform *from = &knowledge->platforms[i].platform;
		struct image_platform platform = {
			.first = htole16(from->first),
			.last = htole16(from->last),
			.transport = (uint8_t)from->transport,
			.kind = (uint8_t)from->kind,
			.system = ref(work, from->system),
			.note = ref(work, from->note),
			.source = ref(work, from->source),
			.read = ref(work, from->read),
		};

		if (work->is_laid)
			make_image_put(&work->image, PLATFORMS, platform);
	}
}

static void put_evidence(struct work *work, const struct make_knowledge *knowledge)
{
	for (size_t i = 0; i < knowledge->n_names; i++) {
		struct image_name name = {
			ref(work, knowledge->names[i].service),
			ref(work, knowledge->names[i].product),
		};

		if (work->is_laid)
			make_image_put(&work->image, NAMES, name);
	}
	for (size_t i = 0; i < knowledge->n_seen; i++) {
		const struct make_seen *from = &knowledge->seen[i];
		struct image_seen seen = {
			.first = htole16(from->first),
			.last = htole16(from->last),
			.transport = htole32(from->transport),
			.service = ref(work, from->service),
			.source = ref(work, from->source),
			.read = ref(work, from->read),
		};

		if (work->is_laid)
			make_image_put(&work->image, SEEN, seen);
	}
	for (size_t i = 0; i < knowledge->n_sources; i++) {
		struct image_source source = {
			ref(work, knowledge->sources[i].source),
			ref(work, knowledge->sources[i].what),
			ref(work, knowledge->sources[i].searched),
		};

		if (work->is_laid)
			make_image_put(&work->image, SOURCES, source);
	}
}

static void put_purposes(struct work *work, const struct make_knowledge *knowledge)
{
	for (size_t i = 0; i < knowledge->n_purposes; i++) {
		const struct map_purpose *from = &knowledge->purposes[i].purpose;
		struct image_purpose purpose = {
			.first = htole16(from->first),
			.last = htole16(from->last),
			.transport = htole32(from->transport),
			.service = ref(work, from->service),
			.organisation = ref(work, from->organisation),
			.purpose = ref(work, from->purpose),
			.source = ref(work, from->source),
			.read = ref(work, from->read),
		};

		if (work->is_laid)
			make_image_put(&work->image, PURPOSES, purpose);
	}
}

static void add_keys(struct work *work, struct span items, enum map_match kind, size_t product)
{
	struct span item;

	while (take_until(&items, ',', &item)) {
		item = span_trim(item);
		if (item.n == 0)
			continue;

		struct key *key = arena_push(&work->arena, &work->keys, &work->n_keys,
					     &work->size_keys, sizeof(*key));

		*key = (struct key){item, (uint16_t)product, (uint16_t)kind};
	}
}

static int cmp_keys(const void *a, const void *b)
{
	const struct key *s = a;
	const struct key *t = b;
	int order = (s->kind > t->kind) - (s->kind < t->kind);

	if (!order)
		order = span_cmp(s->text, t->text);
	return order ? order : (s->product > t->product) - (s->product < t->product);
}

static void collect_keys(struct work *work, const struct make_knowledge *knowledge)
{
	for (size_t i = 0; i < knowledge->n_products; i++) {
		const struct map_product *from = &knowledge->products[i].product;

		add_keys(work, from->programs, MATCH_PROGRAM, i);
		add_keys(work, from->scripts, MATCH_SCRIPT, i);
		add_keys(work, from->packages, MATCH_PACKAGE, i);
		add_keys(work, from->units, MATCH_UNIT, i);
	}
	if (work->n_keys)
		qsort(work->keys, work->n_keys, sizeof(*work->keys), cmp_keys);
}

static void put_keys(struct work *work)
{
	for (size_t i = 0; i < work->n_keys; i++) {
		const struct key *from = &work->keys[i];
		struct image_key key = {
			ref(work, from->text),
			htole16(from->product),
			htole16(from->kind),
		};

		if (!work->is_laid)
			continue;
		if (span_find_byte(from->text, '*') >= 0)
			make_image_put(&work->image, GLOBS, key);
		else
			make_image_put(&work->image, KEYS, key);
	}
}

static void put_all(struct work *work, const struct make_knowledge *knowledge)
{
	put_facts(work, knowledge);
	put_products(work, knowledge);
	put_platforms(work, knowledge);
	put_evidence(work, knowledge);
	put_purposes(work, knowledge);
	put_keys(work);
}

static int build(struct work *work, const struct make_knowledge *knowledge, struct why *why)
{
	struct make_range *ranges =
		arena_get_array(&work->arena, knowledge->n_facts + 1, sizeof(*ranges));
	int r;

	collect_keys(work, knowledge);
	put_all(work, knowledge);
	r = make_pool_lay(&work->pool, &work->image.section[SECTION_STRINGS], why);
	if (r)
		return r;
	work->is_laid = true;
	put_all(work, knowledge);
	for (size_t i = 0; i < knowledge->n_facts; i++)
		ranges[i] = (struct make_range){knowledge->facts[i].fact.first,
						knowledge->facts[i].fact.last, (uint16_t)i};
	return make_index(&work->image, IMAGE_PRACTICE, ranges, knowledge->n_facts, &work->arena,
			  why);
}

int make_practice(const struct make_knowledge *knowledge, struct buf *out, struct why *why)
{
	struct work work = {0};
	int r;

	if (knowledge->n_facts > UINT16_MAX || knowledge->n_products > UINT16_MAX)
		return why_set(why, E2BIG, _("more than %d facts or products"), UINT16_MAX);
	make_image_init(&work.image);
	make_pool_init(&work.pool, &work.arena);
	r = build(&work, knowledge, why);
	if (!r)
		r = make_image_write(&work.image, IMAGE_PRACTICE, 0, out, why);
	make_image_done(&work.image);
	arena_done(&work.arena);
	return r;
}
