/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_registry: rows of the registry, with their standings and evidence, as an image.
 *
 * Strings are numbered first; the pool is laid out when all are known, and only then do the
 * records get their refs. Equal details are found by sorting: most rows come as a pair that
 * differs in transport only.
 */
#include "map/make_private.h"

#include <errno.h>
#include <stdlib.h>

#include "base/scope.h"
#include "base/text.h"

/* All texts of a row: those of a detail, then the rare ones. */
#define ROW_FIELDS(F)                                                                              \
	DETAIL_FIELDS(F) F(SERVICE_CODE, service_code) F(UNAUTHORIZED, unauthorized) F(NOTES, notes)

#define F(name, field) FIELD_##name,
enum { ROW_FIELDS(F) N_FIELDS };
#undef F

/* A detail with numbers of strings in place of refs. */
struct draft {
	uint32_t text[N_FIELDS];
	uint32_t row;
};

struct work {
	struct make_image image;
	struct make_pool pool;
	struct arena arena;
	uint16_t *detail_of; /* row -> detail */
};

static void draft_row(struct make_pool *pool, const struct map_registration *row, uint32_t *text)
{
#define F(name, field) text[FIELD_##name] = make_pool_add(pool, row->field);
	ROW_FIELDS(F)
#undef F
}

static int cmp_drafts(const void *a, const void *b)
{
	const struct draft *s = a;
	const struct draft *t = b;
	int order = memcmp(s->text, t->text, sizeof(s->text));

	return order ? order : (s->row > t->row) - (s->row < t->row);
}

static uint32_t put_rare(struct work *work, const uint32_t *text)
{
	struct buf *section = &work->image.section[SECTION_RARE];
	struct image_rare rare = {
		make_pool_ref(&work->pool, text[FIELD_SERVICE_CODE]),
		make_pool_ref(&work->pool, text[FIELD_UNAUTHORIZED]),
		make_pool_ref(&work->pool, text[FIELD_NOTES]),
	};

	if (section->n && !rare.service_code && !rare.unauthorized && !rare.notes)
		return 0;
	make_image_put(&work->image, RARE, rare);
	return htole32((uint32_t)(section->n / sizeof(rare) - 1));
}

/* Writes every distinct detail once and notes it for its rows. */
static int put_details(struct work *work, struct draft *drafts, size_t n, struct why *why)
{
	struct buf *section = &work->image.section[SECTION_DETAILS];

	qsort(drafts, n, sizeof(*drafts), cmp_drafts);
	put_rare(work, (const uint32_t[N_FIELDS]){0});
	for (size_t i = 0; i < n; i++) {
		const uint32_t *text = drafts[i].text;

		if (!i || memcmp(text, drafts[i - 1].text, sizeof(drafts->text)) != 0) {
			struct image_detail detail = {.slot[DETAIL_RARE] = put_rare(work, text)};

			for (size_t k = 0; k < N_DETAIL_FIELDS; k++)
				detail.slot[k] = make_pool_ref(&work->pool, text[k]);
			make_image_put(&work->image, DETAILS, detail);
		}
		work->detail_of[drafts[i].row] =
			(uint16_t)(section->n / sizeof(struct image_detail) - 1);
	}
	if (section->n / sizeof(struct image_detail) > UINT16_MAX)
		return why_set(why, E2BIG, _("the registry has too many different texts"));
	return 0;
}

static int put_rows(struct work *work, const struct map_registration *rows, size_t n,
		    const struct make_judgement *judgement, struct why *why)
{
	struct make_range *ranges = arena_get_array(&work->arena, n + 1, sizeof(*ranges));
	size_t n_ranges = 0;

	for (size_t i = 0; i < n; i++) {
		struct image_row row = {
			.first = htole16(rows[i].first),
			.last = htole16(rows[i].last),
			.detail = htole16(work->detail_of[i]),
			.transport = (uint8_t)(rows[i].transport |
					       (rows[i].has_port ? ROW_HAS_PORT : 0)),
			.standing = (uint8_t)judgement->standings[i],
		};

		make_image_put(&work->image, ROWS, row);
		if (rows[i].has_port)
			ranges[n_ranges++] =
				(struct make_range){rows[i].first, rows[i].last, (uint16_t)i};
	}
	return make_index(&work->image, IMAGE_REGISTRY, ranges, n_ranges, &work->arena, why);
}

