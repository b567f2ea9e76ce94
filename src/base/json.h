/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: a writer that cannot produce a malformed document.
 *
 * It keeps a stack of what is open (at most JSON_DEPTH), puts commas and line breaks, and sends
 * every foreign byte through buf_json. Names of keys are our own ASCII literals. A NULL key stands
 * for an element of an array.
 */
#ifndef PERIPLUS_BASE_JSON_H
#define PERIPLUS_BASE_JSON_H

#include "base/buf.h"

enum { JSON_DEPTH = 16 };

struct json {
	struct buf *out;
	bool is_pretty; /* two blanks of indent; else all on one line */
	uint8_t depth;
	bool has_item[JSON_DEPTH];
};

void json_init(struct json *j, struct buf *out, bool is_pretty);
void json_object(struct json *j, const char *key);
void json_object_end(struct json *j);
void json_array(struct json *j, const char *key);
void json_array_end(struct json *j);
void json_span(struct json *j, const char *key, struct span value);
/* As json_span; an empty one is left out. */
void json_span_if(struct json *j, const char *key, struct span value);
void json_str(struct json *j, const char *key, const char *value); /* NULL writes null */
void json_u64(struct json *j, const char *key, uint64_t value);
void json_i64(struct json *j, const char *key, int64_t value);
/* value / 10^digits, as 12.345: no locale has a say in it. */
void json_fixed(struct json *j, const char *key, uint64_t value, unsigned digits);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
void json_time(struct json *j, const char *key, int64_t unix_seconds);
/* Ends the document with a line feed. */
void json_end(struct json *j);

#endif
