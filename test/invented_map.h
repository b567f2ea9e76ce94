/* SPDX-License-Identifier: Apache-2.0 */
/*
 * invented_map: a small map in place of the built-in one, for tests of what is shown.
 *
 * It defines every function of map/map.h that out and verdict call, so that the linker takes none
 * from the library: a line added to data/ changes no golden file. Registry rows are made up after
 * the mock-ups; one has bytes in it that no importer would let through.
 */
#ifndef PERIPLUS_TEST_INVENTED_MAP_H
#define PERIPLUS_TEST_INVENTED_MAP_H

#include "base/scope.h"
#include "map/map.h"

#ifndef S
#define S(text)                                                                                    \
	{                                                                                          \
		(const uint8_t *)(text), sizeof(text) - 1                                          \
	}
#endif

#define ROW(first_port, last_port, protocol, name, text)                                           \
	.has_port = true, .first = first_port, .last = last_port,                                  \
	.transport = TRANSPORT_##protocol, .service = S(name), .description = S(text)

static const struct map_registration invented_registry[] = {
	{ROW(4, 4, TCP, "", "Unassigned"), .standing = STANDING_UNASSIGNED},
	{ROW(22, 22, TCP, "ssh", "The Secure Shell (SSH) Protocol"), .references = S("[RFC4251]"),
	 .standing = STANDING_ALIVE},
	{ROW(22, 22, UDP, "ssh", "The Secure Shell (SSH) Protocol"), .references = S("[RFC4251]"),
	 .standing = STANDING_ALIVE},
	{ROW(53, 53, UDP, "domain", "Domain Name Server"), .standing = STANDING_ALIVE},
	{ROW(3000, 3000, TCP, "hbci", "HBCI"), .organisation = S("Example Bank"),
	 .registered = S("1999-08"), .standing = STANDING_QUIET},
	{ROW(3000, 3000, UDP, "hbci", "HBCI"), .standing = STANDING_GHOST},
	{ROW(3000, 3000, TCP, "remoteware-cl", "RemoteWare Client"), .standing = STANDING_GHOST},
	{ROW(3224, 3324, ANY, "", "Invented range without transport"),
	 .standing = STANDING_RESERVED},
	{ROW(3232, 3232, TCP, "mdtp", "MDT port"), .registered = S("2002-02"),
	 .modified = S("2012-05-17"), .references = S("[RFC6513] see prose [RFC6037]"),
	 .standing = STANDING_ALIVE},
	{ROW(3232, 3232, UDP, "mdtp", "MDT port"), .standing = STANDING_GHOST},
	{ROW(3476, 3476, TCP, "nppmp", "NVIDIA Mgmt Protocol"), .organisation = S("NVIDIA"),
	 .domain = S("nvidia.com"), .registered = S("2002-10"), .standing = STANDING_GHOST},
	{ROW(3476, 3476, UDP, "nppmp", "NVIDIA Mgmt Protocol"), .organisation = S("NVIDIA"),
	 .domain = S("nvidia.com"), .registered = S("2002-10"), .standing = STANDING_GHOST},
	{ROW(4444, 4444, TCP, "x\033[2J", "nvidia \342\200\256 \233 a\nb\tc  d"),
	 .organisation = S("=1+1,\"x\""), .unauthorized = S("used by \033]0;x\007 without leave"),
	 .notes = S("a\\b"), .standing = STANDING_OVERTAKEN},
	{ROW(5432, 5432, TCP, "postgresql", "PostgreSQL Database"), .standing = STANDING_ALIVE},
	{ROW(8080, 8080, TCP, "http-alt", "HTTP Alternate (see port 80)"),
	 .standing = STANDING_ALIVE},
	{.service = S("_nvidia-x"),
	 .description = S("a name without number"),
	 .transport = TRANSPORT_TCP,
	 .standing = STANDING_QUIET},
};

#define FACT(port, protocol, slug, is_kind, is_grade, text)                                        \
	{                                                                                          \
		.first = port, .last = port, .transport = TRANSPORT_##protocol,                    \
		.product = S(slug), .kind = PRACTICE_##is_kind, .grade = GRADE_##is_grade,         \
		.bind = S("any"), .setting = S("default"), .note = S(text),                        \
		.source = S("deb:" slug " /etc/" slug ".conf"), .read = S("2026-11-21")            \
	}

