/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux: a listing of this machine, from the best sources that answer.
 *
 * Sockets come from a socket source, owners from an owner source; each list below is in order of
 * preference, and the first that can is taken. Why a better one could not is told as `fallback`.
 * The rest is the same whatever the sources: rows without owner are asked for once more, reasons
 * are found, and what is slow to find out (parents, branch, package) is done at the end.
 */
#include <errno.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/activation.h"
#include "host/asked_owners.h"
#include "host/containers.h"
#include "host/info.h"
#include "host/namespaces.h"
#include "host/proc.h"
#include "host/reason.h"

static const struct socket_source *const socket_sources[] = {&socket_source_diag,
							      &socket_source_proc};
static const struct owner_source *const owner_sources[] = {&owner_source_bpf,
							   &owner_source_walk};

static bool has_capability(unsigned number)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	return syscall(SYS_capget, &header, data) == 0 &&
	       data[number / 32].effective >> number % 32 & 1;
}

static int64_t boot_time_ms(void)
{
	struct timespec now;
	struct timespec since;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0 || clock_gettime(CLOCK_BOOTTIME, &since) < 0)
		return 0;
	return (now.tv_sec - since.tv_sec) * 1000 + (now.tv_nsec - since.tv_nsec) / 1000000;
}

static void look_around(struct survey *survey)
{
	struct host_listing *listing = survey->listing;

	survey->user_of = user_name;
	survey->boot_time_ms = boot_time_ms();
	survey->known_capabilities = capability_known();
	survey->net_namespace = namespace_own();
	survey->viewer_uid = geteuid();
	survey->is_root = survey->viewer_uid == 0;
	listing->net_namespace = survey->net_namespace;
	listing->lacks_ptrace = survey->is_root && !has_capability(CAP_SYS_PTRACE);
	listing->is_contained = reason_in_own_pid_namespace() ||
				access("/.dockerenv", F_OK) == 0 ||
				access("/run/.containerenv", F_OK) == 0;
}

static int find_sockets(struct survey *survey, const struct socket_source **used, struct why *why)
{
	int r = -ENOSYS;

	for (size_t i = 0; i < ARRAY_LEN(socket_sources); i++) {
		struct why one = {0};

		r = socket_sources[i]->fill(survey, &one);
		if (r == 0) {
			*used = socket_sources[i];
			survey->listing->method = survey->seen_by = (*used)->name;
			return 0;
		}
		socket_table_clear(&survey->sockets);
		survey->listing->is_torn = false;
		if (!survey->listing->fallback)
			survey->listing->fallback =
				(const char *)arena_copy(survey->arena, span_str(one.text)).p;
		if (why)
			*why = one;
		if (r == -ENOMEM)
			break;
	}
	return r;
}

static bool is_wanted(const struct survey *survey, const struct owner_source *source)
{
	const char *wanted = survey->query->reader;

	return !wanted || strcmp(wanted, source->name) == 0;
}

static int find_owners(struct survey *survey, struct why *why)
{
	const char *wanted = survey->query->reader;
	int r = why_set(why, ENOSYS, _("there is no reader '%s': use bpf or walk"), wanted ? wanted : "");

	for (size_t i = 0; i < ARRAY_LEN(owner_sources) && r != 0; i++) {
		if (!is_wanted(survey, owner_sources[i]))
			continue;
		r = owner_sources[i]->fill(survey, why);
		if (survey->has_witness && r < 0) {
			survey->is_contradicted = true;
			return 0;
		}
	}
	return r;
}

static bool has_witness(struct survey *survey)
{
	for (size_t i = 0; i < ARRAY_LEN(owner_sources); i++)
		if (is_wanted(survey, owner_sources[i]) && owner_sources[i]->is_witness &&
		    owner_sources[i]->is_witness(survey))
			return true;
	return false;
}

static int find_both(struct survey *survey, const struct socket_source **source, struct why *why)
{
	int r = find_sockets(survey, source, why);

	return r == 0 && !survey->query->no_owners ? find_owners(survey, why) : r;
}

/* Connections that no process holds: nobody has accepted them yet, or the kernel itself serves. The
 * witness does not see them. */
static bool has_unheld_peers(const struct survey *survey)
{
	for (size_t i = 0; i < survey->sockets.n; i++) {
		const struct socket_row *row = &survey->sockets.rows[i];

		if (row->state == SOCKET_LISTEN && !row->is_dropped && !row->is_elsewhere &&
		    (row->queued || !row->n_owners))
			return true;
	}
	return false;
}

/* All of it once more, and every kind of socket until it comes to rest. */
static int find_again(struct survey *survey, const struct socket_source **source, struct why *why)
{
	survey->has_witness = survey->is_contradicted = false;
	socket_table_clear(&survey->sockets);
	survey->owners.n = 0;
	survey->n_denied = survey->n_vanished = survey->n_failed = 0;
	survey->listing->is_torn = false;
	return find_both(survey, source, why);
}

static bool has_doubtful(const struct survey *survey)
{
	for (size_t i = 0; i < survey->sockets.n; i++) {
		const struct socket_row *row = &survey->sockets.rows[i];

		if (!row->n_owners && !row->is_dropped)
			return true;
	}
	return false;
}

static void identify(struct survey *survey)
{
	parents_fill(survey);
	for (struct process_row *row = survey->processes; row; row = row->next)
		row->process.user = user_name(survey, row->process.uid);
	if (survey->query->is_plain)
		return;
	containers_fill(survey);
	git_fill(survey);
	package_fill(survey);
}

int survey_look(struct survey *survey, struct sink *sink, struct why *why)
{
	struct host_listing *listing = survey->listing;
	const struct socket_source *source = NULL;
	int r;

	look_around(survey);
	survey->has_witness = !survey->query->no_owners && has_witness(survey);
	r = find_both(survey, &source, why);
	if (r == 0 && survey->has_witness && survey->query->peers) {
		owners_sort(survey);
		survey->is_contradicted |= has_unheld_peers(survey);
	}
	if (r == 0 && survey->is_contradicted)
		r = find_again(survey, &source, why);
	if (r < 0)
		return r;
	if (!survey->query->no_owners) {
		owners_sort(survey);
		r = asked_fill(survey);
		if (r < 0)
			return why_set(why, -r, _("out of memory"));
		if (source && source->recheck && has_doubtful(survey))
			source->recheck(survey);
		reason_fill(survey);
		reason_find_groups(survey);
		activation_fill(survey);
		identify(survey);
	}
	r = survey_push(survey, sink, why);
	if (r < 0)
		return r;
	listing->is_complete = !listing->is_torn && !listing->hidden_owners && !survey->n_failed;
	return 0;
}

void host_describe(const struct host_query *query, struct arena *arena, struct host_info *info)
{
	if (query->replay)
		replay_describe(query->replay, arena, info);
	else
		info_describe(arena, info);
}
