/* SPDX-License-Identifier: Apache-2.0 */
/*
 * product: which product runs, by what it says of itself: unit, package, script, program.
 *
 * The image holds the names of all products as sorted keys, and apart from them those with a '*'.
 * The first kind of name that any product has decides. Of several products with the same name the
 * one that lists the program, too, is taken, then one that has a fact on the port, then the first
 * by alphabet. A unit may hold helpers of its product that are products themselves: when the
 * unit's product lists other programs, and one of the package lists this one, that one is it.
 *
 * A product that lists scripts is run by an interpreter. Where the process is an interpreter, its
 * package and program are the interpreter's and prove nothing of such a product.
 */
#include "map/image.h"

#include "base/scope.h"

enum { KEY_MAX = 256 };

struct choice {
	const struct image_header *image;
	const struct map_identity *identity;
	uint16_t port;
	enum transport transport;
	bool is_found, is_program; /* lists the program */
	unsigned score;
	uint16_t product;
};

static struct span key_text(const struct image_header *image, const struct image_key *key)
{
	return image_string(image, key->text);
}

/* Slugs are in the pool once, so that equal refs are equal slugs. */
static bool has_fact(const struct choice *choice, uint16_t product)
{
	const struct image_product *products = image_at(choice->image, SECTION_PRODUCTS);
	const struct image_fact *facts = image_at(choice->image, SECTION_FACTS);
	size_t n;
	const uint16_t *cover = image_cover_practice(choice->image, choice->port, &n);

	for (size_t i = 0; i < n; i++) {
		const struct image_fact *fact = &facts[le16toh(cover[i])];

		if (fact->product == products[product].slug && fact->kind != PRACTICE_MALWARE &&
		    (choice->transport == TRANSPORT_ANY || fact->transport == TRANSPORT_ANY ||
		     fact->transport == (int)choice->transport))
			return true;
	}
	return false;
}

static bool lists_program(const struct choice *choice, uint16_t product)
{
	const struct image_product *products = image_at(choice->image, SECTION_PRODUCTS);
	struct span programs = image_string(choice->image, products[product].programs);
	struct span item;

	while (choice->identity->program.n && take_until(&programs, ',', &item))
		if (span_glob(choice->identity->program, item))
			return true;
	return false;
}

static void consider(struct choice *choice, uint16_t product, enum map_match kind)
{
	const struct image_product *products = image_at(choice->image, SECTION_PRODUCTS);
	bool is_program = lists_program(choice, product);
	unsigned score = 2 * is_program + has_fact(choice, product);

	if ((kind == MATCH_PACKAGE || kind == MATCH_PROGRAM) && choice->identity->runtime.n &&
	    image_string(choice->image, products[product].scripts).n)
		return;
	if (choice->is_found &&
	    (score < choice->score || (score == choice->score && product >= choice->product)))
		return;
	choice->is_found = true;
	choice->is_program = is_program;
	choice->score = score;
	choice->product = product;
}

/* Asks all products that have this name of this kind. */
static void ask(struct choice *choice, enum map_match kind, struct span name)
{
	const struct image_key *keys = image_at(choice->image, SECTION_KEYS);
	const struct image_key *globs = image_at(choice->image, SECTION_GLOBS);
	uint32_t n = image_n(choice->image, SECTION_KEYS);
	uint32_t low = 0;
	uint32_t high = n;

	if (name.n == 0)
		return;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = (int)le16toh(keys[middle].kind) - (int)kind;

		if (order == 0)
			order = span_cmp(key_text(choice->image, &keys[middle]), name);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < n && le16toh(keys[low].kind) == kind &&
	       span_eq(key_text(choice->image, &keys[low]), name);
	     low++)
		consider(choice, le16toh(keys[low].product), kind);
	for (uint32_t i = 0; i < image_n(choice->image, SECTION_GLOBS); i++)
		if (le16toh(globs[i].kind) == kind &&
		    span_glob(name, key_text(choice->image, &globs[i])))
			consider(choice, le16toh(globs[i].product), kind);
}

/* What stands behind the last "/dir/" of the path (or "dir/" at its start), up to the next '/'; two
 * parts after '@'. */
static struct span below(struct span path, const char *dir)
{
	struct span rest = path;
	struct span name = {0};

	if (span_starts(path, dir + 1))
		name = rest = span_skip(path, strlen(dir + 1));

	for (ptrdiff_t at; (at = span_find(rest, span_str(dir))) >= 0;) {
		rest = span_skip(rest, (size_t)at + strlen(dir));
		name = rest;
	}