static void put_evidence(struct work *work, const struct make_knowledge *knowledge,
			 const struct make_judgement *judgement)
{
	struct make_pool *pool = &work->pool;

	for (size_t i = 0; i < knowledge->n_sources; i++) {
		const struct make_source *from = &knowledge->sources[i];
		struct image_source source = {
			make_pool_ref(pool, make_pool_add(pool, from->source)),
			make_pool_ref(pool, make_pool_add(pool, from->what)),
			make_pool_ref(pool, make_pool_add(pool, from->searched)),
		};

		make_image_put(&work->image, SOURCES, source);
	}
	for (size_t i = 0; i < judgement->n_findings; i++) {
		const struct make_finding *from = &judgement->findings[i];
		struct image_finding finding = {
			.row = htole16((uint16_t)from->row),
			.source = (uint8_t)from->source,
			.flags = from->is_for_life ? FINDING_IS_FOR_LIFE : 0,
			.finding = make_pool_ref(pool, make_pool_add(pool, from->finding)),
			.searched = make_pool_ref(pool, make_pool_add(pool, from->searched)),
		};

		make_image_put(&work->image, FINDINGS, finding);
	}
}

static void add_evidence_strings(struct make_pool *pool, const struct make_knowledge *knowledge,
				 const struct make_judgement *judgement)
{
	for (size_t i = 0; i < knowledge->n_sources; i++) {
		make_pool_add(pool, knowledge->sources[i].source);
		make_pool_add(pool, knowledge->sources[i].what);
		make_pool_add(pool, knowledge->sources[i].searched);
	}
	for (size_t i = 0; i < judgement->n_findings; i++) {
		make_pool_add(pool, judgement->findings[i].finding);
		make_pool_add(pool, judgement->findings[i].searched);
	}
}

static int build(struct work *work, const struct map_registration *rows, size_t n, struct span date,
		 const struct make_knowledge *knowledge, struct why *why)
{
	struct make_judgement judgement = {0};
	struct draft *drafts = arena_get_array(&work->arena, n + 1, sizeof(*drafts));
	int r = make_judge(rows, n, knowledge, &work->arena, &judgement, why);

	if (r)
		return r;
	for (size_t i = 0; i < n; i++) {
		draft_row(&work->pool, &rows[i], drafts[i].text);
		drafts[i].row = (uint32_t)i;
	}
	make_pool_add(&work->pool, date);
	add_evidence_strings(&work->pool, knowledge, &judgement);
	r = make_pool_lay(&work->pool, &work->image.section[SECTION_STRINGS], why);
	if (r)
		return r;
	work->detail_of = arena_get_array(&work->arena, n + 1, sizeof(*work->detail_of));
	r = put_details(work, drafts, n, why);
	if (r)
		return r;
	put_evidence(work, knowledge, &judgement);
	return put_rows(work, rows, n, &judgement, why);
}

int make_registry(const struct map_registration *rows, size_t n_rows, struct span date,
		  const struct make_knowledge *knowledge, struct buf *out, struct why *why)
{
	struct work work = {0};
	int r;

	if (n_rows > UINT16_MAX)
		return why_set(why, E2BIG, _("%zu rows are more than %d"), n_rows, UINT16_MAX);
	make_image_init(&work.image);
	make_pool_init(&work.pool, &work.arena);
	r = build(&work, rows, n_rows, date, knowledge, why);
	if (!r)
		r = make_image_write(&work.image, IMAGE_REGISTRY,
				     make_pool_ref(&work.pool, make_pool_add(&work.pool, date)),
				     out, why);
	make_image_done(&work.image);
	arena_done(&work.arena);
	return r;
}
