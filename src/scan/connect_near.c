/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connect_near: neighbours are asked first, one probe each, and no more of them at once than half of
 * what the kernel can remember: else it forgets those whom it is still asking for their link
 * addresses, and probes are lost on the way out. The probes are the plan's own.
 *
 * A host that cannot be reached is asked once more; when the kernel's questions (three, in three
 * seconds) were in vain again, nobody is there, and its other ports are not asked.
 */
#include "scan/connect.h"

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "scan/raw_near.h"

enum {
	NEAR_MOST = 1 << 22,
	NEAR_WAIT_MS = 5000, /* the kernel asks for three seconds */
};

struct filling {
	struct connect_near *near;
	uint64_t n; /* counted in the first pass */
};

static void count(void *arg, uint64_t host, uint64_t n)
{
	struct filling *filling = arg;

	(void)host;
	filling->n += n;
}

static void fill(void *arg, uint64_t host, uint64_t n)
{
	struct connect_near *near = ((struct filling *)arg)->near;

	for (uint64_t i = 0; i < n; i++)
		near->hosts[near->n++] = (uint32_t)(host + i);
}

static void shuffle(struct connect_near *near, uint64_t seed)
{
	for (uint32_t i = near->n; i > 1; i--) {
		uint32_t k = (uint32_t)(((uint64_t)mix_bits(i ^ (uint32_t)seed) * i) >> 32);
		uint32_t host = near->hosts[k];

		near->hosts[k] = near->hosts[i - 1];
		near->hosts[i - 1] = host;
	}
}

int connect_near_open(struct engine_session *session, struct why *why)
{
	struct connect_near *near = &((struct connect_state *)session->state)->near;
	struct filling filling = {.near = near};
	int r;

	if (session->plan->n_shards > 1) /* the first port may be another part's */
		return 0;
	r = raw_near_each(session->plan, count, &filling, why);
	if (r < 0 || filling.n == 0 || filling.n > NEAR_MOST)
		return 0; /* routes that cannot be read cost some time, no answer */
	near->hosts = calloc(filling.n, sizeof(*near->hosts));
	near->again = calloc(filling.n, sizeof(*near->again));
	near->has_failed = calloc(filling.n, sizeof(*near->has_failed));
	near->most = (uint32_t)(raw_near_limit() / 2 + 1);
	if (!near->hosts || !near->again || !near->has_failed)
		return why_set(why, ENOMEM, _("out of memory"));
	r = raw_near_each(session->plan, fill, &filling, why);
	shuffle(near, session->plan->seed);
	return r;
}

void connect_near_close(struct connect_near *near)
{
	free(near->hosts);
	free(near->again);
	free(near->has_failed);
}

bool connect_near_is_over(const struct connect_near *near)
{
	return near->next == near->n && near->n_again == 0 && near->n_used == 0;
}

bool connect_near_next(struct engine_session *session, uint64_t *index, uint32_t *number)
{
	struct connect_near *near = &((struct connect_state *)session->state)->near;
	uint32_t n_ports = session->plan->n_ports;

	while (near->n_used < near->most && (near->n_again || near->next < near->n)) {
		uint32_t i = near->n_again ? near->again[--near->n_again] : near->next++;
		uint64_t host = near->hosts[i];

		*index = host * n_ports + mix_bits((uint32_t)host + 1) % n_ports;
		*number = i + 1;
		if (!engine_is_settled(session, *index))
			return true;
	}
	return false;
}

void connect_near_failed(struct engine_session *session, uint32_t number)
{
	struct connect_near *near = &((struct connect_state *)session->state)->near;

	if (near->has_failed[number - 1]) {
		engine_give_up(session, near->hosts[number - 1]);
		return;
	}
	near->has_failed[number - 1] = true;
	near->again[near->n_again++] = number - 1;
}

uint32_t connect_near_wait_ms(void)
{
	return NEAR_WAIT_MS;
}
