/* SPDX-License-Identifier: Apache-2.0 */
/*
 * darwin: who listens on this Mac, by libproc (<libproc.h>, <sys/proc_info.h>).
 *
 * Sockets are found through the descriptors of processes, so that a socket without process is not
 * found, and those of other users are root's to see; without root the listing says that it is
 * incomplete. A recording is read as on every system (replay.c).
 */
#include "host/darwin/darwin.h"

#include <errno.h>
#include <stdio.h>
#include <sys/sysctl.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "host/bind.h"

enum { NAME_SIZE = 256, EPHEMERAL_FIRST = 49152, EPHEMERAL_LAST = 65535 };

uint32_t darwin_number(const char *name, uint32_t otherwise)
{
	int value = 0;
	size_t n = sizeof(value);

	return sysctlbyname(name, &value, &n, NULL, 0) == 0 && n == sizeof(value) ? (uint32_t)value
										: otherwise;
}

static struct span text_of(struct arena *arena, const char *name)
{
	char text[NAME_SIZE];
	size_t n = sizeof(text) - 1;

	if (sysctlbyname(name, text, &n, NULL, 0) != 0)
		return span_of(NULL, 0);
	text[n < sizeof(text) ? n : sizeof(text) - 1] = 0;
	return arena_copy(arena, span_str(text));
}

int survey_look(struct survey *survey, struct sink *sink, struct why *why)
{
	struct host_listing *listing = survey->listing;
	int r;

	survey->viewer_uid = geteuid();
	survey->is_root = survey->viewer_uid == 0;
	survey->seen_by = listing->method = "libproc";
	r = darwin_sockets_read(survey, why);
	if (r < 0)
		return r;
	owners_sort(survey);
	r = survey_push(survey, sink, why);
	if (r < 0)
		return r;
	if (survey->n_denied)
		listing->fallback = _("sockets of other users are root's to see");
	listing->is_complete = !survey->n_denied && !listing->hidden_owners;
	return 0;
}

void host_describe(const struct host_query *query, struct arena *arena, struct host_info *info)
{
	struct span version;

	if (query->replay) {
		replay_describe(query->replay, arena, info);
		return;
	}
	version = text_of(arena, "kern.osproductversion");
	*info = (struct host_info){
		.name = text_of(arena, "kern.hostname"),
		.id = text_of(arena, "kern.uuid"),
		.boot_id = text_of(arena, "kern.bootsessionuuid"),
		.system = arena_print(arena, "macOS%s%.*s", version.n ? " " : "", SPAN_ARG(version)),
		.ephemeral_first = (uint16_t)darwin_number("net.inet.ip.portrange.first", EPHEMERAL_FIRST),
		.ephemeral_last = (uint16_t)darwin_number("net.inet.ip.portrange.last", EPHEMERAL_LAST),
		.now = time(NULL),
		.is_root = geteuid() == 0,
		.uid = geteuid(),
	};
}

/* Since macOS 10.14 every user may bind any number on every address. */
void host_port_rules(struct port_set *kept, uint16_t *unprivileged_first)
{
	*kept = (struct port_set){0};
	*unprivileged_first = 0;
}

void bind_read(struct arena *arena, struct bind_facts *facts)
{
	(void)arena;
	facts->ephemeral_first = (uint16_t)darwin_number("net.inet.ip.portrange.first", EPHEMERAL_FIRST);
	facts->ephemeral_last = (uint16_t)darwin_number("net.inet.ip.portrange.last", EPHEMERAL_LAST);
}
