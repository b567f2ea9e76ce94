/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record: objects that several JSON reports share (private to out).
 *
 * Names follow ECS and OpenTelemetry where they agree; ours stand under `periplus` (ux.md
 * section 7, schema/). Keys, ids and enumerations are never translated.
 */
#ifndef PERIPLUS_OUT_RECORD_H
#define PERIPLUS_OUT_RECORD_H

#include "base/json.h"
#include "out/out.h"

/* What a record is told of besides its row. */
struct context {
	const struct map *map;
	const struct host_info *host;
	const struct host_listing *listing; /* NULL: not known how complete it is */
};

/* One listener as an object. With action and time it is a document of its own: @timestamp, ecs,
 * event and host stand in front. */
void record_listener(struct json *j, const char *key, const struct context *context,
		     const struct judged *row);
void record_document(struct json *j, const struct context *context, const struct judged *row,
		     const char *action, int64_t at);
void record_host(struct json *j, const struct host_info *host);
void record_registration(struct json *j, const struct map *map, const struct map_registration *row);
void record_practice(struct json *j, const struct map *map, const struct map_practice *fact);
/* A product and all facts of it. */
void record_product(struct json *j, const struct map *map, uint32_t index);
void record_platform(struct json *j, const struct map_platform *row);
void record_peer(struct json *j, const char *key, const struct sighting *peer);
const char *record_state(enum socket_state state); /* "listen", "time-wait" ... */
/* A string, or null when it is empty. */
void record_text(struct json *j, const char *key, struct span value);
/* "lineage": the line of parents, nearest first. */
void record_lineage(struct json *j, const struct process *p);

#endif
