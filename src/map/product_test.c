/* SPDX-License-Identifier: Apache-2.0 */
/* Which product runs: by unit, package, script, program, and never by number. */
#include <stdio.h>

#include "map/image.h"
#include "map/make.h"
#include "tap.h"

static const char products_tsv[] =
	"product\ttitle\tprograms\tpackages\tunits\tscripts\tprotocols\troles\tbind\tauth\n"
	"alpha-db\tAlpha\tsharedd\t-\t-\t-\t-\t-\t-\t-\n"
	"beta-db\tBeta\tsharedd\t-\t-\t-\t-\t-\t-\t-\n"
	"engine\tEngine\tengined\tdeb:engine\tengine.service\t-\t-\t-\t-\t-\n"
	"engine-proxy\tEngine proxy\tengine-proxy\tdeb:engine\t-\t-\t-\t-\t-\t-\n"
	"fpm\tPool\tpool-fpm*\t-\t-\t-\t-\t-\t-\t-\n"
	"postgresql\tPostgreSQL\tpostgres\tdeb:postgresql-15\tpostgresql@*.service\t-\t-\t-\t-\t-\n"
	"python-http-server\tPython "
	"http.server\tpython3\tdeb:python3\t-\tpython:http.server\t-\t-\t-\t"
	"-\n"
	"rails\tRails\t-\t-\t-\truby:rails\t-\t-\t-\t-\n"
	"redis\tRedis\tredis-server\tdeb:redis-server\tredis-server.service\t-\t-\t-\t-\t-\n"
	"scoped\tScoped\t-\t-\t-\tnode:@house/tool\t-\t-\t-\t-\n"
	"search\tSearch\t-\t-\t-\tjava:org.search.Main\t-\t-\t-\t-\n"
	"server-lib\tServer library\t-\t-\t-\tpython:server_lib\t-\t-\t-\t-\n"
	"vite\tVite\t-\t-\t-\tnode:vite\t-\t-\t-\t-\n";

static const char practice_tsv[] =
	"port\ttransport\tproduct\tkind\tgrade\tbind\tsetting\tsince\tnote\tsource\tread\n"
	"7000\ttcp\tbeta-db\tcommon\tprimary\t-\t-\t-\t-\thttps://example.org/\t2026-11-21\n";

static const struct {
	const char *name, *unit, *package, *runtime, *script, *program;
	uint16_t port;
	enum map_match match;
	const char *slug;
} cases[] = {
	{"a unit", "redis-server.service", "", "", "", "anything", 1, MATCH_UNIT, "redis"},
	{"an instance of a unit", "postgresql@15-main.service", "", "", "", "postgres", 1,
	 MATCH_UNIT, "postgresql"},
	{"a package", "", "deb:redis-server", "", "", "redis-check", 1, MATCH_PACKAGE, "redis"},
	{"a program", "", "", "", "", "redis-server", 1, MATCH_PROGRAM, "redis"},
	{"a program by pattern", "", "", "", "", "pool-fpm8.2", 1, MATCH_PROGRAM, "fpm"},
	{"unit before package", "redis-server.service", "deb:engine", "", "", "", 1, MATCH_UNIT,
	 "redis"},
	{"package before program", "", "deb:engine", "", "", "redis-server", 1, MATCH_PACKAGE,
	 "engine"},
	{"a helper in the unit of its product", "engine.service", "deb:engine", "", "",
	 "engine-proxy", 1, MATCH_PACKAGE, "engine-proxy"},
	{"the program itself in its unit", "engine.service", "deb:engine", "", "", "engined", 1,
	 MATCH_UNIT, "engine"},
	{"two programs of one name: the port has a fact", "", "", "", "", "sharedd", 7000,
	 MATCH_PROGRAM, "beta-db"},
	{"two programs of one name: by alphabet", "", "", "", "", "sharedd", 7001, MATCH_PROGRAM,
	 "alpha-db"},
	{"the number alone names nothing", "", "", "", "", "unheard-of", 7000, MATCH_NONE, ""},
	{"nothing known names nothing", "", "", "", "", "", 7000, MATCH_NONE, ""},
	{"a module", "", "deb:python3", "python", "-m http.server", "python3.11", 1, MATCH_SCRIPT,
	 "python-http-server"},
	{"a module without -m", "", "", "python3.11", "http.server", "python3.11", 1, MATCH_SCRIPT,
	 "python-http-server"},
	{"another script of the same interpreter", "", "deb:python3", "python", "/srv/admin.py",
	 "python3", 1, MATCH_NONE, ""},
	{"a module's own module", "", "", "python", "server_lib.app", "python3", 1, MATCH_SCRIPT,
	 "server-lib"},
	{"a path in site-packages", "", "", "python",
	 "/venv/lib/python3.11/site-packages/server_lib/__main__.py", "python3", 1, MATCH_SCRIPT,
	 "server-lib"},
	{"a path in node_modules", "", "", "node", "/home/a/app/node_modules/vite/bin/vite.js",
	 "node", 1, MATCH_SCRIPT, "vite"},
	{"a path that begins there", "", "", "node", "node_modules/vite/bin/run.js", "node", 1,
	 MATCH_SCRIPT, "vite"},
	{"the link in .bin", "", "", "node", "/home/a/app/node_modules/.bin/vite", "node", 1,
	 MATCH_SCRIPT, "vite"},
	{"a scoped package", "", "", "node", "/x/node_modules/@house/tool/bin/run.js", "node", 1,
	 MATCH_SCRIPT, "scoped"},
	{"a gem", "", "", "ruby", "/var/lib/gems/3.1.0/gems/rails-7.1.2/exe/main", "ruby", 1,
	 MATCH_SCRIPT, "rails"},
	{"a main class", "", "", "java", "org.search.Main", "java", 1, MATCH_SCRIPT, "search"},
	{"a script of another runtime", "", "", "python", "vite", "python3", 1, MATCH_NONE, ""},
	{"a very long script", "", "", "node",
	 "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 "aa"
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 "aa"
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 "aa"
	 "/vite",
	 "node", 1, MATCH_SCRIPT, "vite"},
};

