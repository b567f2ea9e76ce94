/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns_record: names, questions and records of multicast DNS messages, taken from bytes of
 * strangers. Private to proto. At most 256 records a section and 16 jumps a name; a pointer only
 * leads back.
 */
#ifndef PERIPLUS_PROTO_DNS_RECORD_H
#define PERIPLUS_PROTO_DNS_RECORD_H

#include "base/span.h"

enum { DNS_NAME = 255 };

struct dns_name {
	char text[DNS_NAME + 1]; /* labels with dots between, as they came; may hold any byte */
	size_t n;
};

struct dns_record {
	struct dns_name name;
	uint16_t type;
	uint32_t ttl; /* seconds; 0: a farewell */
	struct span data;
};

struct dns_message {
	uint16_t id, flags, n_questions, n_records;
	struct span rest; /* questions, then records */
};

/* RFC 1035 sections 3.1 and 4.1.4; `whole` is the message, which pointers count from. */
bool dns_take_name(struct span whole, struct span *s, struct dns_name *name) must_check;
/* RFC 6762 section 18: opcode and code 0; an answer has answers, a question has questions. */
bool dns_take_head(struct span s, bool is_answer, struct dns_message *m) must_check;
/* Of class IN or any. */
bool dns_take_question(struct span whole, struct span *s, struct dns_name *name) must_check;
bool dns_take_record(struct span whole, struct span *s, struct dns_record *r) must_check;

#endif
