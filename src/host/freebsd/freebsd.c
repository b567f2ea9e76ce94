/* SPDX-License-Identifier: Apache-2.0 */
/*
 * freebsd: who listens on this FreeBSD, by sysctl(3); see host/freebsd.h.
 *
 * Every user sees all sockets and processes unless security.bsd.see_other_uids and its kin say
 * otherwise; within a jail there are those of the jail. A recording is read as on every system.
 */
#include "host/freebsd/freebsd.h"

#include <pwd.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/bind.h"

/* ip(4): source ports come from net.inet.ip.portrange.first to last, and numbers up to reservedhigh
 * are root's. */
enum { EPHEMERAL_FIRST = 10000, EPHEMERAL_LAST = 65535, RESERVED_HIGH = 1023 };

static uint32_t number(const char *name, uint32_t otherwise)
{
	auto_free uint8_t *bytes = NULL;
	int32_t value = 0;
	size_t n = 0;

	if (freebsd_ask(name, -1, &bytes, &n) < 0 || n != sizeof(value))
		return otherwise;
	memcpy(&value, bytes, sizeof(value));
	return value < 0 ? otherwise : (uint32_t)value;
}

static struct span text_of(struct arena *arena, const char *name)
{
	auto_free uint8_t *bytes = NULL;
	size_t n = 0;

	if (freebsd_ask(name, -1, &bytes, &n) < 0)
		return span_of(NULL, 0);
	while (n && !bytes[n - 1])
		n--;
	return arena_copy(arena, span_of(bytes, n));
}

static struct span user_of(struct survey *survey, uint32_t uid)
{
	const struct passwd *row = getpwuid(uid);

	return row ? survey_intern(survey, span_str(row->pw_name)) : span_of(NULL, 0);
}

static bool sees_all(const struct survey *survey)
{
	static const char *const rules[] = {"security.bsd.see_other_uids",
					    "security.bsd.see_other_gids",
					    "security.bsd.see_jail_proc"};

	for (size_t i = 0; i < ARRAY_LEN(rules) && !survey->is_root; i++)
		if (!number(rules[i], 1))
			return false;
	return true;
}

int survey_look(struct survey *survey, struct sink *sink, struct why *why)
{
	struct host_listing *listing = survey->listing;
	struct freebsd_look look = {.survey = survey, .ask = freebsd_ask};
	int r;

	survey->viewer_uid = geteuid();
	survey->is_root = survey->viewer_uid == 0;
	survey->user_of = user_of;
	survey->seen_by = listing->method = "sysctl";
	listing->is_contained = number("security.jail.jailed", 0) != 0;
	listing->remedy = survey->is_root ? NULL : _("run it as root to see them");
	look.sees_all = sees_all(survey);
	r = freebsd_fill(&look, why);
	if (r < 0)
		return r;
	owners_sort(survey);
	r = survey_push(survey, sink, why);
	if (r < 0)
		return r;
	if (!look.sees_all)
		listing->fallback = _("sockets of other users are root's to see "
				      "(security.bsd.see_other_uids)");
	listing->is_complete = look.sees_all && !listing->is_torn && !listing->hidden_owners;
	return 0;
}

static void ephemeral(uint16_t *first, uint16_t *last)
{
	*first = (uint16_t)number("net.inet.ip.portrange.first", EPHEMERAL_FIRST);
	*last = (uint16_t)number("net.inet.ip.portrange.last", EPHEMERAL_LAST);
}

void host_describe(const struct host_query *query, struct arena *arena, struct host_info *info)
{
	struct span release;

	if (query->replay) {
		replay_describe(query->replay, arena, info);
		return;
	}
	release = text_of(arena, "kern.osrelease");
	*info = (struct host_info){
		.name = text_of(arena, "kern.hostname"),
		.id = text_of(arena, "kern.hostuuid"),
		.system = arena_print(arena, "FreeBSD%s%.*s", release.n ? " " : "", SPAN_ARG(release)),
		.now = time(NULL),
		.is_root = geteuid() == 0,
		.uid = geteuid(),
	};
	ephemeral(&info->ephemeral_first, &info->ephemeral_last);
}

static uint16_t first_for_all(void)
{
	uint32_t reserved = number("net.inet.ip.portrange.reservedhigh", RESERVED_HIGH);

	return (uint16_t)(reserved && reserved < PORT_MAX ? reserved + 1 : 0);
}

void host_port_rules(struct port_set *kept, uint16_t *unprivileged_first)
{
	*kept = (struct port_set){0};
	*unprivileged_first = first_for_all();
}

void bind_read(struct arena *arena, struct bind_facts *facts)
{
	(void)arena;
	facts->unprivileged_first = first_for_all();
	facts->is_privileged = geteuid() == 0;
	ephemeral(&facts->ephemeral_first, &facts->ephemeral_last);
}
