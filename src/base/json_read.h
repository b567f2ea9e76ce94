/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_read: looks into JSON (RFC 8259) that somebody else wrote, without making anything of it.
 *
 * A value is the span of its text. Members and elements are found by walking, which is quick enough
 * for documents that are read once; nothing is allocated but the strings that are asked for. Depth
 * is bounded; what is malformed ends the walk, and is told by json_is_valid.
 */
#ifndef PERIPLUS_BASE_JSON_READ_H
#define PERIPLUS_BASE_JSON_READ_H

#include "base/arena.h"

enum { JSON_READ_DEPTH = 32 };

/* True when the text is one value, and blanks. */
bool json_is_valid(struct span text);
/* The next value of a text that holds several (NDJSON). False at the end, or at what is none. */
bool json_take(struct span *text, struct span *value) must_check;
/* The member of an object; false when there is none, or it is no object. */
bool json_member(struct span object, const char *key, struct span *value) must_check;
/* Keys of an object, still with their quotes; called as json_element. */
bool json_key(struct span *rest, bool *is_begun, struct span *key) must_check;
/* Elements of an array: begin with *rest the array itself, and *is_begun false. */
bool json_element(struct span *rest, bool *is_begun, struct span *value) must_check;
/* A string's bytes, unescaped; false when it is no string. */
bool json_string(struct arena *arena, struct span value, struct span *bytes) must_check;
bool json_number(struct span value, uint64_t most, uint64_t *number) must_check;

#endif