static const struct map_practice invented_practice[] = {
	FACT(22, TCP, "openssh", COMMON, PACKAGE, "remote login"),
	FACT(3000, TCP, "nextjs", CONFLICT, PACKAGE, "Next.js development server"),
	FACT(3000, TCP, "react", CONFLICT, PACKAGE, "React development server"),
	FACT(3000, TCP, "express", CONVENTION, SECONDARY, "the port of every first example"),
	FACT(3000, TCP, "rails", CONFLICT, PACKAGE, "Rails development server"),
	FACT(3000, TCP, "grafana", CONFLICT, UNCONFIRMED, "Grafana web interface"),
	FACT(3000, TCP, "gitea", CONFLICT, UNCONFIRMED, "Gitea web interface"),
	FACT(3000, TCP, "serve", CONFLICT, PACKAGE, "static files"),
	FACT(3000, TCP, "grafana", CONFLICT, UNCONFIRMED, "the same product again"),
	FACT(3232, TCP, "esphome", CONFLICT, PRIMARY,
	     "ESPHome OTA on ESP32: the device listens; magic 6C 26 F7 5C 45, answer 00"),
	FACT(3232, UDP, "arduino-ota", CONFLICT, PRIMARY, "one-line text invitation"),
	FACT(3232, UDP, "mdt-join", COMMON, PRIMARY, "MDT Join between routers"),
	FACT(4444, TCP, "old-trojan", MALWARE, UNCONFIRMED, "named in lists of 2001"),
	FACT(4444, TCP, "nameless", CONFLICT, SECONDARY, "a product that no row describes"),
};

static const struct map_product invented_products[] = {
	{.slug = S("nextjs"), .title = S("Next.js")},
	{.slug = S("react"), .title = S("React")},
	{.slug = S("express"), .title = S("Express")},
	{.slug = S("rails"), .title = S("Rails")},
	{.slug = S("grafana"), .title = S("Grafana")},
	{.slug = S("gitea"), .title = S("Gitea")},
	{.slug = S("serve"), .title = S("serve")},
	{.slug = S("esphome"), .title = S("ESPHome")},
	{.slug = S("openssh"), .title = S("OpenSSH")},
	{.slug = S("arduino-ota"), .title = S("ArduinoOTA firmware update")},
	{.slug = S("mdt-join"), .title = S("MDT Join")},
	{.slug = S("old-trojan"), .title = S("Slao")},
};

static const struct map_evidence invented_evidence[] = {
	{S("debian packages"), S("2026-11-20"), S(""), false},
	{S("zeek"), S("2026-11-20"), S(""), false},
	{S("rfc index"), S("2026-11-19"), S(""), false},
	{S("founding pages"), S("2026-11-18"), S(""), false},
};

const struct map *map_builtin(void)
{
	return NULL;
}

struct span map_registry_date(const struct map *map)
{
	(void)map;
	return SPAN_LIT("2026-02-13");
}

void map_registration_get(const struct map *map, uint32_t index, struct map_registration *row)
{
	(void)map;
	*row = invented_registry[index];
	row->index = index;
}

static bool invented_matches(uint16_t port, enum transport transport, uint16_t first, uint16_t last,
			     enum transport of)
{
	return port >= first && port <= last &&
	       (transport == of || transport == TRANSPORT_ANY || of == TRANSPORT_ANY);
}

bool map_next_registration(const struct map *map, uint16_t port, enum transport transport,
			   uint32_t *cursor, struct map_registration *row)
{
	while (*cursor < ARRAY_LEN(invented_registry)) {
		map_registration_get(map, (*cursor)++, row);
		if (row->has_port &&
		    invented_matches(port, transport, row->first, row->last, row->transport))
			return true;
	}
	return false;
}

struct span map_service_name(const struct map *map, uint16_t port, enum transport transport)
{
	struct map_registration row;
	uint32_t cursor = 0;

	while (map_next_registration(map, port, transport, &cursor, &row))
		if (row.service.n)
			return row.service;
	return span_of(NULL, 0);
}

enum map_standing map_port_standing(const struct map *map, uint16_t port, enum transport transport)
{
	struct map_registration row;
	uint32_t cursor = 0;

