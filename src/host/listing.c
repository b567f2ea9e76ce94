/* SPDX-License-Identifier: Apache-2.0 */
/* listing: what is listed from a recording or by this system's reader (survey_look). */
#include <errno.h>

#include "base/text.h"
#include "host/survey.h"

int host_each_listener(const struct host_query *query, struct arena *arena, struct sink *sink,
		       struct host_listing *listing, struct why *why)
{
	struct survey survey;
	int r;

	*listing = (struct host_listing){0};
	if (query->replay)
		return replay_each_listener(query, arena, sink, listing, why);
	r = survey_init(&survey, query, arena, listing);
	if (r < 0)
		return why_set(why, -r, _("out of memory"));
	r = survey_look(&survey, sink, why);
	survey_done(&survey);
	return r;
}
