/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of bad lines in data/, and how evidence makes standings. */
#include <stdio.h>

#include "base/scope.h"
#include "map/image.h"
#include "map/make.h"
#include "tap.h"

#define PRACTICE "port\ttransport\tproduct\tkind\tgrade\tbind\tsetting\tsince\tnote\tsource\tread\n"
#define PRODUCTS                                                                                   \
	"product\ttitle\tprograms\tpackages\tunits\tscripts\tprotocols\troles\tbind\tauth\n"
#define NEIGHBOURS "port\ttransport\tservice\torganisation\tpurpose\tsource\tread\n"
#define PLATFORMS  "system\tkind\tfirst\tlast\ttransport\tnote\tsource\tread\n"
#define GOOD(port)                                                                                 \
	port "\ttcp\tredis\tcommon\tprimary\tlo\tdefault\t-\tnote\thttps://x.org/\t2026-11-21\n"

/* Complaints come as "line: text", one a line. */
static const struct {
	const char *name, *text, *want;
} cases[] = {
	{"a good fact", PRACTICE GOOD("7001"), ""},
	{"comments and empty lines", PRACTICE "# a comment\n\n" GOOD("7001"), ""},
	{"no header", GOOD("7001"), "1: no header line of a table in data/\n"},
	{"an unknown grade",
	 PRACTICE "1\ttcp\tredis\tcommon\tsure\t-\t-\t-\tn\thttps://x.org/\t2026-11-21\n",
	 "2: unknown grade 'sure'\n"},
	{"an unknown kind",
	 PRACTICE "1\ttcp\tredis\tusual\tprimary\t-\t-\t-\tn\thttps://x.org/\t2026-11-21\n",
	 "2: unknown kind 'usual'\n"},
	{"an unknown transport",
	 PRACTICE "1\ticmp\tredis\tcommon\tprimary\t-\t-\t-\tn\thttps://x.org/\t2026-11-21\n",
	 "2: unknown transport 'icmp'\n"},
	{"a port out of range",
	 PRACTICE "65536\ttcp\tredis\tcommon\tprimary\t-\t-\t-\tn\thttps://x.org/\t2026-11-21\n",
	 "2: port '65536' is out of range\n"},
	{"a range upside down",
	 PRACTICE "9-3\ttcp\tredis\tcommon\tprimary\t-\t-\t-\tn\thttps://x.org/\t2026-11-21\n",
	 "2: bad port '9-3': the last is not above the first\n"},
	{"a port that is no number",
	 PRACTICE "http\ttcp\tredis\tcommon\tprimary\t-\t-\t-\tn\thttps://x.org/\t2026-11-21\n",
	 "2: bad port 'http': write N or N-M\n"},
	{"no source", PRACTICE "1\ttcp\tredis\tcommon\tprimary\t-\t-\t-\tn\t-\t2026-11-21\n",
	 "2: no source: a fact needs the place where it was read\n"},
	{"a page of the wrong place",
	 PRACTICE "1\ttcp\tredis\tcommon\tprimary\t-\t-\t-\tn\thttps://packages.deb"
		  "ian.org/x\t2026-11-21\n",
	 "2: source 'https://packages.deb"
	 "ian.org/x' cites deb"
	 "ian.org: name the package as deb: or "
	 "npm:\n"},
	{"a package without version",
	 PRACTICE "1\ttcp\tredis\tcommon\tpackage\t-\t-\t-\tn\tdeb:redis\t2026-11-21\n",
	 "2: source 'deb:redis' is not deb:PACKAGE VERSION PATH\n"},
	{"a date that never was",
	 PRACTICE "1\ttcp\tredis\tcommon\tprimary\t-\t-\t-\tn\thttps://x.org/\t2026-02-29\n",
	 "2: bad date '2026-02-29': write YYYY-MM-DD\n"},
	{"a product that no row describes",
	 PRACTICE "1\ttcp\tno-such\tcommon\tprimary\t-\t-\t-\tn\thttps://x.org/\t2026-11-21\n",
	 "2: no row of products describes 'no-such'\n"},
	{"malware needs no row",
	 PRACTICE "1\ttcp\tno-such\tmalware\tprimary\t-\t-\t-\tn\thttps://x.org/\t2026-11-21\n",
	 ""},
	{"the same fact twice", PRACTICE GOOD("7001") GOOD("7001"), "3: duplicate of file:2\n"},
	{"wrong order", PRACTICE GOOD("7002") GOOD("7001"),
	 "3: wrong order: sort by port, last port, transport, product, kind\n"},
	{"a cell too few", PRACTICE "1\ttcp\tredis\n", "2: 3 cells where the header has 11\n"},
	{"a cell too many",
	 PRACTICE "1\ttcp\tredis\tcommon\tprimary\t-\t-\t-\tn\thttps://x.org/\t2026-11-21\tx\n",
	 "2: 12 cells where the header has 11\n"},
	{"a control character",
	 PRACTICE "1\ttcp\tredis\tcommon\tprimary\t-\t-\t-\t\033[1m\thttps://x.org/\t2026-11-21\n",
	 "2: a control character or a byte that is not UTF-8\n"},
	{"all complaints, not only the first",
	 PRACTICE "1\tipx\tredis\tcommon\tsure\t-\t-\t-\tn\t-\tnever\n"
		  "70000\ttcp\tredis\tcommon\tprimary\t-\t-\t-\tn\thttps://x.org/\t2026-11-21\n",
	 "2: unknown transport 'ipx'\n2: unknown grade 'sure'\n"
	 "2: no source: a fact needs the place where it was read\n"
	 "2: bad date 'never': write YYYY-MM-DD\n3: port '70000' is out of range\n"},
	{"a good product",
	 PRODUCTS "newdb\tNew\tnewd\tdeb:new\tnew@*.service\t-\tnew\tdatabase\tlo\toff\n", ""},
	{"a template that never runs",
	 PRODUCTS "newdb\tNew\tnewd\t-\tnew@.service\t-\t-\t-\t-\t-\n",
	 "2: unit 'new@.service' never runs: write its instances as '@*'\n"},
	{"a unit without suffix", PRODUCTS "newdb\tNew\tnewd\t-\tnew\t-\t-\t-\t-\t-\n",
	 "2: unit 'new' has no suffix such as .service\n"},
	{"a package without prefix", PRODUCTS "newdb\tNew\tnewd\tnew\t-\t-\t-\t-\t-\t-\n",
	 "2: package 'new' has no prefix\n"},
	{"an unknown role", PRODUCTS "newdb\tNew\tnewd\t-\t-\t-\t-\tboss\t-\t-\n",
	 "2: unknown role 'boss'\n"},
	{"an unknown auth", PRODUCTS "newdb\tNew\tnewd\t-\t-\t-\t-\t-\t-\tmaybe\n",
	 "2: unknown auth 'maybe'\n"},
	{"a slug in capitals", PRODUCTS "NewDB\tNew\tnewd\t-\t-\t-\t-\t-\t-\t-\n",
	 "2: bad product 'NewDB': lower-case letters, digits, + . -\n"},
	{"the same product twice",
	 PRODUCTS "newdb\tNew\ta\t-\t-\t-\t-\t-\t-\t-\n"
		  "newdb\tNew\tb\t-\t-\t-\t-\t-\t-\t-\n",
	 "3: duplicate of file:2\n"},
	{"a neighbour of the founding ports",
	 NEIGHBOURS "3222\ttcp\tglbp\tx.org\twhat for\thttps://x.org/\t2026-11-21\n", ""},
	{"a neighbour without service or source",
	 NEIGHBOURS "3222\ttcp\t-\tx.org\twhat for\t-\t2026-11-21\n",
	 "2: no service or purpose\n2: no source: a fact needs the place where it was read\n"},
	{"a range that a system keeps",
	 PLATFORMS "linux\tephemeral\t9\t20\tudp\t-\thttps://x.org/\t2026-11-21\n", ""},
	{"a platform of an unknown kind, upside down",
	 PLATFORMS "linux\tpassing\t20\t9\tudp\t-\thttps://x.org/\t2026-11-21\n",
	 "2: unknown kind 'passing'\n2: the last port is below the first\n"},
	{"platforms in the wrong order",
	 PLATFORMS "linux\tephemeral\t9\t20\tudp\t-\thttps://x.org/\t2026-11-21\n"
		   "linux\tephemeral\t9\t20\ttcp\t-\thttps://x.org/\t2026-11-21\n",
	 "3: wrong order: sort by first port, last port, transport, system, kind\n"},
};

