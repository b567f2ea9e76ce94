/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe: asks this machine's own listeners what they speak, for `--probe`.
 *
 * Nothing is asked without that option. A listener on every address is asked on loopback, any
 * other on its own address when that is one of this machine. The program that holds the socket
 * tells what to expect, else practice does. What is bound over UDP is asked only what is expected
 * of it. Sockets of other network namespaces cannot be reached from here and stay unasked.
 *
 * What answered on loopback without a login, and listens for others too, is asked once more on
 * an address of this machine that is none of loopback's: a server may trust loopback only, and an
 * answer there says nothing of what others are told.
 */
#include "cli/probe.h"

#include <errno.h>
#include <time.h>

#include "base/scope.h"

struct probe {
	struct scan_sink sink; /* first: put gets its address */
	struct cli *cli;
	struct gathered *all;
	struct scan_target *targets;
	size_t n_targets, capacity;
	size_t *target_of; /* of each row; NONE: it is not asked */
	struct spoken **spoken; /* of each target */
};

enum { NONE = SIZE_MAX };

int probe_time(const char *seconds, uint32_t usual, uint32_t *ms)
{
	uint64_t value = usual / 1000;

	if (seconds &&
	    (!span_u64(span_str(seconds), SCAN_TIMEOUT_MOST_MS / 1000, &value) || !value))
		return cli_fail(EX_USAGE, _("--timeout takes 1 to %d seconds, not '%s'"),
				SCAN_TIMEOUT_MOST_MS / 1000, seconds);
	*ms = (uint32_t)value * 1000;
	return 0;
}

static bool is_askable(const struct sighting *s)
{
	if (s->is_elsewhere || s->port == 0)
		return false;
	return (s->state == SOCKET_LISTEN && s->transport == TRANSPORT_TCP) ||
	       (s->state == SOCKET_BOUND && s->transport == TRANSPORT_UDP);
}

/* Where the listener is met from this machine itself. */
static struct address way_to(const struct sighting *s)
{
	static const uint8_t loopback4[4] = {127, 0, 0, 1};
	static const uint8_t loopback6[16] = {[15] = 1};

	if (!address_is_any(&s->local))
		return address_is_v4_mapped(&s->local) ? address_ipv4(s->local.bytes + 12)
						       : s->local;
	if (s->local.family == ADDRESS_IPV6 && !s->is_dual_stack)
		return address_ipv6(loopback6);
	return address_ipv4(loopback4);
}

static size_t find_target(const struct probe *probe, const struct scan_target *target)
{
	for (size_t i = 0; i < probe->n_targets; i++)
		if (probe->targets[i].port == target->port &&
		    probe->targets[i].transport == target->transport &&
		    address_eq(&probe->targets[i].address, &target->address))
			return i;
	return NONE;
}

static void add(struct probe *probe, const struct scan_scope *scope, size_t row)
{
	const struct judged *judged = &probe->all->rows[row];
	const struct sighting *s = judged->sighting;
	struct scan_target target = {
		.address = way_to(s), .port = s->port, .transport = s->transport, .is_here = true};

	if (scan_scope_ask(scope, &target.address) != SCAN_HERE)
		return;
	probe->target_of[row] = find_target(probe, &target);
	if (probe->target_of[row] != NONE || probe->n_targets == SCAN_TARGETS_MAX)
		return;
	if (judged->verdict->match != MATCH_NONE)
		expect_words(&target, judged->verdict->product->protocols);
	target.is_owner_known = target.expected[0] != NULL;
	if (!target.is_owner_known)
		expect_practice(probe->cli->map, &target);
	probe->target_of[row] = probe->n_targets;
	*(struct scan_target *)arena_push(&probe->cli->arena, &probe->targets, &probe->n_targets,
					  &probe->capacity, sizeof(target)) = target;
}

static struct span keep(struct arena *arena, const char *text)
{
	return text[0] ? arena_copy(arena, span_str(text)) : span_of(NULL, 0);
}

static enum spoken_state state_of(const struct scan_result *r)
{
	if (r->proto)
		return r->match == PROTO_YES ? SPOKEN_PROVED : SPOKEN_FITS;
	if (r->n_heard)
		return SPOKEN_STRANGE;
	if (r->is_spared)
		return SPOKEN_SPARED;
	/* a datagram socket that no question fits was not even listened to */
	return r->state == SCAN_OPEN || r->n_sent ? SPOKEN_NOTHING : SPOKEN_NOT_ASKED;
}

