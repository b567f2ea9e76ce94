/* SPDX-License-Identifier: Apache-2.0 */
/* json: see json.h. */
#include "base/json.h"

#include <assert.h>
#include <inttypes.h>

void json_init(struct json *j, struct buf *out, bool is_pretty)
{
	*j = (struct json){.out = out, .is_pretty = is_pretty};
}

static void line(struct json *j)
{
	if (!j->is_pretty || j->depth == 0)
		return;
	buf_byte(j->out, '\n');
	buf_fill(j->out, ' ', (size_t)2 * j->depth);
}

static void item(struct json *j, const char *key)
{
	if (j->has_item[j->depth])
		buf_byte(j->out, ',');
	j->has_item[j->depth] = true;
	line(j);
	if (key) { /* a literal of ours: nothing in it needs an escape */
		buf_byte(j->out, '"');
		buf_str(j->out, key);
		buf_str(j->out, j->is_pretty ? "\": " : "\":");
	}
}

static void open_with(struct json *j, const char *key, char bracket)
{
	assert(j->depth + 1 < JSON_DEPTH);
	item(j, key);
	buf_byte(j->out, bracket);
	j->has_item[++j->depth] = false;
}

static void close_with(struct json *j, char bracket)
{
	assert(j->depth > 0);
	bool had = j->has_item[j->depth--];

	if (had && j->is_pretty) {
		buf_byte(j->out, '\n');
		buf_fill(j->out, ' ', (size_t)2 * j->depth);
	}
	buf_byte(j->out, bracket);
}

void json_object(struct json *j, const char *key)
{
	open_with(j, key, '{');
}

void json_object_end(struct json *j)
{
	close_with(j, '}');
}

void json_array(struct json *j, const char *key)
{
	open_with(j, key, '[');
}

void json_array_end(struct json *j)
{
	close_with(j, ']');
}

void json_span(struct json *j, const char *key, struct span value)
{
	item(j, key);
	buf_json(j->out, value);
}

void json_span_if(struct json *j, const char *key, struct span value)
{
	if (value.n)
		json_span(j, key, value);
}

void json_str(struct json *j, const char *key, const char *value)
{
	if (value)
		json_span(j, key, span_str(value));
	else
		json_null(j, key);
}

void json_u64(struct json *j, const char *key, uint64_t value)
{
	item(j, key);
	buf_u64(j->out, value);
}

void json_i64(struct json *j, const char *key, int64_t value)
{
	item(j, key);
	buf_print(j->out, "%" PRId64, value);
}

void json_fixed(struct json *j, const char *key, uint64_t value, unsigned digits)
{
	item(j, key);
	buf_fixed(j->out, value, digits);
}

void json_bool(struct json *j, const char *key, bool value)
{
	item(j, key);
	buf_str(j->out, value ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
	item(j, key);
	buf_str(j->out, "null");
}

void json_time(struct json *j, const char *key, int64_t unix_seconds)
{
	item(j, key);
	buf_byte(j->out, '"');
	buf_time(j->out, unix_seconds);
	buf_byte(j->out, '"');
}

void json_end(struct json *j)
{
	assert(j->depth == 0);
	j->has_item[0] = false;
	buf_byte(j->out, '\n');
}
