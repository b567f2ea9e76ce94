/* SPDX-License-Identifier: Apache-2.0 */
/* none: a system without a reader of its own: only recordings can be listed. */
#include <errno.h>
#include <time.h>

#include "base/text.h"
#include "host/survey.h"

int host_each_listener(const struct host_query *query, struct arena *arena, struct sink *sink,
		       struct host_listing *listing, struct why *why)
{
	*listing = (struct host_listing){0};
	if (query->replay)
		return replay_each_listener(query, arena, sink, listing, why);
	return why_set(why, ENOSYS, _("there is no reader for this system yet"));
}

void host_describe(const struct host_query *query, struct arena *arena, struct host_info *info)
{
	if (query->replay)
		replay_describe(query->replay, arena, info);
	else
		*info = (struct host_info){.now = time(NULL)};
}
