/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity_test: every product is named by what runs, and none by its number.
 *
 * Walks all products and all facts of the built-in map. Where several products share a program,
 * package or unit, any of them that lists it is a right name.
 */
#include "test/tap.h"
#include "verdict/verdict.h"

enum { NOBODYS_PORT = 64999 };

static const struct surroundings around = {
	.ephemeral_first = 32768,
	.ephemeral_last = 60999,
	.viewer_uid = 1000,
	.can_ask_packages = true,
};

static void judge(const struct process *process, struct sighting sighting, struct arena *arena,
		  struct verdict *verdict)
{
	struct owner *owner = arena_get(arena, sizeof(*owner));

	*owner = (struct owner){.process = process, .fd = 3};
	sighting.owners = owner;
	sighting.n_owners = process ? 1 : 0;
	verdict_judge(NULL, NULL, &around, &sighting, arena, verdict);
}

static struct sighting listener(uint16_t port, enum transport transport)
{
	return (struct sighting){
		.transport = transport,
		.state = transport == TRANSPORT_UDP || transport == TRANSPORT_UDPLITE
				 ? SOCKET_BOUND
				 : SOCKET_LISTEN,
		.port = port,
		.local = {.family = ADDRESS_IPV4, .bytes = {127, 0, 0, 1}},
	};
}

static bool lists(struct span list, struct span word)
{
	struct span item;

	while (take_until(&list, ',', &item))
		if (span_glob(word, item))
			return true;
	return false;
}

/* What a '*' of the data stands for. */
static struct span example(struct arena *arena, struct span pattern)
{
	ptrdiff_t star = span_find_byte(pattern, '*');

	if (star < 0)
		return pattern;
	return arena_print(arena, "%.*smain%.*s", (int)star, (const char *)pattern.p,
			   SPAN_ARG(span_skip(pattern, (size_t)star + 1)));
}

typedef struct span list_of(const struct map_product *product);

static struct span programs_of(const struct map_product *product)
{
	return product->programs;
}

static struct span packages_of(const struct map_product *product)
{
	return product->packages;
}

static struct span units_of(const struct map_product *product)
{
	return product->units;
}

/* A process that shows this one item of a product, and nothing else that speaks. */
static bool process_with(struct arena *arena, list_of *list, struct span item,
			 struct process *process)
{
	*process = (struct process){.pid = 4242, .package_answer = PACKAGE_NONE};
	if (list == programs_of) {
		process->executable = arena_print(arena, "/usr/bin/%.*s", SPAN_ARG(item));
	} else if (list == packages_of) {
		if (!span_starts(item, "deb:") && !span_starts(item, "rpm:"))
			return false;
		process->executable = span_str("/usr/lib/frob/frobd");
		process->package = span_skip(item, 4);
		process->package_answer = PACKAGE_OWNS;
	} else if (span_starts(item, "svc:")) { /* of Windows, where a program's name tells so */
		process->name = SPAN_LIT("service.exe");
		process->unit = span_skip(item, 4);
	} else {
		process->unit = item;
	}
	return true;
}

static void test_items(const char *what, list_of *list)
{
	unsigned n = 0;
	unsigned n_wrong = 0;

	for (uint32_t i = 0; i < map_n_products(NULL); i++) {
		struct map_product product;
		struct span items;
		struct span item;

		map_product_get(NULL, i, &product);
		items = list(&product);
		while (take_until(&items, ',', &item)) {
			struct arena arena = {0};
			struct process process;
			struct verdict verdict;

			item = example(&arena, item);
			if (process_with(&arena, list, item, &process)) {
				judge(&process, listener(NOBODYS_PORT, TRANSPORT_TCP), &arena,
				      &verdict);
				n++;
				if (verdict.match == MATCH_NONE ||
				    !(lists(list(verdict.product), item) ||
				      (list == packages_of && span_find(verdict.product->packages,
									process.package) >= 0))) {
					n_wrong++;
					note("%.*s by '%.*s': got '%.*s'", SPAN_ARG(product.slug),
					     SPAN_ARG(item), SPAN_ARG(verdict.product->slug));
				}
			}
			arena_done(&arena);
		}
	}
	ok(n > 0 && n_wrong == 0, "%u products' %s name them", n, what);
}

/* A script counts for more than the interpreter that runs it, and than the interpreter's package.
 */
