/* SPDX-License-Identifier: Apache-2.0 */
/* dtls_record: records of DTLS in one datagram, for the rows that find DTLS. Private to proto. */
#ifndef PERIPLUS_PROTO_DTLS_RECORD_H
#define PERIPLUS_PROTO_DTLS_RECORD_H

#include "proto/proto.h"

enum {
	DTLS_ALERT = 21,
	DTLS_HANDSHAKE = 22,
	DTLS_CLIENT_HELLO = 1,
	DTLS_SERVER_HELLO = 2,
	DTLS_HELLO_VERIFY_REQUEST = 3
};

struct dtls_record {
	uint8_t type;
	uint16_t version, epoch;
	struct span body;
};

struct dtls_handshake {
	uint8_t type;
	uint32_t offset;
	struct span body; /* this fragment */
};

/* RFC 6347 section 4.1 and 4.2.2; false at the first byte that does not fit. */
bool dtls_take_record(struct span *s, struct dtls_record *record) must_check;
bool dtls_take_handshake(struct span s, struct dtls_handshake *handshake) must_check;
/* YES: a datagram of records that begins with a plain handshake or alert; MAYBE: of other ones. */
enum proto_match dtls_recognise(struct span bytes, enum proto_side side, enum transport transport);

#endif
