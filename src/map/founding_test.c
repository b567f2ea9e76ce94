/* SPDX-License-Identifier: Apache-2.0 */
/* The founding ports and their corrections: what the map must say of them, whatever data/ gains. */
#include <stdio.h>

#include "base/scope.h"
#include "map/map.h"
#include "tap.h"

static const struct {
	const char *name;
	uint16_t port;
	enum transport transport;
	const char *service; /* "": the row has none */
	unsigned first, last;
	enum transport row_transport;
	const char *domain, *registered, *references;
	enum map_standing standing;
} rows[] = {
	{"3232/udp is the MDT of RFC 6513, and alive in multicast VPNs", 3232, TRANSPORT_UDP,
	 "mdtp", 3232, 3232, TRANSPORT_UDP, "", "", "[RFC6513]", STANDING_ALIVE},
	{"3232/tcp was registered along and nothing speaks MDT there", 3232, TRANSPORT_TCP, "mdtp",
	 3232, 3232, TRANSPORT_TCP, "", "", "[RFC6513]", STANDING_QUIET},
	{"3231 is vidigo, not an OTA port", 3231, TRANSPORT_TCP, "vidigo", 3231, 3231,
	 TRANSPORT_TCP, "deltasolutions.nl", "", "", STANDING_GHOST},
	{"3432 is Omnisec's osdcp of 2002; only others are met there", 3432, TRANSPORT_TCP, "osdcp",
	 3432, 3432, TRANSPORT_TCP, "omnisec.ch", "2002-03", "", STANDING_OVERTAKEN},
	{"3432/udp: no trace of osdcp at all", 3432, TRANSPORT_UDP, "osdcp", 3432, 3432,
	 TRANSPORT_UDP, "omnisec.ch", "2002-03", "", STANDING_GHOST},
	{"3451 is Omnibond's, not the automotive ASAM, and alive", 3451, TRANSPORT_TCP, "asam",
	 3451, 3451, TRANSPORT_TCP, "omnibond.com", "2002-04", "", STANDING_ALIVE},
	{"3451/udp is quiet: the product is TCP only", 3451, TRANSPORT_UDP, "asam", 3451, 3451,
	 TRANSPORT_UDP, "omnibond.com", "2002-04", "", STANDING_QUIET},
	{"3476 is nppmp; what used the number was something else", 3476, TRANSPORT_TCP, "nppmp",
	 3476, 3476, TRANSPORT_TCP, "nvidia.com", "2002-04", "", STANDING_OVERTAKEN},
	{"3322 is active-net, whose row names no transport", 3322, TRANSPORT_UDP, "active-net",
	 3322, 3325, TRANSPORT_ANY, "isi.edu", "", "", STANDING_QUIET},
	{"3324 lies inside of that range, for TCP, too", 3324, TRANSPORT_TCP, "active-net", 3322,
	 3325, TRANSPORT_ANY, "isi.edu", "", "", STANDING_QUIET},
	{"8266/tcp is reserved", 8266, TRANSPORT_TCP, "", 8266, 8266, TRANSPORT_TCP, "", "", "",
	 STANDING_RESERVED},
	{"8266/udp is ESPEasy's", 8266, TRANSPORT_UDP, "espeasy-p2p", 8266, 8266, TRANSPORT_UDP,
	 "gmail.com", "2018-11-28", "", N_MAP_STANDINGS},
	{"22 is alive", 22, TRANSPORT_TCP, "ssh", 22, 22, TRANSPORT_TCP, "", "", "[RFC4251]",
	 STANDING_ALIVE},
};

static const struct {
	const char *name;
	uint16_t port;
	enum transport transport;
	const char *product;
	enum practice_kind kind;
	enum practice_grade worst;
} facts[] = {
	{"3232/tcp: ESPHome devices listen", 3232, TRANSPORT_TCP, "esphome", PRACTICE_CONFLICT,
	 GRADE_PRIMARY},
	{"3232/udp: ArduinoOTA on ESP32 listens on UDP", 3232, TRANSPORT_UDP, "arduino-ota",
	 PRACTICE_CONFLICT, GRADE_PRIMARY},
	{"3232/udp: MDT Joins", 3232, TRANSPORT_UDP, "mdt-join", PRACTICE_COMMON, GRADE_PRIMARY},
	{"8266/udp: ArduinoOTA on ESP8266", 8266, TRANSPORT_UDP, "arduino-ota", PRACTICE_CONFLICT,
	 GRADE_PRIMARY},
	{"3324/udp: Framehawk's range ends there", 3324, TRANSPORT_UDP, "citrix-framehawk",
	 PRACTICE_CONFLICT, GRADE_SECONDARY},
	{"3451/tcp: the Fan-Out driver", 3451, TRANSPORT_TCP, "netiq-fanout-driver",
	 PRACTICE_COMMON, GRADE_PRIMARY},
	{"3476/tcp: nvidia-docker 1.x", 3476, TRANSPORT_TCP, "nvidia-docker", PRACTICE_CONFLICT,
	 GRADE_PRIMARY},
	{"5555/udp: XCP, never to be probed", 5555, TRANSPORT_UDP, "xcp", PRACTICE_CONVENTION,
	 GRADE_PRIMARY},
};

/* Products that the map must not put there. */
static const struct {
	const char *name;
	uint16_t port;
	enum transport transport;
	const char *product;
} absent[] = {
	{"ArduinoOTA devices listen on no TCP port", 3232, TRANSPORT_TCP, "arduino-ota"},
	{"nor on 8266", 8266, TRANSPORT_TCP, "arduino-ota"},
	{"no OTA on 3231", 3231, TRANSPORT_UDP, "arduino-ota"},
	{"OSDP has no link with 3432", 3432, TRANSPORT_TCP, "osdp"},
	{"ASAM ODS is not on 3451", 3451, TRANSPORT_TCP, "asam-ods"},
};

