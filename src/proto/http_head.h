/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_head: the head of a message in the form of RFC 9112 section 2.1: a start line, fields, an
 * empty line. HTTP/1, RTSP, SIP and SSDP share it; the word before the '/' tells them apart.
 *
 * Reads any prefix and never past its end; a head longer than 64 KiB or with a start line longer
 * than 8 KiB is not read.
 */
#ifndef PERIPLUS_PROTO_HTTP_HEAD_H
#define PERIPLUS_PROTO_HTTP_HEAD_H

#include "proto/proto.h"

struct http_head {
	bool is_response;
	bool is_whole;       /* the empty line was seen */
	struct span version; /* "1.1" */
	struct span status;  /* a response's three digits */
	struct span method;  /* a request's */
	struct span target;  /* a request's */
	struct span fields;  /* the lines behind the start line, as far as heard */
	struct span body;    /* behind the empty line */
};

/* word is "HTTP", "RTSP" or "SIP". NO: not a message of this protocol; MORE: could become one; YES:
 * the start line is whole and right, *head is filled. */
enum proto_match http_head_parse(struct span bytes, enum proto_side side, const char *word,
				 struct http_head *head);
/* The value of the first field of this name, without blanks around it; empty: none. */
struct span http_head_field(const struct http_head *head, const char *name);

#endif
