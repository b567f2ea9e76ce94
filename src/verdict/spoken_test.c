/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spoken_test: the rules that need more than one witness: an answer beside the registry where
 * several share a number (PP120), beside a claim (PP312), and without a login beside where it was
 * asked (PP330). The claims are a fixture's.
 */
#include "test/tap.h"
#include "verdict/matter.h"

/* clang-format off */
#define S(text) {(const uint8_t *)(text), sizeof(text) - 1}
#define ANY .local = {.family = ADDRESS_IPV4}
#define LO .local = {.family = ADDRESS_IPV4, .bytes = {127, 0, 0, 1}}
#define TCP(number) .transport = TRANSPORT_TCP, .state = SOCKET_LISTEN, .port = number
#define UDP(number) .transport = TRANSPORT_UDP, .state = SOCKET_BOUND, .port = number
#define SAYS(text) .state = SPOKEN_PROVED, .protocol = S(text)

static const struct claim rows[] = {
	{.transport = TRANSPORT_TCP, .first = 7000, .last = 7009, .name = S("orders-db"),
	 .protocols = S("redis,postgresql"), .file = S("claims.d/db3.conf"), .line = 4},
	{.transport = TRANSPORT_TCP, .first = 7010, .last = 7010, .name = S("shop-web"),
	 .file = S("claims.d/db3.conf"), .line = 5},
	{.transport = TRANSPORT_TCP, .first = 7011, .last = 7011, .name = S("frob"),
	 .protocols = S("frobnication"), .file = S("claims.d/db3.conf"), .line = 6},
	{.transport = TRANSPORT_TCP, .first = 7012, .last = 7012, .name = S("front"),
	 .protocols = S("http"), .file = S("claims.d/db3.conf"), .line = 7},
};
static const struct claims claims = {rows, ARRAY_LEN(rows)};

static const struct spoken as_arduino = {SAYS("arduino-ota")};
static const struct spoken as_esphome = {SAYS("esphome-ota")};
static const struct spoken as_mdt = {SAYS("mdt")};
static const struct spoken as_dns = {SAYS("dns")};
static const struct spoken as_redis = {SAYS("redis"), .product = S("redis")};
static const struct spoken as_ssh = {SAYS("ssh")};
static const struct spoken as_tls = {SAYS("tls")};
static const struct spoken as_ods = {SAYS("asam-ods")};
static const struct spoken fits_ssh = {.state = SPOKEN_FITS, .protocol = S("ssh")};
static const struct spoken here_redis = {SAYS("redis"), .product = S("redis"),
					 .needs_no_login = true};
static const struct spoken all_redis = {SAYS("redis"), .product = S("redis"),
					.needs_no_login = true, .needs_none_outside = true};
static const struct spoken here_docker = {SAYS("http"), .product = S("docker"),
					  .needs_no_login = true};
static const struct spoken all_docker = {SAYS("http"), .product = S("docker"),
					 .needs_no_login = true, .needs_none_outside = true};
static const struct spoken fits_redis = {.state = SPOKEN_FITS, .protocol = S("redis"),
					 .product = S("redis"), .needs_no_login = true,
					 .needs_none_outside = true};
static const struct spoken all_beanstalk = {SAYS("beanstalk"), .product = S("beanstalkd"),
					    .needs_no_login = true, .needs_none_outside = true};

enum { SILENT = -1 };