	ptrdiff_t end = span_find_byte(name, '/');

	if (end >= 0 && span_starts(name, "@")) {
		ptrdiff_t more = span_find_byte(span_skip(name, (size_t)end + 1), '/');

		end = more < 0 ? more : end + 1 + more;
	}
	return end < 0 ? span_of(NULL, 0) : span_cut(name, (size_t)end);
}

static struct span without_extension(struct span base)
{
	ptrdiff_t dot = span_find_last(base, '.');

	return dot > 0 ? span_cut(base, (size_t)dot) : base;
}

/* "rails-7.1" is rails: directories of gems carry a version. */
static struct span without_version(struct span name)
{
	ptrdiff_t dash = span_find_last(name, '-');

	if (dash > 0 && (size_t)dash + 1 < name.n && name.p[dash + 1] >= '0' &&
	    name.p[dash + 1] <= '9')
		return span_cut(name, (size_t)dash);
	return name;
}

static void ask_script_name(struct choice *choice, struct span name)
{
	uint8_t key[KEY_MAX];
	struct span runtime = choice->identity->runtime;

	/* "python3.11" is python */
	while (runtime.n && (runtime.p[runtime.n - 1] == '.' ||
			     (runtime.p[runtime.n - 1] >= '0' && runtime.p[runtime.n - 1] <= '9')))
		runtime.n--;
	if (runtime.n == 0 || name.n == 0 || runtime.n + 1 + name.n > sizeof(key))
		return;
	memcpy(key, runtime.p, runtime.n);
	key[runtime.n] = ':';
	memcpy(key + runtime.n + 1, name.p, name.n);
	ask(choice, MATCH_SCRIPT, span_of(key, runtime.n + 1 + name.n));
}

/* From the exact name to the looser ones: the first that any product has. */
static void ask_script(struct choice *choice)
{
	struct span script = span_trim(choice->identity->script);
	struct span names[8];
	size_t n = 0;

	if (span_starts(script, "-m "))
		script = span_trim(span_skip(script, 3));
	names[n++] = script;
	names[n++] = below(script, "/node_modules/");
	names[n++] = below(script, "/site-packages/");
	names[n++] = below(script, "/dist-packages/");
	names[n++] = without_version(below(script, "/gems/"));
	names[n++] = span_base(script);
	names[n++] = without_extension(span_base(script));

	ptrdiff_t dot = span_find_byte(script, '.');

	names[n++] = dot > 0 && span_find_byte(script, '/') < 0 ? span_cut(script, (size_t)dot)
								: span_of(NULL, 0);
	for (size_t i = 0; i < n && !choice->is_found; i++)
		ask_script_name(choice, names[i]);
}

/* The unit's product has programs of its own, this is none of them, and it is one of the
 * package's: docker-proxy in docker.service. */
static bool is_helper(const struct choice *found)
{
	const struct image_product *products = image_at(found->image, SECTION_PRODUCTS);
	struct choice other = *found;

	if (found->is_program || found->identity->runtime.n ||
	    !image_string(found->image, products[found->product].programs).n)
		return false;
	other.is_found = false;
	ask(&other, MATCH_PACKAGE, other.identity->package);
	return other.is_found && other.is_program;
}

enum map_match map_product_match(const struct map *map, const struct map_identity *identity,
				 uint16_t port, enum transport transport,
				 struct map_product *product)
{
	struct choice choice = {
		.image = (map ? map : map_builtin())->practice,
		.identity = identity,
		.port = port,
		.transport = transport_registered(transport),
	};
	enum map_match match = MATCH_UNIT;

	ask(&choice, MATCH_UNIT, identity->unit);
	if (choice.is_found && is_helper(&choice)) {
		match = MATCH_PACKAGE;
		choice.is_found = false;
		ask(&choice, MATCH_PACKAGE, identity->package);
	}
	if (!choice.is_found && identity->runtime.n) {
		match = MATCH_SCRIPT;
		ask_script(&choice);
	}
	if (!choice.is_found) {
		match = MATCH_PACKAGE;
		ask(&choice, MATCH_PACKAGE, identity->package);
	}
	if (!choice.is_found) {
		match = MATCH_PROGRAM;
		ask(&choice, MATCH_PROGRAM, identity->program);
	}
	if (!choice.is_found)
		return MATCH_NONE;
	map_product_get(map, choice.product, product);
	return match;
}
