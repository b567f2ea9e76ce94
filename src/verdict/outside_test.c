/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts on ports that a scan has seen: each rule with a story that fires it and an innocent one.
 */
#include "test/tap.h"
#include "verdict/matter.h"

#define TCP(number) .port = number, .transport = TRANSPORT_TCP
#define SAYS(p, q)  .protocol = SPAN_LIT(p), .product = SPAN_LIT(q)

static const struct {
	const char *rule;
	bool fires;
	enum verdict_kind kind;
	const char *name;
	struct outside outside;
} stories[] = {
	{"PP103",
	 true,
	 VERDICT_EXPECTED,
	 "OpenSSH on 22",
	 {TCP(22), .is_open = true, SAYS("ssh", "openssh")}},
	{"PP103",
	 true,
	 VERDICT_EXPECTED,
	 "ssh on 22, product unknown",
	 {TCP(22), .is_open = true, SAYS("ssh", "")}},
	{"PP103",
	 false,
	 VERDICT_LOOK,
	 "OpenSSH on 2",
	 {TCP(2), .is_open = true, SAYS("ssh", "openssh")}},
	{"PP103", false, VERDICT_LOOK, "silence on 22", {TCP(22), .is_open = true}},
	{"PP220", true, VERDICT_LOOK, "silence on 22", {TCP(22), .is_open = true}},
	{"PP220",
	 true,
	 VERDICT_LOOK,
	 "http on 22",
	 {TCP(22), .is_open = true, SAYS("http", "nginx")}},
	{"PP220",
	 false,
	 VERDICT_EXPECTED,
	 "ssh on 22",
	 {TCP(22), .is_open = true, SAYS("ssh", "")}},
	{"PP221",
	 true,
	 VERDICT_LOOK,
	 "nothing inside",
	 {TCP(22), .is_open = true, SAYS("ssh", ""), .inside = INSIDE_NOTHING}},
	{"PP221",
	 false,
	 VERDICT_EXPECTED,
	 "it listens inside",
	 {TCP(22), .is_open = true, SAYS("ssh", ""), .inside = INSIDE_LISTENS}},
	{"PP222",
	 true,
	 VERDICT_LOOK,
	 "loopback inside",
	 {TCP(22), .is_open = true, SAYS("ssh", ""), .inside = INSIDE_ON_LOOPBACK}},
	{"PP222",
	 false,
	 VERDICT_EXPECTED,
	 "nothing is known of inside",
	 {TCP(22), .is_open = true, SAYS("ssh", "")}},
	{"PP223",
	 true,
	 VERDICT_EXPECTED,
	 "a firewall on the way",
	 {TCP(22), .inside = INSIDE_LISTENS}},
	{"PP223",
	 false,
	 VERDICT_EXPECTED,
	 "open as it listens",
	 {TCP(22), .is_open = true, SAYS("ssh", ""), .inside = INSIDE_LISTENS}},
	{"PP330",
	 true,
	 VERDICT_UNEXPECTED,
	 "redis takes commands from another host",
	 {TCP(6379), .is_open = true, SAYS("redis", "redis"), .needs_no_login = true}},
	{"PP330",
	 true,
	 VERDICT_EXPECTED,
	 "redis takes them on loopback: a note",
	 {TCP(6379), .is_open = true, SAYS("redis", "redis"), .needs_no_login = true,
	  .is_loopback = true}},
	{"PP330",
	 true,
	 VERDICT_LOOK,
	 "an engine of containers takes them on loopback",
	 {TCP(2375), .is_open = true, SAYS("http", "docker"), .needs_no_login = true,
	  .is_loopback = true}},
	{"PP330",
	 false,
	 VERDICT_EXPECTED,
	 "redis that asks for a password",
	 {TCP(6379), .is_open = true, SAYS("redis", "redis")}},
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
		struct arena arena = {0};
		struct verdict verdict;
		bool fires = false;

		verdict_outside(map_builtin(), &stories[i].outside, &arena, &verdict);
		for (size_t k = 0; k < verdict.n_reasons; k++)
			fires = fires || strcmp(verdict.reasons[k].rule->id, stories[i].rule) == 0;
		ok(fires == stories[i].fires && verdict.kind == stories[i].kind, "%s %s: %s",
		   stories[i].rule, stories[i].fires ? "speaks" : "is silent", stories[i].name);
		arena_done(&arena);
	}
	for (size_t i = 0; i < verdict_n_rules(); i++) {
		bool is_told[2] = {false, false};

		/* ota list tells PP331: test/net/ota.t */
		if (rule_row(i)->states || strcmp(verdict_rule(i)->id, "PP331") == 0)
			continue;
		for (size_t k = 0; k < ARRAY_LEN(stories); k++)
			if (strcmp(stories[k].rule, verdict_rule(i)->id) == 0)
				is_told[stories[k].fires] = true;
		ok(is_told[0] && is_told[1], "%s has both stories", verdict_rule(i)->id);
	}
	return done();
}
