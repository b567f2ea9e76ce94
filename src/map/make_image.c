/* SPDX-License-Identifier: Apache-2.0 */
/* make_image: the file around the sections, and the index of ports (image.h tells the layout). */
#include "map/make_private.h"

#include <errno.h>

#include "base/scope.h"
#include "base/text.h"

static const size_t record_size[] = {
#define S(name, record) sizeof(record),
	IMAGE_SECTIONS(S)
#undef S
};

const char image_magic[8] = {'p', 'e', 'r', 'i', 'p', 'l', 'u', 's'};

/* Not a secret keeper: it finds damage, and that the bytes are ours is found by their owner. */
uint64_t image_checksum(struct span bytes)
{
	uint64_t sum = 0x9e3779b97f4a7c15u;

	for (bytes = span_skip(bytes, offsetof(struct image_header, size)); bytes.n >= 8;
	     bytes = span_skip(bytes, 8)) {
		uint64_t word;

		memcpy(&word, bytes.p, sizeof(word));
		sum = (sum ^ le64toh(word)) * 0x9fb21c651e98df25u;
		sum ^= sum >> 29;
	}
	return sum;
}

void make_image_init(struct make_image *image)
{
	for (size_t i = 0; i < N_IMAGE_SECTIONS; i++)
		image->section[i] = BUF_INIT;
}

void make_image_done(struct make_image *image)
{
	for (size_t i = 0; i < N_IMAGE_SECTIONS; i++)
		buf_done(&image->section[i]);
}

int make_image_write(const struct make_image *image, enum image_kind kind, uint32_t le_date,
		     struct buf *out, struct why *why)
{
	struct image_header header = {
		.version = htole32(IMAGE_VERSION),
		.kind = htole32(kind),
		.date = le_date,
	};
	size_t start = out->n;
	size_t at = sizeof(header);

	memcpy(header.magic, image_magic, sizeof(header.magic));
	for (size_t i = 0; i < N_IMAGE_SECTIONS; i++) {
		at = (at + 7) & ~(size_t)7;
		header.section[i].at = htole32((uint32_t)at);
		header.section[i].n = htole32((uint32_t)(image->section[i].n / record_size[i]));
		at += image->section[i].n;
	}
	at = (at + 7) & ~(size_t)7;
	if (at > IMAGE_MAX)
		return why_set(why, E2BIG, _("an image of %zu bytes is larger than %d"), at,
			       IMAGE_MAX);
	header.size = htole32((uint32_t)at);
	buf_raw(out, span_of(&header, sizeof(header)));
	for (size_t i = 0; i < N_IMAGE_SECTIONS; i++) {
		buf_fill(out, '\0', (size_t) - (out->n - start) & 7);
		buf_raw(out, buf_span(&image->section[i]));
		if (image->section[i].error)
			return why_set(why, image->section[i].error, _("no memory for the image"));
	}
	buf_fill(out, '\0', (size_t) - (out->n - start) & 7);
	if (out->error)
		return why_set(why, out->error, _("no memory for the image"));
	header.checksum = htole64(image_checksum(span_of(out->p + start, out->n - start)));
	memcpy(out->p + start, &header, sizeof(header));
	return 0;
}

/* Numbers the segments by port: one begins where a range begins, and behind where one ends. */
static size_t cut_segments(const struct make_range *ranges, size_t n, uint16_t *segment_of)
{
	size_t n_segments = 0;

	for (size_t i = 0; i < n; i++) {
		segment_of[ranges[i].first] = 1;
		if (ranges[i].last < PORT_MAX)
			segment_of[ranges[i].last + 1] = 1;
	}
	segment_of[0] = 1;
	for (unsigned port = 0; port < N_PORTS; port++) {
		n_segments += segment_of[port];
		segment_of[port] = (uint16_t)(n_segments - 1);
	}
	return n_segments;
}

static void put_segments(struct make_image *image, enum image_kind kind, const uint16_t *segment_of)
{
	for (unsigned port = 0; port < N_PORTS; port++) {
		uint16_t base = segment_of[port & 0xff00];
		uint8_t delta = (uint8_t)(segment_of[port] - base);
		uint16_t le_base = htole16(base);
		uint16_t le_first = htole16((uint16_t)port);

		if (port % N_BLOCKS == 0)
			make_image_put(image, BASES, le_base);
		if (kind == IMAGE_REGISTRY)
			make_image_put(image, DELTAS, delta);
		else if (port == 0 || segment_of[port] != segment_of[port - 1])
			make_image_put(image, FIRSTS, le_first);
	}
}

int make_index(struct make_image *image, enum image_kind kind, const struct make_range *ranges,
	       size_t n, struct arena *arena, struct why *why)
{
	uint16_t *segment_of = arena_get_array(arena, N_PORTS, sizeof(*segment_of));
	size_t n_segments = cut_segments(ranges, n, segment_of);
	uint32_t *start = arena_get_array(arena, n_segments + 2, sizeof(*start));

	if (n_segments >= UINT16_MAX)
		return why_set(why, E2BIG, _("%zu segments of ports are too many"), n_segments);
	put_segments(image, kind, segment_of);

	/* start[s + 2] counts, then sums make start[s + 1] the next free place of s */
	for (size_t i = 0; i < n; i++)
		for (size_t s = segment_of[ranges[i].first]; s <= segment_of[ranges[i].last]; s++)
			start[s + 2]++;
	for (size_t s = 2; s < n_segments + 2; s++)
		start[s] += start[s - 1];

	size_t n_list = start[n_segments + 1];

	if (n_list > UINT16_MAX)
		return why_set(why, E2BIG, _("%zu records of ports are too many"), n_list);

	uint16_t *list = arena_get_array(arena, n_list + 1, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		for (size_t s = segment_of[ranges[i].first]; s <= segment_of[ranges[i].last]; s++)
			list[start[s + 1]++] = htole16(ranges[i].number);
	for (size_t s = 0; s <= n_segments; s++) {
		uint16_t le_start = htole16((uint16_t)start[s]);

		make_image_put(image, STARTS, le_start);
	}
	buf_raw(&image->section[SECTION_LIST], span_of(list, n_list * sizeof(*list)));
	return 0;
}