static const struct {
	const char *rule;
	int effect; /* SILENT: it must not fire */
	const char *name;
	struct sighting sighting;
} stories[] = {
	{"PP120", EFFECT_NOTE, "ArduinoOTA answers on the number of MDT Join",
	 {UDP(3232), ANY, .spoken = &as_arduino}},
	{"PP120", EFFECT_NOTE, "so does ESPHome, over TCP", {TCP(3232), ANY, .spoken = &as_esphome}},
	{"PP120", SILENT, "MDT Join itself", {UDP(3232), ANY, .spoken = &as_mdt}},
	{"PP120", SILENT, "DNS, whose registered name is another", {TCP(53), ANY, .spoken = &as_dns}},
	{"PP120", EFFECT_NOTE, "redis answers where the registration has no description",
	 {TCP(5001), ANY, .spoken = &as_redis}},
	{"PP312", EFFECT_UNEXPECTED, "ssh answers where a data base is claimed",
	 {TCP(7004), ANY, .spoken = &as_ssh}},
	{"PP312", SILENT, "one of the claimed protocols answers", {TCP(7004), ANY, .spoken = &as_redis}},
	{"PP312", SILENT, "what answers is not proved", {TCP(7004), ANY, .spoken = &fits_ssh}},
	{"PP312", SILENT, "TLS, into which nobody looked", {TCP(7004), ANY, .spoken = &as_tls}},
	{"PP312", SILENT, "nobody asked", {TCP(7004), ANY}},
	{"PP312", SILENT, "the claim names no protocol", {TCP(7010), ANY, .spoken = &as_ssh}},
	{"PP312", SILENT, "it names one that no row knows", {TCP(7011), ANY, .spoken = &as_ssh}},
	{"PP312", SILENT, "what answers travels in what is claimed", {TCP(7012), ANY, .spoken = &as_ods}},
	{"PP312", SILENT, "nobody claims the number", {TCP(7013), ANY, .spoken = &as_ssh}},
	{"PP330", EFFECT_UNEXPECTED, "redis takes commands from any address",
	 {TCP(6379), ANY, .spoken = &all_redis}},
	{"PP330", EFFECT_NOTE, "it takes them on loopback only", {TCP(6379), ANY, .spoken = &here_redis}},
	{"PP330", EFFECT_NOTE, "it listens on loopback only", {TCP(6379), LO, .spoken = &here_redis}},
	{"PP330", EFFECT_UNEXPECTED, "an engine of containers for everybody",
	 {TCP(2375), ANY, .spoken = &all_docker}},
	{"PP330", EFFECT_LOOK, "an engine of containers on loopback",
	 {TCP(2375), LO, .spoken = &here_docker}},
	{"PP330", SILENT, "redis that asks for a password", {TCP(6379), ANY, .spoken = &as_redis}},
	{"PP330", SILENT, "what answers is not proved", {TCP(6379), ANY, .spoken = &fits_redis}},
	{"PP330", SILENT, "a queue that has no login and rules nothing",
	 {TCP(11300), ANY, .spoken = &all_beanstalk}},
	{"PP330", SILENT, "nobody asked", {TCP(6379), ANY}},
};
/* clang-format on */

static const struct reason *find(const struct verdict *verdict, const char *id)
{
	for (size_t i = 0; i < verdict->n_reasons; i++)
		if (strcmp(verdict->reasons[i].rule->id, id) == 0)
			return &verdict->reasons[i];
	return NULL;
}

int main(void)
{
	static const struct surroundings around = {.can_ask_packages = true};

	for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
		struct arena arena = {0};
		struct verdict verdict;
		const struct reason *reason;

		verdict_judge(NULL, &claims, &around, &stories[i].sighting, &arena, &verdict);
		reason = find(&verdict, stories[i].rule);
		ok((reason ? (int)reason->effect : SILENT) == stories[i].effect, "%s: %s",
		   stories[i].rule, stories[i].name);
		if (reason && strcmp(stories[i].rule, "PP312") == 0)
			is_span(reason->detail,
				SPAN_LIT("it answers as ssh, and claims.d/db3.conf:4 claims "
					 "redis,postgresql for orders-db"),
				"and both sides are named");
		if (reason && strcmp(stories[i].rule, "PP120") == 0)
			ok(span_find(reason->detail, SPAN_LIT("()")) < 0, "without empty brackets");
		verdict_judge(NULL, NULL, &around, &stories[i].sighting, &arena, &verdict);
		ok(!find(&verdict, "PP312"), "without claims PP312 is silent");
		arena_done(&arena);
	}
	return done();
}
