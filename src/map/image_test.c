/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images that were damaged, cut, or put there by others: refused, and never read beyond.
 *
 * IMAGE_WRITE=FILE writes the invented image there: test/data/fuzz/map_image/small.img, which is to
 * be made anew with every IMAGE_VERSION (cut.img is its first 400 bytes).
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "map/image.h"
#include "map/make.h"
#include "tap.h"

#define TEXT(field, text) .field = {(const uint8_t *)(text), sizeof(text) - 1}

static const struct map_registration rows[] = {
	{.has_port = true,
	 .first = 1,
	 .last = 1,
	 .transport = TRANSPORT_TCP,
	 TEXT(service, "mux"),
	 TEXT(description, "Multiplexer"),
	 TEXT(domain, "example.org"),
	 TEXT(notes, "a note")},
	{.has_port = true,
	 .first = 10,
	 .last = 20,
	 TEXT(service, "many"),
	 TEXT(references, "[RFC1]")},
	{.has_port = true,
	 .first = 15,
	 .last = 15,
	 .transport = TRANSPORT_UDP,
	 TEXT(description, "Reserved")},
	{.has_port = true,
	 .first = 65535,
	 .last = 65535,
	 .transport = TRANSPORT_UDP,
	 TEXT(service, "last")},
	{TEXT(service, "nameless"), .transport = TRANSPORT_TCP},
};

static bool make(struct buf *image)
{
	struct make_knowledge knowledge = {0};
	struct why why;
	int r;

	make_knowledge_of(&knowledge, NULL);
	r = make_registry(rows, ARRAY_LEN(rows), SPAN_LIT("2026-01-02"), &knowledge, image, &why);
	make_knowledge_done(&knowledge);
	return r == 0;
}

/* Touches everything that can be reached; the sanitizers watch. */
static size_t read_all(const struct map *map)
{
	struct map_registration row;
	struct map_evidence evidence;
	struct map_hit hits[2];
	size_t n = 0;

	for (unsigned port = 0; port < N_PORTS; port += port < 32 ? 1 : 1021)
		for (uint32_t cursor = 0;
		     map_next_registration(map, (uint16_t)port, TRANSPORT_UDP, &cursor, &row);)
			for (uint32_t k = 0; map_next_evidence(map, &row, &k, &evidence);)
				n += span_find_byte(evidence.finding, 'x') >= 0;
	for (uint32_t i = 0; i < map_n_registrations(map); i++) {
		map_registration_get(map, i, &row);
		n += span_find_byte(row.description, 'x') >= 0;
		n += span_find_byte(row.notes, 'x') >= 0;
	}
	return n + (size_t)map_search(map, SPAN_LIT("mux standing:ghost"), hits, 2, NULL);
}

static void test_made(const struct buf *image)
{
	struct map map = *map_builtin();
	struct map_registration row;
	uint32_t cursor = 0;

	map.registry = (const struct image_header *)image->p;
	ok(map_next_registration(&map, 12, TRANSPORT_TCP, &cursor, &row) &&
		   span_is(row.service, "many") && row.transport == TRANSPORT_ANY,
	   "a range without transport is found inside, for tcp");
	cursor = 0;
	ok(map_next_registration(&map, 15, TRANSPORT_UDP, &cursor, &row) && row.service.n == 0 &&
		   map_next_registration(&map, 15, TRANSPORT_UDP, &cursor, &row) &&
		   span_is(row.service, "many"),
	   "a row of the transport comes before one without");
	cursor = 0;
	ok(map_next_registration(&map, 65535, TRANSPORT_UDPLITE, &cursor, &row) &&
		   span_is(row.service, "last"),
	   "the last port; udplite is filed as udp");
	is_span(map_registry_date(&map), SPAN_LIT("2026-01-02"), "the date of the file");
	cursor = 0;
	ok(map_next_registration(&map, 1, TRANSPORT_TCP, &cursor, &row) &&
		   span_is(row.notes, "a note") && span_is(row.domain, "example.org") &&
		   row.organisation.n == 0,
	   "rare fields, and empty ones");
}

static void test_damage(const struct buf *image)
{
	struct map map = *map_builtin();
	size_t n_accepted = 0;
	size_t n_short = 0;

	for (size_t i = 0; i < image->n; i += i < 4096 ? 1 : 61) {
		image->p[i] = (char)(image->p[i] ^ (1 << i % 8));
		n_accepted += image_check(buf_span(image), IMAGE_REGISTRY, NULL) == 0;
		if (image_check_sections(buf_span(image), IMAGE_REGISTRY, NULL) == 0) {
			map.registry = (const struct image_header *)image->p;
			read_all(&map);
		}
		image->p[i] = (char)(image->p[i] ^ (1 << i % 8));
	}
	is_int((int64_t)n_accepted, 0, "one wrong bit anywhere is found");
	for (size_t n = 0; n < image->n; n += n < 1024 ? 1 : 509)
		n_short += image_check(span_of(image->p, n), IMAGE_REGISTRY, NULL) == 0;
	is_int((int64_t)n_short, 0, "an image cut anywhere is refused");
	ok(image_check(buf_span(image), IMAGE_PRACTICE, NULL) < 0, "the other kind is refused");
	ok(image_check(buf_span(image), IMAGE_REGISTRY, NULL) == 0, "whole again, it is accepted");
}

