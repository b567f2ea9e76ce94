/* SPDX-License-Identifier: Apache-2.0 */
/* recording: the three texts of a recording, parted by NULs, from text to sightings. */
#include "host/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int put(struct sink *sink, const struct sighting *sighting)
{
	(void)sink;
	return sighting->n_owners && !sighting_process(sighting) ? -1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct host_query query = HOST_QUERY_ALL;
	struct span rest = span_of(p, n);
	struct host_listing listing = {0};
	struct recording_texts texts = {0};
	struct sink sink = {put};
	struct arena arena = {0};
	struct survey survey;

	query.peers = true;
	if (take_until(&rest, 0, &texts.host) && take_until(&rest, 0, &texts.processes))
		texts.sockets = rest;
	if (survey_init(&survey, &query, &arena, &listing) < 0)
		return 0;
	if (replay_read(&texts, &survey, NULL) == 0)
		(void)!survey_push(&survey, &sink, NULL);
	survey_done(&survey);
	arena_done(&arena);
	return 0;
}
