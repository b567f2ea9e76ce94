/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict: a socket and a process made from any bytes. The verdict must be the worst effect that
 * is left, reasons in order, cancelled rules as notes, no rule worse than its row says.
 */
#include <assert.h>
#include <string.h>

#include "verdict/verdict.h"

static uint8_t byte(struct span *s)
{
	uint8_t v = 0;

	return take_u8(s, &v) ? v : 0;
}

static uint32_t word(struct span *s)
{
	uint16_t v = 0;

	return take_u16be(s, &v) ? v : 0;
}

/* A word that rules know, or the next few bytes as they are. */
static struct span text(struct span *s)
{
	static const char *const known[] = {
		"",
		"/usr/bin/redis-server",
		"/usr/sbin/sshd",
		"/dev/shm/.x/kworkerd",
		"/tmp/x/nginx",
		"/home/u/.x/redis-server",
		"/usr/bin/docker-proxy",
		"redis-server",
		"openssh-server",
		"docker.io",
		"redis-server.service",
		"ssh.service",
		"php8.2-fpm.service",
		"session-1.scope",
		"user@1000.service",
		"php-fpm8.2",
		"nginx",
		"[kworker/0:1]",
		"python",
		"node",
		"vite",
		"-m http.server",
		"master",
		"/usr/sbin/dhclient",
		"isc-dhcp-client",
		"docker 0123456789ab",
		"ssh.socket",
		".service",
	};
	uint8_t choice = byte(s);
	struct span raw;

	if (choice < sizeof(known) / sizeof(known[0]))
		return span_str(known[choice]);
	return take_span(s, choice % 24, &raw) ? raw : span_of(NULL, 0);
}

/* Field by field: the order in which an initializer reads is the compiler's. */
static void make_process(struct span *s, struct process *p, struct ancestor ancestors[2])
{
	uint32_t flags = word(s);

	*p = (struct process){.pid = byte(s)};
	p->uid = flags & 1 ? 1000 : byte(s);
	p->name = text(s);
	p->executable = text(s);
	p->command_line = text(s);
	p->argv = text(s);
	p->unit = text(s);
	p->user_unit = text(s);
	p->package = text(s);
	p->package_answer = (enum package_answer)(byte(s) % 3);
	if (flags & 2) {
		p->runtime = text(s);
		p->script = text(s);
	}
	if (flags & 4)
		p->container = text(s);
	p->is_deleted = flags & 8;
	p->is_replaced = flags & 16;
	p->is_memfd = flags & 32;
	p->is_in_tmpfs = flags & 64;
	p->is_in_world_writable = flags & 128;
	p->is_kernel_thread = flags & 256;
	p->ancestors = ancestors;
	p->n_ancestors = flags & 512 ? 2 : 0;
	for (size_t i = 0; i < p->n_ancestors; i++) {
		ancestors[i].pid = byte(s);
		ancestors[i].name = text(s);
		ancestors[i].executable = text(s);
	}
}

static void make_sighting(struct span *s, struct sighting *seen)
{
	seen->transport = (enum transport)(byte(s) % N_TRANSPORTS);
	seen->state = (enum socket_state)(byte(s) % (SOCKET_PACKET + 1));
	seen->local.family = (enum address_family)(byte(s) % 3);
	seen->local.bytes[0] = byte(s);
	seen->local.bytes[15] = byte(s);
	seen->port = (uint16_t)word(s);
	seen->hidden = (enum hidden_reason)(byte(s) % N_HIDDEN_REASONS);
	seen->n_owners = byte(s) & 1;
	seen->has_rival = byte(s) & 1;
	seen->is_elsewhere = byte(s) & 1;
	seen->container = text(s);
	seen->socket_unit = text(s);
	seen->unit = text(s);
}

static void check(const struct verdict *v)
{
	enum verdict_kind worst = VERDICT_EXPECTED;
	bool is_cancelled = false;

	for (size_t i = 0; i < v->n_reasons; i++)
		is_cancelled |= strcmp(v->reasons[i].rule->id, "PP102") == 0;
	for (size_t i = 0; i < v->n_reasons; i++) {
		const struct reason *r = &v->reasons[i];

		assert(r->detail.n > 0 && r->effect <= r->rule->effect);
		assert(!(is_cancelled && r->rule->id[2] == '2') || r->effect == EFFECT_NOTE);
		if (i > 0)
			assert(r[-1].effect > r->effect ||
			       (r[-1].effect == r->effect &&
				strcmp(r[-1].rule->id, r->rule->id) < 0));
		if (r->effect == EFFECT_LOOK && worst < VERDICT_LOOK)
			worst = VERDICT_LOOK;
		if (r->effect == EFFECT_UNEXPECTED)
			worst = VERDICT_UNEXPECTED;
	}
	assert(v->kind == worst);
	assert((v->match != MATCH_NONE) >= v->has_fact);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct span s = span_of(p, n);
	struct surroundings around = {32768, 60999, 1000, byte(&s) & 1};
	struct ancestor ancestors[2] = {0};
	struct process process;
	struct owner owner = {.process = &process};
	struct sighting sighting = {.owners = &owner};
	struct arena arena = {0};
	struct verdict verdict;

	make_sighting(&s, &sighting);
	make_process(&s, &process, ancestors);
	verdict_judge(NULL, NULL, &around, &sighting, &arena, &verdict);
	check(&verdict);
	arena_done(&arena);
	return 0;
}