	if (port_space(port) == PORT_DYNAMIC)
		return STANDING_DYNAMIC;
	while (map_next_registration(map, port, transport, &cursor, &row))
		if (row.service.n)
			return row.standing;
	return STANDING_UNASSIGNED;
}

const char *map_standing_word(enum map_standing standing)
{
	static const char *const words[] = {
#define S_WORD(name, word) word,
		MAP_STANDINGS(S_WORD)
#undef S_WORD
	};

	return words[standing];
}

bool map_standing_parse(struct span word, enum map_standing *standing)
{
	(void)word;
	(void)standing;
	return false;
}

bool map_next_evidence(const struct map *map, const struct map_registration *row, uint32_t *cursor,
		       struct map_evidence *evidence)
{
	(void)map;
	if ((row->standing != STANDING_GHOST && row->standing != STANDING_ALIVE) ||
	    *cursor >= ARRAY_LEN(invented_evidence))
		return false;
	*evidence = invented_evidence[(*cursor)++];
	if (row->standing == STANDING_ALIVE && *cursor == 1) {
		evidence->finding = SPAN_LIT("a package serves it");
		evidence->is_for_life = true;
	}
	return true;
}

void map_practice_get(const struct map *map, uint32_t index, struct map_practice *fact)
{
	(void)map;
	*fact = invented_practice[index];
}

size_t map_n_practice(const struct map *map)
{
	(void)map;
	return ARRAY_LEN(invented_practice);
}

bool map_next_practice(const struct map *map, uint16_t port, enum transport transport,
		       uint32_t *cursor, struct map_practice *fact)
{
	while (*cursor < ARRAY_LEN(invented_practice)) {
		map_practice_get(map, (*cursor)++, fact);
		if (invented_matches(port, transport, fact->first, fact->last, fact->transport))
			return true;
	}
	return false;
}

const char *practice_kind_word(enum practice_kind kind)
{
	static const char *const words[] = {
#define K_WORD(name, word) word,
		PRACTICE_KINDS(K_WORD)
#undef K_WORD
	};

	return words[kind];
}

const char *practice_grade_word(enum practice_grade grade)
{
	static const char *const words[] = {
#define G_WORD(name, word) word,
		PRACTICE_GRADES(G_WORD)
#undef G_WORD
	};

	return words[grade];
}

size_t map_n_products(const struct map *map)
{
	(void)map;
	return ARRAY_LEN(invented_products);
}

void map_product_get(const struct map *map, uint32_t index, struct map_product *product)
{
	(void)map;
	*product = invented_products[index];
	product->index = index;
}

bool map_product_find(const struct map *map, struct span slug, struct map_product *product)
{
	for (uint32_t i = 0; i < ARRAY_LEN(invented_products); i++)
		if (span_eq(invented_products[i].slug, slug)) {
			map_product_get(map, i, product);
			return true;
		}
	return false;
}

enum map_match map_product_match(const struct map *map, const struct map_identity *identity,
				 uint16_t port, enum transport transport,
				 struct map_product *product)
{
	(void)map;
	(void)identity;
	(void)port;
	(void)transport;
	(void)product;
	return MATCH_NONE;
}

#define RANGE(name, is_kind, first_port, last_port, protocol, text)                                \
	{                                                                                          \
		.system = S(name), .kind = PLATFORM_##is_kind, .first = first_port,                \
		.last = last_port, .transport = TRANSPORT_##protocol, .note = S(text),             \
		.source = S("https://example.org/" name), .read = S("2026-11-21")                  \
	}

static const struct map_platform invented_platforms[] = {
	RANGE("unix", PRIVILEGED, 1, 1023, TCP, "root below 1024"),
	RANGE("oldnix", PRIVILEGED, 1, 1023, TCP, ""),
	RANGE("browser", BROWSER_REFUSED, 4, 4, TCP, "bad port, guards nothing"),
	RANGE("oldnix-2", EPHEMERAL, 1024, 5000, TCP, "before anybody cared"),
	RANGE("panes", EXCLUDED, 1031, 2962, TCP, "one machine: blocks with gaps"),
	RANGE("panes", EXCLUDED, 3232, 3235, TCP, "one machine: a block"),
	RANGE("browser", BROWSER_REFUSED, 3232, 3232, TCP, "bad port, guards \033[1mmdtp"),
	RANGE("fruit", SYSTEM_LISTENER, 3232, 3232, UDP, "sends music to the wall"),
	RANGE("unix", EPHEMERAL, 32768, 60999, TCP, "since 4.2"),
	RANGE("unix", EPHEMERAL, 32768, 60999, UDP, "since 4.2"),
	RANGE("panes", EPHEMERAL, 49152, 65535, TCP, ""),
};