static bool has_fact(uint16_t port, enum transport transport, const char *product,
		     struct map_practice *fact)
{
	uint32_t cursor = 0;

	while (map_next_practice(NULL, port, transport, &cursor, fact))
		if (span_is(fact->product, product))
			return true;
	return false;
}

static void test_rows(void)
{
	struct map_registration row;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t cursor = 0;
		bool is_found =
			map_next_registration(NULL, rows[i].port, rows[i].transport, &cursor, &row);

		ok(is_found && span_is(row.service, rows[i].service) &&
			   row.first == rows[i].first && row.last == rows[i].last &&
			   row.transport == rows[i].row_transport &&
			   span_is(row.domain, rows[i].domain) &&
			   span_is(row.registered, rows[i].registered) &&
			   (!rows[i].service[0] || span_is(row.references, rows[i].references)) &&
			   (rows[i].standing == N_MAP_STANDINGS ||
			    row.standing == rows[i].standing),
		   "%s", rows[i].name);
	}
}

static void test_evidence(void)
{
	struct map_registration row;
	struct map_evidence evidence;
	uint32_t cursor = 0;
	uint32_t place = 0;
	size_t n = 0;
	size_t n_dated = 0;
	size_t n_found = 0;

	ok(map_next_registration(NULL, 3432, TRANSPORT_UDP, &cursor, &row), "a ghost");
	while (map_next_evidence(NULL, &row, &place, &evidence)) {
		n++;
		n_dated += evidence.source.n && evidence.searched.n == 10;
		n_found += evidence.finding.n > 0;
	}
	ok(n == map_n_sources(NULL) && n_dated == n && n_found == 0,
	   "a ghost names all %zu sources that were searched, each with its date", n);
	cursor = place = 0;
	n_found = 0;
	ok(map_next_registration(NULL, 3451, TRANSPORT_TCP, &cursor, &row), "one that is alive");
	while (map_next_evidence(NULL, &row, &place, &evidence))
		n_found += evidence.is_for_life && evidence.finding.n;
	ok(n_found > 0, "names what was found for it");
	cursor = place = 0;
	ok(map_next_registration(NULL, 8266, TRANSPORT_TCP, &cursor, &row) &&
		   !map_next_evidence(NULL, &row, &place, &evidence),
	   "a reserved number has no evidence to show");
}

/* The founding ports and their neighbours, as data/evidence/neighbours.tsv has them. */
static const struct {
	uint16_t first, last;
} neighbourhoods[] = {{3222, 3242}, {3314, 3334}, {3422, 3461}, {3466, 3486}};

static void test_purposes(void)
{
	struct map_registration row;
	struct map_purpose purpose;
	size_t n_named = 0;
	size_t n_known = 0;
	size_t n_found = 0;

	for (size_t i = 0; i < ARRAY_LEN(neighbourhoods); i++)
		for (unsigned port = neighbourhoods[i].first; port <= neighbourhoods[i].last;
		     port++)
			for (uint32_t cursor = 0; map_next_registration(
				     NULL, (uint16_t)port, TRANSPORT_ANY, &cursor, &row);) {
				bool is_known = map_purpose_find(NULL, &row, &purpose);

				if (!row.service.n)
					continue;
				n_named++;
				n_known += is_known && purpose.purpose.n && purpose.source.n &&
					   purpose.read.n == 10;
				if (!is_known)
					printf("# %u: nothing of %.*s\n", port,
					       SPAN_ARG(row.service));
			}
	is_int((int64_t)n_known, (int64_t)n_named,
	       "every registration around the founding ports says what it was for");
	for (uint32_t i = 0; i < map_n_purposes(NULL); i++) {
		uint32_t cursor = 0;
		bool is_found = false;

		map_purpose_get(NULL, i, &purpose);
		while (!is_found &&
		       map_next_registration(NULL, purpose.first, TRANSPORT_ANY, &cursor, &row))
			is_found = row.first == purpose.first && row.last == purpose.last &&
				   row.transport == purpose.transport &&
				   span_eq(row.service, purpose.service);
		n_found += is_found;
		if (!is_found)
			printf("# %u/%s: no registration of %.*s\n", purpose.first,
			       transport_word(purpose.transport), SPAN_ARG(purpose.service));
	}
	is_int((int64_t)n_found, (int64_t)map_n_purposes(NULL),
	       "and every purpose is one of a registration");
}

int main(void)
{
	struct map_practice fact;

	test_rows();
	for (size_t i = 0; i < ARRAY_LEN(facts); i++)
		ok(has_fact(facts[i].port, facts[i].transport, facts[i].product, &fact) &&
			   fact.kind == facts[i].kind && fact.grade <= facts[i].worst,
		   "%s", facts[i].name);
	for (size_t i = 0; i < ARRAY_LEN(absent); i++)
		ok(!has_fact(absent[i].port, absent[i].transport, absent[i].product, &fact), "%s",
		   absent[i].name);
	ok(has_fact(3232, TRANSPORT_TCP, "slao", &fact) && fact.kind == PRACTICE_MALWARE &&
		   fact.grade == GRADE_UNCONFIRMED,
	   "Backdoor.Slao on 3232 stays an unconfirmed claim");
	test_evidence();
	test_purposes();
	ok(map_port_standing(NULL, 3232, TRANSPORT_ANY) == STANDING_ALIVE &&
		   map_port_standing(NULL, 8266, TRANSPORT_TCP) == STANDING_RESERVED &&
		   map_port_standing(NULL, 60000, TRANSPORT_TCP) == STANDING_DYNAMIC,
	   "a port is as alive as its best row");
	return done();
}