struct notes {
	struct make_complaints complaints;
	struct buf text;
};

static void put(struct make_complaints *to, const char *file, size_t line, const char *text)
{
	(void)file;
	buf_print(&((struct notes *)to)->text, "%zu: %s\n", line, text);
}

static void test_complaints(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct notes notes = {.complaints = {.put = put}, .text = BUF_INIT};

		make_check_file(NULL, "file", span_str(cases[i].text), &notes.complaints);
		is_span(buf_span(&notes.text), span_str(cases[i].want), cases[i].name);
		buf_done(&notes.text);
	}
}

#define FACT(port, transport, product, kind, grade, source)                                        \
	port "\t" transport "\t" product "\t" kind "\t" grade "\t-\t-\t-\t-\t" source              \
	     "\t2026-11-21\n"

static const char world_products[] = PRODUCTS "alpha\tAlpha\t-\t-\t-\t-\tbeta-proto\t-\t-\t-\n"
					      "squatter\tSquatter\t-\t-\t-\t-\tvictim\t-\t-\t-\n";

static const char world_practice[] = PRACTICE FACT("10", "tcp", "alpha", "common", "package",
						   "deb:a 1 /a")
	FACT("11", "tcp", "alpha", "common", "primary",
	     "https://x.org/") FACT("12", "tcp", "alpha", "common", "secondary", "https://x.org/")
		FACT("13", "tcp", "squatter", "conflict", "package", "deb:s 1 /s") FACT(
			"14", "tcp", "squatter", "conflict", "unconfirmed", "https://x.org/")
			FACT("15", "tcp", "worm", "malware", "primary", "https://x.org/")
				FACT("20-30", "any", "alpha", "common", "package", "deb:a 1 /a")
					FACT("100-132", "udp", "squatter", "conflict", "package",
					     "deb:s 1 /s") FACT("200-231", "udp", "squatter",
								"conflict", "package", "deb:s 1 /s")
						FACT("300-400", "udp", "alpha", "common", "package",
						     "deb:a 1 /a");

