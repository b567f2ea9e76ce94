/* SPDX-License-Identifier: Apache-2.0 */
/* route: see route.h. */
#include "serve/route.h"

#include "base/scope.h"

/* What stands in front is tried first. */
static const struct route routes[] = {
	{"/", ROUTE_PAGE, false, page_home, NULL, NULL, NULL},
	{"/search", ROUTE_PAGE, false, page_search, NULL, NULL, "q"},
	{"/service/{name}", ROUTE_PAGE, false, page_service, NULL, NULL, NULL},
	{"/api/v1/ports/{port}", ROUTE_API, false, api_port, "What the map says of a port", "port",
	 "transport"},
	{"/api/v1/services/{name}", ROUTE_API, false, api_service,
	 "Registrations of exactly this name", "look", NULL},
	{"/api/v1/search", ROUTE_API, false, api_search, "Registrations by words and filters", "look",
	 "q limit"},
	{"/{port}.json", ROUTE_PAGE, false, page_port_json, NULL, NULL, NULL},
	{"/{port}", ROUTE_PAGE, false, page_port, NULL, NULL, NULL},
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