/* Products of data/ that the program must know by themselves. */
static const struct {
	const char *slug, *unit, *package, *runtime, *script, *program;
} builtin_cases[] = {
	{"python-http-server", "", "deb:python3.11-minimal", "python", "-m http.server",
	 "python3.11"},
	{"redis", "redis-server.service", "deb:redis-server", "", "", "redis-check-rdb"},
	{"redis", "", "", "", "", "redis-server"},
	{"postgresql", "postgresql@15-main.service", "deb:postgresql-15", "", "", "postgres"},
	{"openssh", "ssh.service", "deb:openssh-server", "", "", "sshd"},
	{"vite", "", "deb:nodejs", "node", "/a/node_modules/vite/bin/vite.js", "node"},
	{"nextjs", "", "deb:nodejs", "node", "next-server", "node"},
	{"angular", "", "deb:nodejs", "node", "ng", "node"},
	{"webpack", "", "deb:nodejs", "node", "webpack", "node"},
	{"webpack-dev-server", "", "", "node", "/a/node_modules/.bin/webpack-dev-server", "node"},
	{"metro", "", "deb:nodejs", "node", "node_modules/react-native/cli.js", "node"},
	{"puma", "", "deb:ruby3.1", "ruby", "puma", "ruby3.1"},
	{"php", "", "deb:php8.2-cli", "php", "-S", "php8.2"},
};

static void put(struct make_complaints *to, const char *file, size_t line, const char *text)
{
	(void)to;
	note("%s:%zu: %s", file, line, text);
}

static bool make(struct buf *image)
{
	struct make_knowledge knowledge = {0};
	struct make_complaints to = {.put = put};
	struct why why;
	int r;

	make_read(&knowledge, MAKE_PRODUCTS, "products", span_str(products_tsv), &to);
	make_read(&knowledge, MAKE_PRACTICE, "practice", span_str(practice_tsv), &to);
	make_sort(&knowledge);
	r = to.n ? -1 : make_practice(&knowledge, image, &why);
	make_knowledge_done(&knowledge);
	return r == 0;
}

int main(void)
{
	struct buf image = BUF_INIT;
	struct map map = *map_builtin();
	struct map_product product;

	ok(make(&image), "the invented products make an image");
	ok(image_check(buf_span(&image), IMAGE_PRACTICE, NULL) == 0, "it is sound");
	map.practice = (const struct image_header *)image.p;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct map_identity identity = {
			.program = span_str(cases[i].program),
			.package = span_str(cases[i].package),
			.unit = span_str(cases[i].unit),
			.runtime = span_str(cases[i].runtime),
			.script = span_str(cases[i].script),
		};
		enum map_match match =
			map_product_match(&map, &identity, cases[i].port, TRANSPORT_TCP, &product);

		ok(match == cases[i].match &&
			   (match == MATCH_NONE || span_is(product.slug, cases[i].slug)),
		   "%s", cases[i].name);
	}
	buf_done(&image);
	for (size_t i = 0; i < sizeof(builtin_cases) / sizeof(builtin_cases[0]); i++) {
		struct map_identity identity = {
			.program = span_str(builtin_cases[i].program),
			.package = span_str(builtin_cases[i].package),
			.unit = span_str(builtin_cases[i].unit),
			.runtime = span_str(builtin_cases[i].runtime),
			.script = span_str(builtin_cases[i].script),
		};

		ok(map_product_match(NULL, &identity, 9981, TRANSPORT_TCP, &product) !=
				   MATCH_NONE &&
			   span_is(product.slug, builtin_cases[i].slug),
		   "data/ knows %s: %s%s", builtin_cases[i].slug, builtin_cases[i].script,
		   builtin_cases[i].program);
	}
	return done();
}
