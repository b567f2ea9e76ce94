/* SPDX-License-Identifier: Apache-2.0 */
/* dtls_record: record and handshake headers of DTLS 1.0 and 1.2 (the ClientHello of 1.3 is alike).
 */
#include "proto/dtls_record.h"

bool dtls_take_record(struct span *s, struct dtls_record *r)
{
	struct span sequence;
	uint16_t length;

	return take_u8(s, &r->type) &&
	       ((r->type >= 20 && r->type <= 23) || r->type == 25 || r->type == 26) &&
	       take_u16be(s, &r->version) &&
	       (r->version == 0xfeff || r->version == 0xfefd || r->version == 0xfefc) &&
	       take_u16be(s, &r->epoch) && take_span(s, 6, &sequence) && take_u16be(s, &length) &&
	       length > 0 && length <= (1 << 14) + 2048 && take_span(s, length, &r->body);
}

static bool take_u24be(struct span *s, uint32_t *v)
{
	uint8_t high;
	uint16_t low;

	if (!take_u8(s, &high) || !take_u16be(s, &low))
		return false;
	*v = (uint32_t)high << 16 | low;
	return true;
}

bool dtls_take_handshake(struct span s, struct dtls_handshake *h)
{
	uint32_t length;
	uint32_t n;
	uint16_t sequence;

	return take_u8(&s, &h->type) && take_u24be(&s, &length) && take_u16be(&s, &sequence) &&
	       take_u24be(&s, &h->offset) && take_u24be(&s, &n) && h->offset + n <= length &&
	       take_span(&s, n, &h->body);
}

static enum proto_match first_record(const struct dtls_record *first, enum proto_side side)
{
	struct dtls_handshake h;

	if (first->epoch)
		return PROTO_MAYBE;
	if (first->type == DTLS_ALERT)
		return first->body.n == 2 && first->body.p[0] >= 1 && first->body.p[0] <= 2
			       ? PROTO_YES
			       : PROTO_NO;
	if (first->type != DTLS_HANDSHAKE)
		return PROTO_MAYBE;
	if (!dtls_take_handshake(first->body, &h))
		return PROTO_NO;
	/* the messages of a flight go one way each (RFC 6347 section 4.2.4) */
	if (side == PROTO_CLIENT)
		return h.type == DTLS_CLIENT_HELLO || h.type == 11 || h.type == 16 ? PROTO_YES
										   : PROTO_NO;
	return h.type == 0 || (h.type >= DTLS_SERVER_HELLO && h.type <= 4) ||
			       (h.type >= 11 && h.type <= 14) || h.type == 22
		       ? PROTO_YES
		       : PROTO_NO;
}

enum proto_match dtls_recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct dtls_record first;
	struct dtls_record record;

	if (transport != TRANSPORT_UDP || !dtls_take_record(&bytes, &first))
		return PROTO_NO;

	enum proto_match m = first_record(&first, side);

	while (m == PROTO_YES && bytes.n)
		if (!dtls_take_record(&bytes, &record))
			return PROTO_MAYBE;
	return m;
}
