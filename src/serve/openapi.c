/* SPDX-License-Identifier: Apache-2.0 */
/* openapi: the document of the API (OpenAPI 3.1), written from the rows of route.c. */
#include "base/json.h"
#include "serve/route.h"

static void put_parameter(struct json *j, const char *in, struct span name)
{
	json_object(j, NULL);
	json_span(j, "name", name);
	json_str(j, "in", in);
	json_bool(j, "required", *in == 'p');
	json_object(j, "schema");
	json_str(j, "type", span_is(name, "limit") ? "integer" : "string");
	json_object_end(j);
	json_object_end(j);
}

static void put_parameters(struct json *j, const struct route *route)
{
	const char *open = strchr(route->pattern, '{');
	const char *close = open ? strchr(open, '}') : NULL;
	struct span rest = span_str(route->parameters);
	struct span name;

	json_array(j, "parameters");
	if (open && close)
		put_parameter(j, "path", span_of(open + 1, (size_t)(close - open - 1)));
	while (take_word(&rest, &name))
		put_parameter(j, "query", name);
	json_array_end(j);
}

static void put_problem(struct json *j, const char *status, const char *what)
{
	json_object(j, status);
	json_str(j, "description", what);
	json_object(j, "content");
	json_object(j, "application/problem+json");
	json_object_end(j);
	json_object_end(j);
	json_object_end(j);
}

static void put_media(struct json *j, const char *media, const char *schema)
{
	json_object(j, media);
	if (schema) {
		json_object(j, "schema");
		json_str(j, "title", schema);
		json_str(j, "type", "object");
		json_object_end(j);
	}
	json_object_end(j);
}

static void put_order_problems(struct json *j)
{
	put_problem(j, "400", "an order, or a word of it, that is not understood");
	put_problem(j, "403", "a target outside of the configured scopes, more than 65,536 targets, or a "
			      "page of another server");
	put_problem(j, "413", "a body of more than 8 KB");
	put_problem(j, "415", "a body of another type");
	put_problem(j, "429", "another scan is running");
	put_problem(j, "503", "the scan could not be done");
}

static void put_responses(struct json *j, const struct route *route, bool is_public)
{
	bool is_order = route->kind == ROUTE_ORDER;

	json_object(j, "responses");
	json_object(j, "200");
	json_str(j, "description", route->does);
	json_object(j, "content");
	put_media(j, route->media, route->schema);
	if (is_order)
		put_media(j, "application/x-ndjson", route->schema);
	json_object_end(j);
	json_object_end(j);
	if (!is_public)
		put_problem(j, "401", "no token, or another one");
	if (route->parameters)
		put_problem(j, "400", "a parameter that is not understood");
	if (strchr(route->pattern, '{'))
		put_problem(j, "404", "there is no such thing");
	put_problem(j, "421", "Host names another server");
	if (is_order)
		put_order_problems(j);
	else if (route->is_live)
		put_problem(j, "503", "nothing has been seen yet");
	json_object_end(j);
}

static void put_member(struct json *j, const char *name, const char *type, const char *does)
{
	json_object(j, name);
	json_str(j, "type", type);
	json_str(j, "description", does);
	json_object_end(j);
}

/* What scan_order.c reads. */
static void put_order(struct json *j)
{
	json_object(j, "requestBody");
	json_bool(j, "required", true);
	json_object(j, "content");
	json_object(j, "application/json");
	json_object(j, "schema");
	json_str(j, "type", "object");
	json_object(j, "properties");
	json_object(j, "targets");
	json_str(j, "type", "array");
	json_u64(j, "minItems", 1);
	json_u64(j, "maxItems", WEB_SCAN_TARGETS);
	json_object(j, "items");
	json_str(j, "type", "string");
	json_object_end(j);
	json_str(j, "description", "addresses, networks, ranges and names, as of `periplus scan`");
	json_object_end(j);
	put_member(j, "ports", "string", "22,80,8000-8010,https or all");
	put_member(j, "top", "integer", "instead of ports: so many with most in practice, 1000 by itself");
	put_member(j, "transport", "string", "tcp, by itself, or udp");
	put_member(j, "rate", "integer", "packets a second, 500 by itself and at most");
	put_member(j, "identify", "boolean", "whether open ports are asked what they are, true by itself");
	json_object_end(j);
	json_array(j, "required");
	json_str(j, NULL, "targets");
	json_array_end(j);
	json_bool(j, "additionalProperties", false);
	json_object_end(j);
	json_object_end(j);
	json_object_end(j);
	json_object_end(j);
}

static void put_path(struct json *j, const struct route *route, bool is_public)
{
	bool is_order = route->kind == ROUTE_ORDER;

	json_object(j, route->pattern);
	json_object(j, is_order ? "post" : "get");
	json_str(j, "summary", route->does);
	put_parameters(j, route);
	if (is_order)
		put_order(j);
	put_responses(j, route, is_public);
	json_object_end(j);
	json_object_end(j);
}

void api_openapi(struct web *web)
{
	bool is_public = web->site->is_public;
	struct json j;

	web->answer->status = 200;
	web->answer->type = "application/json";
	json_init(&j, web->out, true);
	json_object(&j, NULL);
	json_str(&j, "openapi", "3.1.0");
	json_object(&j, "info");
	json_str(&j, "title", "periplus");
	json_str(&j, "version", "1");
	json_str(&j, "description", "What is on this port, and should it be? Objects are those of "
				    "`periplus --json`.");
	json_object_end(&j);
	if (!is_public) {
		json_array(&j, "security");
		json_object(&j, NULL);
		json_array(&j, "token");
		json_array_end(&j);
		json_object_end(&j);
		json_array_end(&j);
	}
	json_object(&j, "paths");
	for (size_t i = 0; i < route_count(); i++) {
		const struct route *route = route_at(i);

		if ((route->kind == ROUTE_API || route->kind == ROUTE_ORDER) && !(is_public && route->is_live))
			put_path(&j, route, is_public);
	}
	json_object_end(&j);
	if (!is_public) {
		json_object(&j, "components");
		json_object(&j, "securitySchemes");
		json_object(&j, "token");
		json_str(&j, "type", "http");
		json_str(&j, "scheme", "bearer");
		json_object_end(&j);
		json_object_end(&j);
		json_object_end(&j);
	}
	json_object_end(&j);
	json_end(&j);
}
