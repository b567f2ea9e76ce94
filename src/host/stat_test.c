/* SPDX-License-Identifier: Apache-2.0 */
/* stat: names that lie, texts that are cut, terminals by number. */
#include "base/scope.h"
#include "host/proc.h"
#include "tap.h"

struct stat_case {
	const char *name;
	const char *text;
	bool is_read;
	const char *comm;
	uint32_t parent;
	uint64_t start;
};

#define REST(parent, start)                                                                        \
	" S " #parent " 7 7 34816 7 4194304 1 2 3 4 5 6 7 8 20 0 1 0 " #start " 100 200\n"

static const struct stat_case stats[] = {
	{"an ordinary process", "42 (sshd)" REST(1, 4711), true, "sshd", 1, 4711},
	{"a name with blanks", "42 (tmux: server)" REST(1, 5), true, "tmux: server", 1, 5},
	{"a name that ends the field", "42 ()) S 1)" REST(9, 8), true, ")) S 1", 9, 8},
	{"a name with a line end", "42 (\")\n0.0.0.0:22)" REST(3, 4), true, "\")\n0.0.0.0:22", 3, 4},
	{"a name that looks like an owner", "42 (x\",pid=1,fd=3))" REST(3, 4), true,
	 "x\",pid=1,fd=3)", 3, 4},
	{"an empty name", "42 ()" REST(3, 4), true, "", 3, 4},
	{"bytes that are no text", "42 (\xff\xfe\x1b[2J)" REST(3, 4), true, "\xff\xfe\x1b[2J", 3, 4},
	{"no terminal, negative numbers", "42 (x) S 1 7 7 -1 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 9 1\n", true,
	 "x", 1, 9},
	{"nothing", "", false, "", 0, 0},
	{"no name", "42 sshd S 1", false, "", 0, 0},
	{"cut behind the name", "42 (sshd)", false, "", 0, 0},
	{"cut before the start", "42 (sshd) S 1 2 3 4", false, "", 0, 0},
	{"a name that never ends", "42 (sshd S 1", false, "", 0, 0},
	{"a number too large", "42 (x) S 99999999999999999999999 1 1 1 1 1", false, "", 0, 0},
	{"ends before it begins", "42 )sshd(", false, "", 0, 0},
};

struct status_case {
	const char *name;
	const char *text;
	bool is_read;
	uint32_t uid;
	uint64_t capabilities;
};

static const struct status_case statuses[] = {
	{"real uid, effective set", "Name:\tx\nUid:\t33\t0\t0\t0\nCapInh:\t01\nCapEff:\t000001ffffffffff\n",
	 true, 33, 0x1ffffffffff},
	{"no capabilities told", "Uid:\t7\t7\t7\t7\n", true, 7, 0},
	{"no uid", "Name:\tx\nCapEff:\t00\n", false, 0, 0},
	{"a uid that is none", "Uid:\tx\n", false, 0, 0},
	{"a set that is none", "Uid:\t1\nCapEff:\tzz\n", false, 0, 0},
};

struct terminal_case {
	uint32_t device;
	const char *name;
};

static const struct terminal_case terminals[] = {
	{0, ""}, {136 << 8 | 3, "pts/3"}, {137 << 8 | 1, "pts/257"}, {4 << 8 | 1, "tty1"},
	{4 << 8 | 64, "ttyS0"}, {5 << 8 | 1, ""}, {136 << 8 | 0x100000 | 2, "pts/258"},
};

int main(void)
{
	char text[CAPABILITY_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(stats); i++) {
		const struct stat_case *c = &stats[i];
		struct stat_facts facts = {0};
		bool is_read = stat_read(span_str(c->text), &facts);

		ok(is_read == c->is_read && (!is_read || (span_is(facts.name, c->comm) &&
							  facts.parent == c->parent &&
							  facts.start_ticks == c->start)),
		   "stat: %s", c->name);
	}
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		const struct status_case *c = &statuses[i];
		struct status_facts facts = {0};
		bool is_read = status_read(span_str(c->text), &facts);

		ok(is_read == c->is_read &&
			   (!is_read || (facts.uid == c->uid && facts.capabilities == c->capabilities)),
		   "status: %s", c->name);
	}
	for (size_t i = 0; i < ARRAY_LEN(terminals); i++) {
		size_t n = terminal_name(terminals[i].device, text);

		is_span(span_of(text, n), span_str(terminals[i].name), "a terminal by its number");
	}
	is_span(span_of(text, capability_names(1 << 10 | 1 << 12, 0x1ffffffffff, text)),
		SPAN_LIT("net_bind_service net_admin"), "capabilities are named in order");
	is_span(span_of(text, capability_names(0x1ffffffffff, 0x1ffffffffff, text)), SPAN_LIT("all"),
		"all of them are one word");
	is_int((int64_t)capability_names(0, 0x1ffffffffff, text), 0, "none has no name");
	ok(capability_names(UINT64_MAX, 0, text) < CAPABILITY_TEXT, "all names together fit");
	return done();
}
