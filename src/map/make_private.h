/* SPDX-License-Identifier: Apache-2.0 */
/* make_private: what the makers of images share: strings, the port index, the file, standings. */
#ifndef PERIPLUS_MAP_MAKE_PRIVATE_H
#define PERIPLUS_MAP_MAKE_PRIVATE_H

#include "map/image.h"
#include "map/make.h"

/* Strings by number; number 0 is the empty one. Their refs exist once all are in. */
struct make_pool {
	struct arena *arena;
	struct make_pool_string {
		struct span text;
		uint32_t ref;
	} * strings;
	size_t n, size;
	uint32_t *slots; /* hash table of numbers */
	size_t n_slots;
};

void make_pool_init(struct make_pool *pool, struct arena *arena);
uint32_t make_pool_add(struct make_pool *pool, struct span text);
/* Lays the strings out. -E2BIG when one or all are too long. */
int make_pool_lay(struct make_pool *pool, struct buf *bytes, struct why *why) must_check;
/* Little-endian, for records. */
uint32_t make_pool_ref(const struct make_pool *pool, uint32_t number);

struct make_image {
	struct buf section[N_IMAGE_SECTIONS];
};

void make_image_init(struct make_image *image);
void make_image_done(struct make_image *image);
#define make_image_put(image, name, record)                                                        \
	buf_raw(&(image)->section[SECTION_##name], span_of(&(record), sizeof(record)))
int make_image_write(const struct make_image *image, enum image_kind kind, uint32_t le_date,
		     struct buf *out, struct why *why) must_check;

struct make_range {
	uint16_t first, last;
	uint16_t number; /* of the record */
};

/* Fills the index sections. Ranges in the order in which records are to be answered. */
int make_index(struct make_image *image, enum image_kind kind, const struct make_range *ranges,
	       size_t n, struct arena *arena, struct why *why) must_check;

struct make_finding {
	uint32_t row;
	size_t source; /* index in knowledge->sources */
	bool is_for_life;
	struct span finding, searched;
};

struct make_judgement {
	enum map_standing *standings;  /* of every row */
	struct make_finding *findings; /* sorted by row, then source */
	size_t n_findings, size_findings;
};

/* All rows against all evidence; memory comes from the arena. */
int make_judge(const struct map_registration *rows, size_t n_rows,
	       const struct make_knowledge *knowledge, struct arena *arena,
	       struct make_judgement *judgement, struct why *why) must_check;
/* Sources that standings name; each must have a row in sources.tsv. */
size_t make_n_source_words(void);
const char *make_source_word(size_t i);

/* Appends a row to one of the lists of knowledge. */
#define make_add(knowledge, rows, row)                                                             \
	(*(__typeof__((knowledge)->rows))arena_push(                                               \
		 &(knowledge)->arena, &(knowledge)->rows, &(knowledge)->n_##rows,                  \
		 &(knowledge)->size_##rows, sizeof(row)) = (row))

/* Order of platforms in a file and in the image. */
int make_platform_cmp(const struct map_platform *a, const struct map_platform *b);

#endif