bool map_next_platform(const struct map *map, uint16_t port, enum transport transport,
		       uint32_t *cursor, struct map_platform *row)
{
	(void)map;
	while (*cursor < ARRAY_LEN(invented_platforms)) {
		*row = invented_platforms[(*cursor)++];
		if (invented_matches(port, transport, row->first, row->last, row->transport))
			return true;
	}
	return false;
}

bool map_platform_find(const struct map *map, enum map_platform_kind kind, struct span system,
		       uint16_t port, enum transport transport, struct map_platform *row)
{
	uint32_t cursor = 0;

	while (map_next_platform(map, port, transport, &cursor, row))
		if (row->kind == kind && (!system.n || span_eq(row->system, system)))
			return true;
	return false;
}

const char *map_platform_word(enum map_platform_kind kind)
{
	static const char *const words[] = {
#define P_WORD(name, word) word,
		MAP_PLATFORM_KINDS(P_WORD)
#undef P_WORD
	};

	return words[kind];
}

bool map_purpose_find(const struct map *map, const struct map_registration *row,
		      struct map_purpose *purpose)
{
	(void)map;
	if (!span_is(row->service, "mdtp") && !span_is(row->service, "x\033[2J"))
		return false;
	*purpose = (struct map_purpose){
		.first = row->first,
		.last = row->last,
		.transport = row->transport,
		.service = row->service,
		.organisation = SPAN_LIT("IETF"),
		.purpose = SPAN_LIT("multicast trees between the \233 edges of a provider"),
		.source = SPAN_LIT("https://example.org/rfc6513"),
		.read = SPAN_LIT("2026-11-21"),
	};
	return true;
}

long map_search(const struct map *map, struct span words, struct map_hit *hits, size_t max,
		struct why *why)
{
	long n = 0;

	(void)map;
	(void)why;
	for (uint32_t i = 0; i < ARRAY_LEN(invented_registry); i++) {
		const struct map_registration *row = &invented_registry[i];

		if (span_find_nocase(row->description, words) < 0 &&
		    span_find_nocase(row->service, words) < 0)
			continue;
		if ((size_t)n < max)
			hits[n] = (struct map_hit){i, (uint32_t)n};
		n++;
	}
	return n;
}

void map_count(const struct map *map, struct map_counts *counts)
{
	(void)map;
	*counts = (struct map_counts){
		.rows = 14000,
		.rows_with_port = 13000,
		.named = 12345,
		.ranges_without_transport = 9,
		.by_transport =
			{[TRANSPORT_TCP] = 6000, [TRANSPORT_UDP] = 5900, [TRANSPORT_SCTP] = 70},
		.by_standing = {[STANDING_ALIVE] = 900, [STANDING_GHOST] = 5000},
		.by_space = {1000, 11000, 3},
		.assigned_ports = {600, 5500, 3},
		.undated = 7700,
		.facts = ARRAY_LEN(invented_practice),
		.fact_pairs = 13,
		.products = ARRAY_LEN(invented_products),
		.by_kind = {2, 10, 1, 1},
		.by_grade = {5, 3, 2, 4},
		.n_years = 17,
		.platforms = ARRAY_LEN(invented_platforms),
		.purposes = 2,
		.n_sources = ARRAY_LEN(invented_evidence),
	};
	for (size_t i = 0; i < ARRAY_LEN(invented_evidence); i++) {
		counts->sources[i].source = invented_evidence[i].source;
		counts->sources[i].what = SPAN_LIT("where \033 it looked");
		counts->sources[i].searched = invented_evidence[i].searched;
		counts->sources[i].for_life = 300 * i;
		counts->sources[i].for_others = 7 * i;
	}
	for (uint16_t i = 0; i < counts->n_years; i++) {
		counts->years[i].year = (uint16_t)(2000 + i);
		counts->years[i].n = i * 37u;
	}
}

#endif