/* A copy whose section has n records of zeros behind its own, with a checksum that is right. */
static bool takes_larger(const struct buf *image, enum image_section section, size_t size, size_t n)
{
	struct buf larger = BUF_INIT;
	struct span records = span_of(image_at((const void *)image->p, section),
				      image_n((const void *)image->p, section) * size);
	struct image_header header;
	bool is_taken;

	buf_raw(&larger, buf_span(image));
	buf_raw(&larger, records);
	buf_fill(&larger, '\0', n * size - records.n);
	buf_fill(&larger, '\0', (8 - larger.n % 8) % 8);
	memcpy(&header, larger.p, sizeof(header));
	header.section[section].at = htole32((uint32_t)image->n);
	header.section[section].n = htole32((uint32_t)n);
	header.size = htole32((uint32_t)larger.n);
	memcpy(larger.p, &header, sizeof(header));
	header.checksum = htole64(image_checksum(buf_span(&larger)));
	memcpy(larger.p, &header, sizeof(header));
	is_taken = image_check(buf_span(&larger), IMAGE_REGISTRY, NULL) == 0;
	buf_done(&larger);
	return is_taken;
}

/* Whoever can write an image can write its checksum. */
static void test_forged(const struct buf *image)
{
	const struct image_header *header = (const struct image_header *)image->p;
	char *date = (char *)image_at(header, SECTION_STRINGS) +
		     (le32toh(header->date) & (POOL_MAX - 1));

	ok(takes_larger(image, SECTION_STRINGS, 1, POOL_MAX), "a pool as large as refs reach");
	ok(!takes_larger(image, SECTION_STRINGS, 1, POOL_MAX + 1),
	   "a larger one is refused: searches mark its stretches");
	ok(takes_larger(image, SECTION_SOURCES, sizeof(struct image_source), 256),
	   "as many sources as findings can name");
	ok(!takes_larger(image, SECTION_SOURCES, sizeof(struct image_source), 257),
	   "more are refused: the cursor of evidence would begin anew");
	date[0] = '\033';
	ok(image_check_sections(buf_span(image), IMAGE_REGISTRY, NULL) < 0,
	   "a date that is none is refused");
	date[0] = '2';
}

static bool put_file(const char *path, struct span bytes, mode_t mode)
{
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n && fchmod(fd, mode) == 0;
}

static void test_files(struct span image)
{
	char dir[] = "/tmp/periplus-image.XXXXXX";
	char path[64];
	char link[64];
	struct why why;
	struct map *map = NULL;

	if (!mkdtemp(dir)) {
		skip(7, "no directory for files");
		return;
	}
	snprintf(path, sizeof(path), "%s/registry.img", dir);
	snprintf(link, sizeof(link), "%s/link", dir);

	ok(put_file(path, image, 0644) && (map = map_open(path, &why)), "a file of ours is opened");
	ok(map && map_n_registrations(map) == ARRAY_LEN(rows) && map_n_products(map) > 0,
	   "with its rows, and the practice built in");
	map_free(map);
	ok(symlink(path, link) == 0 && !map_open(link, &why), "a link is refused: %s", why.text);
	ok(put_file(path, image, 0664) && !map_open(path, &why), "a file for others to write: %s",
	   why.text);
	ok(put_file(path, span_cut(image, image.n - 8), 0644) && !map_open(path, &why),
	   "a cut file: %s", why.text);
	ok(put_file(path, span_cut(image, 0), 0644) && !map_open(path, &why), "an empty file");
	ok(!map_open(dir, &why), "a directory");
	unlink(link);
	unlink(path);
	ok(!map_open(path, &why), "no file: %s", why.text);
	rmdir(dir);
}

int main(void)
{
	struct buf image = BUF_INIT;

	ok(make(&image), "invented rows make an image");
	if (getenv("IMAGE_WRITE"))
		ok(put_file(getenv("IMAGE_WRITE"), buf_span(&image), 0644), "written");
	ok(image_check(span_of(map_builtin()->registry, le32toh(map_builtin()->registry->size)),
		       IMAGE_REGISTRY, NULL) == 0,
	   "the built-in registry is sound");
	ok(image_check(span_of(map_builtin()->practice, le32toh(map_builtin()->practice->size)),
		       IMAGE_PRACTICE, NULL) == 0,
	   "the built-in practice is sound");
	ok(le32toh(map_builtin()->registry->size) + le32toh(map_builtin()->practice->size) <
		   1500000,
	   "both images together are under 1.5 MB");
	test_made(&image);
	test_damage(&image);
	test_forged(&image);
	test_files(buf_span(&image));
	buf_done(&image);
	return done();
}