static const char world_seen[] = "port\ttransport\tservice\tsource\tread\n"
				 "16\ttcp\tproto\thttps://x.org/\t2026-11-21\n";
static const char world_names[] = "service\tproduct\nalias\talpha\nother-name\tproto\n";

static const struct {
	const char *name;
	uint16_t port;
	enum transport transport;
	const char *service, *references;
	enum map_standing standing;
} rows[] = {
	{"its own name in a package", 10, TRANSPORT_TCP, "alpha", "", STANDING_ALIVE},
	{"the other transport of one alive is quiet", 10, TRANSPORT_UDP, "alpha", "",
	 STANDING_QUIET},
	{"a protocol of the product", 11, TRANSPORT_TCP, "beta_proto", "", STANDING_ALIVE},
	{"a report alone is a weak sign", 12, TRANSPORT_TCP, "alias", "", STANDING_QUIET},
	{"a squatter does not confirm by its protocols", 13, TRANSPORT_TCP, "victim", "",
	 STANDING_OVERTAKEN},
	{"a document outweighs a squatter", 13, TRANSPORT_TCP, "cited", "[RFC1]", STANDING_QUIET},
	{"an unconfirmed squatter weighs nothing", 14, TRANSPORT_TCP, "victim2", "",
	 STANDING_GHOST},
	{"malware is no evidence", 15, TRANSPORT_TCP, "infected", "", STANDING_GHOST},
	{"a detector that expects the service", 16, TRANSPORT_TCP, "other-name", "",
	 STANDING_ALIVE},
	{"a detector that expects another one", 16, TRANSPORT_TCP, "third-name", "",
	 STANDING_OVERTAKEN},
	{"nothing at all", 17, TRANSPORT_TCP, "lonely", "", STANDING_GHOST},
	{"a reference that says n/a", 18, TRANSPORT_TCP, "lonely2", "[n/a]", STANDING_GHOST},
	{"a fact about a range and any transport", 25, TRANSPORT_UDP, "alias", "", STANDING_ALIVE},
	{"a pool of another program takes nothing over", 120, TRANSPORT_UDP, "lonely3", "",
	 STANDING_GHOST},
	{"a narrower range does", 210, TRANSPORT_UDP, "lonely4", "", STANDING_OVERTAKEN},
	{"a wide range of its own is life", 350, TRANSPORT_UDP, "alias", "", STANDING_ALIVE},
	{"a reserved number", 40, TRANSPORT_TCP, "", "", STANDING_RESERVED},
};

static void test_standings(void)
{
	struct notes notes = {.complaints = {.put = put}, .text = BUF_INIT};
	struct make_knowledge world = {0};
	struct make_knowledge ours = {0};
	struct map_registration table[ARRAY_LEN(rows)] = {0};
	struct map map = *map_builtin();
	struct buf image = BUF_INIT;
	struct why why;

	make_read(&world, MAKE_PRODUCTS, "w", span_str(world_products), &notes.complaints);
	make_read(&world, MAKE_PRACTICE, "w", span_str(world_practice), &notes.complaints);
	make_read(&world, MAKE_SEEN, "w", span_str(world_seen), &notes.complaints);
	make_read(&world, MAKE_NAMES, "w", span_str(world_names), &notes.complaints);
	make_knowledge_of(&ours, NULL);
	world.sources = ours.sources;
	world.n_sources = ours.n_sources;
	make_check(&world, &notes.complaints);
	is_span(buf_span(&notes.text), SPAN_LIT(""), "the invented world has no complaints");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		table[i] = (struct map_registration){
			.has_port = true,
			.first = rows[i].port,
			.last = rows[i].port,
			.transport = rows[i].transport,
			.service = span_str(rows[i].service),
			.references = span_str(rows[i].references),
		};
	if (ok(make_registry(table, ARRAY_LEN(rows), SPAN_LIT("2026-01-02"), &world, &image,
			     &why) == 0,
	       "and makes an image")) {
		map.registry = (const struct image_header *)image.p;
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			struct map_registration row;

			map_registration_get(&map, (uint32_t)i, &row);
			ok(row.standing == rows[i].standing, "%s: %s", rows[i].name,
			   map_standing_word(row.standing));
		}
	}
	world.sources = NULL;
	world.n_sources = 0;
	ok(make_registry(table, ARRAY_LEN(rows), SPAN_LIT("2026-01-02"), &world, &image, &why) < 0,
	   "a source that no row describes: %s", why.text);
	make_knowledge_done(&world);
	make_knowledge_done(&ours);
	buf_done(&image);
	buf_done(&notes.text);
}

int main(void)
{
	test_complaints();
	test_standings();
	return done();
}