static int put(struct scan_sink *sink, size_t index, const struct scan_result *r)
{
	struct probe *probe = (struct probe *)sink;
	struct arena *arena = &probe->cli->arena;
	struct spoken *spoken = arena_get(arena, sizeof(*spoken));

	*spoken = (struct spoken){.state = state_of(r), .n_sent = r->n_sent, .n_heard = r->n_heard};
	if (r->proto)
		spoken->protocol = span_str(r->proto->name);
	spoken->is_within_tls = r->is_within_tls;
	spoken->needs_no_login = r->needs_no_login;
	spoken->needs_none_outside =
		r->needs_no_login && !address_is_loopback(&probe->targets[index].address);
	probe->spoken[index] = spoken;
	spoken->product = keep(arena, r->product);
	spoken->version = keep(arena, r->version);
	for (size_t i = 0; i < probe->all->n_rows; i++) {
		struct sighting *told;

		if (probe->target_of[i] != index)
			continue;
		told = arena_get(arena, sizeof(*told));
		*told = *probe->all->rows[i].sighting;
		told->spoken = spoken;
		probe->all->rows[i].sighting = told;
	}
	return 0;
}

/* The second round: the same questions on an address that others may come from. */
struct again {
	struct scan_sink sink; /* first: put gets its address */
	struct scan_target *targets;
	size_t n_targets, capacity;
	struct spoken **spoken; /* of each target */
};

static int put_again(struct scan_sink *sink, size_t index, const struct scan_result *r)
{
	struct again *again = (struct again *)sink;

	again->spoken[index]->needs_none_outside = r->needs_no_login;
	return 0;
}

/* An address of this machine, not of loopback, at which the listener is met as well. */
static bool other_way_to(const struct scan_scope *scope, const struct sighting *s,
			 struct address *way)
{
	for (size_t i = 0; i < scope->n_own; i++) {
		const struct address *own = &scope->own[i];
		bool is_met = own->family == s->local.family ||
			      (own->family == ADDRESS_IPV4 && s->is_dual_stack);

		if (is_met && !address_is_loopback(own) && !address_is_link_local(own)) {
			*way = *own;
			return true;
		}
	}
	return false;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* 0, or a negative errno with why. */
static int ask_again(struct probe *probe, const struct scan_scope *scope, int64_t end,
		     struct why *why)
{
	struct arena *arena = &probe->cli->arena;
	struct again again = {
		.sink = {put_again},
		.spoken = arena_get_array(arena, probe->n_targets, sizeof(struct spoken *))};
	struct scan_query query = {0};
	struct address way;

	for (size_t i = 0; i < probe->all->n_rows; i++) {
		const struct sighting *s = probe->all->rows[i].sighting;
		size_t index = probe->target_of[i];
		struct spoken *spoken = index == NONE ? NULL : probe->spoken[index];

		if (!spoken || !spoken->needs_no_login || spoken->needs_none_outside ||
		    !address_is_any(&s->local) || !other_way_to(scope, s, &way))
			continue;
		probe->spoken[index] = NULL; /* once */
		again.spoken[again.n_targets] = spoken;

		struct scan_target *target = arena_push(arena, &again.targets, &again.n_targets,
							&again.capacity, sizeof(*target));

		*target = probe->targets[index];
		target->address = way;
	}
	if (!again.n_targets || now_ms() >= end)
		return 0;
	query = (struct scan_query){.targets = again.targets,
				    .n_targets = again.n_targets,
				    .timeout_ms = (uint32_t)(end - now_ms()) + 1};
	query.all_ms = query.timeout_ms;
	return scan_identify(&query, &again.sink, why);
}

int probe_listeners(struct cli *cli, struct gathered *all, uint32_t ms,
		    bool (*wants)(const void *arg, const struct sighting *s), const void *arg)
{
	struct probe probe = {.sink = {put}, .cli = cli, .all = all};
	struct scan_query query = {.timeout_ms = ms, .all_ms = ms};
	struct scan_scope scope;
	struct why why = {0};
	int64_t end = now_ms() + ms;

	if (scan_scope_init(&scope, &why) < 0)
		return cli_fail(EX_UNAVAILABLE, "%s", why.text);
	probe.target_of = arena_get_array(&cli->arena, all->n_rows, sizeof(*probe.target_of));
	for (size_t i = 0; i < all->n_rows; i++) {
		probe.target_of[i] = NONE;
		if (is_askable(all->rows[i].sighting) &&
		    (!wants || wants(arg, all->rows[i].sighting)))
			add(&probe, &scope, i);
	}
	query.targets = probe.targets;
	query.n_targets = probe.n_targets;
	probe.spoken = arena_get_array(&cli->arena, probe.n_targets, sizeof(*probe.spoken));
	if (probe.n_targets && (scan_identify(&query, &probe.sink, &why) < 0 ||
				ask_again(&probe, &scope, end, &why) < 0))
		return cli_fail(EXIT_BLIND, "%s", why.text);
	gather_judge(cli, all);
	return 0;
}
