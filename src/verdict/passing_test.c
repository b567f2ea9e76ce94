/* SPDX-License-Identifier: Apache-2.0 */
/* passing: verdicts on conversations of a capture: what fires each rule, and the nearest innocent.
 */
#include "test/tap.h"
#include "verdict/verdict.h"

enum { SILENT = -1 };

static const struct {
	const char *rule;
	int effect; /* SILENT: the rule must not fire */
	enum verdict_kind kind;
	const char *name;
	enum transport transport;
	enum socket_state state;
	uint16_t port;
	enum spoken_state spoken;
	const char *protocol;
	bool is_in_gre;
} stories[] = {
#define OF(kind, number) TRANSPORT_##kind, SOCKET_PASSING, number
	{"PP207", EFFECT_LOOK, VERDICT_LOOK, "SSH on a number of nobody's", OF(TCP, 47123),
	 SPOKEN_PROVED, "ssh", false},
	{"PP207", SILENT, VERDICT_EXPECTED, "SSH on its own", OF(TCP, 22), SPOKEN_PROVED, "ssh",
	 false},
	{"PP207", SILENT, VERDICT_EXPECTED, "a web page where practice has one", OF(TCP, 3476),
	 SPOKEN_PROVED, "http", false},
	{"PP207", SILENT, VERDICT_EXPECTED, "TLS: nobody looked inside", OF(TCP, 47123),
	 SPOKEN_PROVED, "tls", false},
	{"PP207", SILENT, VERDICT_EXPECTED, "what only fits proves nothing", OF(TCP, 47123),
	 SPOKEN_FITS, "ssh", false},
	{"PP207", SILENT, VERDICT_LOOK, "a listener is not a conversation", TRANSPORT_TCP,
	 SOCKET_LISTEN, 47123, SPOKEN_PROVED, "ssh", false},
	{"PP208", EFFECT_LOOK, VERDICT_LOOK, "an MDT Join on the bare network", OF(UDP, 3232),
	 SPOKEN_PROVED, "mdt", false},
	{"PP208", SILENT, VERDICT_EXPECTED, "the same inside of GRE", OF(UDP, 3232), SPOKEN_PROVED,
	 "mdt", true},
	{"PP208", SILENT, VERDICT_EXPECTED, "another protocol on the bare network", OF(UDP, 53),
	 SPOKEN_PROVED, "dns", false},
};

int main(void)
{
	static const struct surroundings around;

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct arena arena = {0};
		struct verdict verdict;
		int effect = SILENT;
		const struct spoken spoken = {.state = stories[i].spoken,
					      .protocol = span_str(stories[i].protocol),
					      .is_in_gre = stories[i].is_in_gre};
		const struct sighting sighting = {
			.transport = stories[i].transport,
			.state = stories[i].state,
			.local = {.family = ADDRESS_IPV4, .bytes = {10, 0, 0, 3}},
			.port = stories[i].port,
			.spoken = &spoken,
		};

		verdict_judge(NULL, NULL, &around, &sighting, &arena, &verdict);
		for (size_t k = 0; k < verdict.n_reasons; k++) {
			ok(verdict.reasons[k].detail.n > 0, "%s: %s tells why", stories[i].name,
			   verdict.reasons[k].rule->id);
			if (strcmp(verdict.reasons[k].rule->id, stories[i].rule) == 0)
				effect = (int)verdict.reasons[k].effect;
		}
		ok(effect == stories[i].effect && verdict.kind == stories[i].kind, "%s: %s",
		   stories[i].rule, stories[i].name);
		arena_done(&arena);
	}
	return done();
}
