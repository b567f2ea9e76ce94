/* SPDX-License-Identifier: Apache-2.0 */
/* route: see route.h. */
#include "serve/route.h"

#include "base/scope.h"

/* What stands in front is tried first. */
#define PAGE(path, function) {path, ROUTE_PAGE, false, function, NULL, NULL, NULL, NULL}
#define API(path, function, parameters, schema, does)                                              \
	{path, ROUTE_API, false, function, does, schema, "application/json", parameters}
#define LIVE(path, function, schema, media, does)                                                  \
	{path, ROUTE_API, true, function, does, schema, media, NULL}

static const struct route routes[] = {
	PAGE("/", page_home),
	PAGE("/search", page_search),
	PAGE("/chart", page_chart),
	PAGE("/chart.json", page_chart_json),
	PAGE("/ghosts", page_ghosts),
	PAGE("/about/data", page_about),
	{"/host", ROUTE_PAGE, true, page_host, NULL, NULL, NULL, NULL},
	PAGE("/service/{name}", page_service),
	PAGE("/range/{range}", page_range),
	API("/api/v1/openapi.json", api_openapi, NULL, NULL, "This document"),
	API("/api/v1/ports/{port}", api_port, "transport", "port/1", "What the map says of a port"),
	API("/api/v1/services/{name}", api_service, NULL, "look/1",
	    "Registrations of exactly this name"),
	API("/api/v1/search", api_search, "q limit", "look/1", "Registrations by words and filters"),
	LIVE("/api/v1/listeners", api_listeners, "host/1", "application/json",
	     "Who listens on this machine, as it was last seen"),
	LIVE("/api/v1/listeners/stream", api_stream, NULL, "text/event-stream",
	     "What opens, closes and changes, as server-sent events"),
	{"/api/v1/scan", ROUTE_ORDER, true, api_scan,
	 "Which ports of hosts inside the configured scopes are open, and should they be", "scan/1",
	 "application/json", NULL},
	{"/metrics", ROUTE_API, false, api_metrics, "Counters for Prometheus", NULL, "text/plain", NULL},
	{"/feedback", ROUTE_FORM, false, post_feedback, NULL, NULL, NULL, NULL},
	PAGE("/{port}.json", page_port_json),
	PAGE("/{port}", page_port),
};

size_t route_count(void)
{
	return ARRAY_LEN(routes);
}

const struct route *route_at(size_t index)
{
	return index < ARRAY_LEN(routes) ? &routes[index] : NULL;
}

static bool matches(struct span path, const char *pattern, struct span *word)
{
	const char *open = strchr(pattern, '{');
	const char *close = open ? strchr(open, '}') : NULL;
	size_t before = open ? (size_t)(open - pattern) : 0;

	*word = span_of(NULL, 0);
	if (!open || !close)
		return span_is(path, pattern);
	if (path.n <= before + strlen(close + 1) || memcmp(path.p, pattern, before) != 0 ||
	    !span_ends(path, close + 1))
		return false;
	*word = span_cut(span_skip(path, before), path.n - before - strlen(close + 1));
	return span_find_byte(*word, '/') < 0;
}

const struct route *route_find(struct span path, struct span *word)
{
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		if (matches(path, routes[i].pattern, word))
			return &routes[i];
	return NULL;
}