static void test_scripts(void)
{
	unsigned n = 0;
	unsigned n_wrong = 0;

	for (uint32_t i = 0; i < map_n_products(NULL); i++) {
		struct map_product product;
		struct span items;
		struct span item;

		map_product_get(NULL, i, &product);
		items = product.scripts;
		while (take_until(&items, ',', &item)) {
			struct arena arena = {0};
			struct span rest = item;
			struct span runtime;
			struct verdict verdict;

			if (!take_until(&rest, ':', &runtime) || span_find_byte(rest, '*') >= 0)
				continue;
			struct process process = {
				.pid = 4242,
				.executable =
					arena_print(&arena, "/usr/bin/%.*s", SPAN_ARG(runtime)),
				.package = SPAN_LIT("nodejs"),
				.package_answer = PACKAGE_OWNS,
				.runtime = runtime,
				.script = rest,
			};

			judge(&process, listener(NOBODYS_PORT, TRANSPORT_TCP), &arena, &verdict);
			n++;
			if (verdict.match != MATCH_SCRIPT ||
			    !lists(verdict.product->scripts, item)) {
				n_wrong++;
				note("%.*s by '%.*s': got '%.*s'", SPAN_ARG(product.slug),
				     SPAN_ARG(item), SPAN_ARG(verdict.product->slug));
			}
			arena_done(&arena);
		}
	}
	ok(n > 0 && n_wrong == 0, "%u products' scripts name them", n);
}

/* The same unknown program on every number of practice is named nowhere, and accused nowhere. */
static void test_numbers(void)
{
	static const struct process stranger = {
		.pid = 4242,
		.executable = {(const uint8_t *)"/opt/frob/frobd", 15},
		.name = {(const uint8_t *)"frobd", 5},
		.package_answer = PACKAGE_NONE,
	};
	unsigned n_wrong = 0;

	for (uint32_t i = 0; i < map_n_practice(NULL); i++) {
		struct map_practice fact;
		struct arena arena = {0};
		struct verdict verdict;

		map_practice_get(NULL, i, &fact);
		judge(&stranger,
		      listener(fact.first, fact.transport ? fact.transport : TRANSPORT_TCP), &arena,
		      &verdict);
		if (verdict.match != MATCH_NONE || verdict.has_fact ||
		    verdict.kind != VERDICT_LOOK) {
			n_wrong++;
			note("%u: '%.*s', %s", fact.first, SPAN_ARG(verdict.product->slug),
			     verdict_key(verdict.kind));
		}
		arena_done(&arena);
	}
	ok(n_wrong == 0, "no number of %zu facts names or accuses a stranger",
	   map_n_practice(NULL));
}

/* clang-format off */
#define S(text) {(const uint8_t *)(text), sizeof(text) - 1}
/* clang-format on */

/* Who it is, in the order of usefulness. */
static void test_who(void)
{
	static const struct {
		const char *name, *want;
		struct span published;
		struct process process;
	} cases[] = {
		{"the script, before its interpreter",
		 "/srv/tools/admin.py",
		 {0},
		 {.executable = S("/usr/bin/python3.11"),
		  .runtime = S("python"),
		  .script = S("/srv/tools/admin.py"),
		  .unit = S("session-3.scope")}},
		{"the unit, before its program",
		 "orders-db.service",
		 {0},
		 {.executable = S("/opt/orders/db"), .unit = S("orders-db.service")}},
		{"a login session is no name",
		 "db",
		 {0},
		 {.executable = S("/opt/orders/db"), .unit = S("session-3.scope")}},
		{"a user's unit",
		 "app.service",
		 {0},
		 {.executable = S("/opt/app"),
		  .unit = S("user@1000.service"),
		  .user_unit = S("app.service")}},
		{"the container",
		 "docker 0123456789ab",
		 {0},
		 {.executable = S("/opt/db"), .container = S("docker 0123456789ab")}},
		{"the container that is published, before its proxy",
		 "pg-test",
		 S("pg-test"),
		 {.executable = S("/usr/bin/docker-proxy"), .unit = S("docker.service")}},
		{"the package",
		 "netcat-openbsd",
		 {0},
		 {.executable = S("/usr/bin/nc.openbsd"),
		  .package = S("netcat-openbsd"),
		  .package_answer = PACKAGE_OWNS}},
		{"comm, when the path is hidden", "frobd", {0}, {.name = S("frobd")}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sighting sighting = listener(NOBODYS_PORT, TRANSPORT_TCP);
		struct process process = cases[i].process;
		struct arena arena = {0};
		struct verdict verdict;

		process.pid = 4242;
		sighting.container = cases[i].published;
		judge(&process, sighting, &arena, &verdict);
		is_span(verdict.who, span_str(cases[i].want), cases[i].name);
		arena_done(&arena);
	}
}

int main(void)
{
	test_items("programs", programs_of);
	test_items("packages", packages_of);
	test_items("units", units_of);
	test_scripts();
	test_numbers();
	test_who();
	return done();
}
