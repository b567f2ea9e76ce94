/* SPDX-License-Identifier: Apache-2.0 */
#include "host/btf.h"

#include <errno.h>
#include <string.h>

#include "host/layout.h"
#include "tap.h"

/*
 * A small description, word by word: struct outer { u32 first; struct { u32 in; } ; struct inner x; u32
 * low : 3, high : 1; } with typedef inner_t for struct inner { u32 a; u32 b; }, and a function.
 */
static const char strings[] = "\0u32\0inner\0a\0b\0inner_t\0outer\0first\0in\0x\0low\0high\0act";
enum { U32 = 1, INNER = 5, A = 11, B = 13, INNER_T = 15, OUTER = 23, FIRST = 29, IN = 35, X = 38,
       LOW = 40, HIGH = 44, ACT = 49 };

static const uint32_t types[] = {
	U32, 1u << 24, 4, 32,					      /* 1: int */
	INNER, 4u << 24 | 2, 8, A, 1, 0, B, 1, 32,		      /* 2 */
	INNER_T, 8u << 24, 2,					      /* 3: typedef of 2 */
	0, 4u << 24 | 1, 4, IN, 1, 0,				      /* 4: without name */
	0, 10u << 24, 3,					      /* 5: const of 3 */
	OUTER, 1u << 31 | 4u << 24 | 5, 20,			      /* 6: with bit fields */
	FIRST, 1, 0, 0, 4, 32, X, 5, 64, LOW, 1, 3u << 24 | 128, HIGH, 1, 1u << 24 | 131,
	0, 13u << 24, 0,					      /* 7: prototype */
	ACT, 12u << 24 | 1, 7,					      /* 8: function */
};

struct image {
	struct {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t size, types_at, types_size, strings_at, strings_size;
	} header;
	uint8_t bytes[sizeof(types) + sizeof(strings)];
};

static struct image whole(void)
{
	struct image image = {.header = {0xeb9f, 1, 0, sizeof(image.header), 0, sizeof(types),
					 sizeof(types), sizeof(strings)}};

	memcpy(image.bytes, types, sizeof(types));
	memcpy(image.bytes + sizeof(types), strings, sizeof(strings));
	return image;
}

static struct span span_of_image(const struct image *image)
{
	return span_of(image, sizeof(image->header) + sizeof(types) + sizeof(strings));
}

static void test_members(void)
{
	struct image image = whole();
	struct btf_wanted wanted[] = {{"outer", BTF_STRUCT, 0}, {"act", BTF_FUNCTION, 0},
				      {"outer", BTF_FUNCTION, 0}, {"none", BTF_STRUCT, 0}};
	struct btf btf;

	is_int(btf_read(&btf, span_of_image(&image), wanted, 4), 0, "a description is read");
	is_int(btf.n, 9, "with all its types");
	ok(wanted[0].number == 6 && wanted[1].number == 8 && !wanted[2].number && !wanted[3].number,
	   "names are found by their kind");

	static const struct {
		const char *path;
		int64_t bits;
	} cases[] = {
		{"first", 0},  {"in", 32},   {"x.a", 64},	{"x.b", 96},   {"x", 64},
		{"low", 128}, {"high", 131}, {"x.c", -ENOENT}, {"a", -ENOENT}, {"first.a", -ENOENT},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int(btf_offset(&btf, wanted[0].number, span_str(cases[i].path)), cases[i].bits,
		       cases[i].path);
	is_int(btf_offset(&btf, 0, span_str("first")), -ENOENT, "what was not found has no member");
	ok(btf_size(&btf, 2) == 8 && btf_size(&btf, 1) == 0, "structures have a size");
	btf_done(&btf);
}

/* Cut anywhere and with any byte turned, it is read or refused, and no place lies outside of it. */
static void test_broken(void)
{
	struct image good = whole();
	size_t n = span_of_image(&good).n;
	size_t n_read = 0;

	for (size_t i = 0; i < n; i++) {
		struct image image = good;
		struct btf_wanted wanted = {"outer", BTF_STRUCT, 0};
		struct btf btf;

		if (btf_read(&btf, span_of(&image, i), &wanted, 1) == 0) {
			n_read++;
			btf_done(&btf);
		}
		((uint8_t *)&image)[i] ^= 0xff;
		if (btf_read(&btf, span_of_image(&image), &wanted, 1) == 0) {
			for (uint32_t k = 0; k < btf.n; k++)
				(void)!btf_offset(&btf, k, span_str("x.a"));
			btf_done(&btf);
		}
	}
	is_int((int64_t)n_read, 0, "no beginning of it passes for the whole");
}

/* On the machine that runs the test, when it describes itself. */
static void test_kernel(void)
{
	struct look_layout layout;
	struct why why = {0};
	int r = layout_find(&layout, &why);

	if (r < 0)
		return skip(2, why.text);
	ok(layout.type_task && layout.type_file && layout.upid_size >= sizeof(uint32_t),
	   "the running kernel's structures are found");
	is_int(layout.sk_num, layout.sk_dport + 2, "neighbours stand side by side");
}

int main(void)
{
	struct look_layout layout;
	struct image image = whole();
	struct why why = {0};

	test_members();
	test_broken();
	is_int(layout_read(span_of_image(&image), &layout, &why), -ENOTSUP,
	       "a kernel without the structures is not read at a guess");
	ok(strstr(why.text, "this kernel has no"), "and says what it lacks");
	test_kernel();
	return done();
}
