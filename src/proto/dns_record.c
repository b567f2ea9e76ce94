/* SPDX-License-Identifier: Apache-2.0 */
/* dns_record: see dns_record.h. */
#include "proto/dns_record.h"

enum { JUMPS_MAX = 16, RECORDS_MAX = 256 };

bool dns_take_name(struct span whole, struct span *s, struct dns_name *name)
{
	struct span at = *s;
	bool has_jumped = false;
	unsigned jumps = 0;
	uint8_t n;

	name->n = 0;
	for (;;) {
		struct span label;
		uint8_t low;

		if (!take_u8(&at, &n))
			return false;
		if (n >= 0xc0) {
			size_t here = (size_t)(at.p - whole.p) - 1;
			size_t to;

			if (!take_u8(&at, &low))
				return false;
			if (!has_jumped)
				*s = at;
			has_jumped = true;
			to = (n & 0x3fu) * 256u + low;
			if (to >= here || ++jumps > JUMPS_MAX)
				return false;
			at = span_skip(whole, to);
			continue;
		}
		if (n > 63 || !take_span(&at, n, &label) || name->n + n + 1u > DNS_NAME)
			return false;
		if (n == 0)
			break;
		if (name->n)
			name->text[name->n++] = '.';
		memcpy(name->text + name->n, label.p, n);
		name->n += n;
	}
	name->text[name->n] = 0;
	if (!has_jumped)
		*s = at;
	return true;
}

bool dns_take_head(struct span s, bool is_answer, struct dns_message *m)
{
	uint16_t answers, authorities, additionals;

	if (!take_u16be(&s, &m->id) || !take_u16be(&s, &m->flags) ||
	    !take_u16be(&s, &m->n_questions) || !take_u16be(&s, &answers) ||
	    !take_u16be(&s, &authorities) || !take_u16be(&s, &additionals) || (m->flags & 0x780f) ||
	    (m->flags >> 15 != 0) != is_answer || answers > RECORDS_MAX ||
	    authorities > RECORDS_MAX || additionals > RECORDS_MAX || m->n_questions > RECORDS_MAX)
		return false;
	m->n_records = (uint16_t)(answers + authorities + additionals);
	m->rest = s;
	return is_answer ? answers > 0 : m->n_questions > 0;
}

bool dns_take_question(struct span whole, struct span *s, struct dns_name *name)
{
	uint16_t type, class;

	/* the top bit of the class asks for an answer by unicast (RFC 6762 section 5.4) */
	return dns_take_name(whole, s, name) && take_u16be(s, &type) && take_u16be(s, &class) &&
	       ((class & 0x7fff) == 1 || (class & 0x7fff) == 255);
}

bool dns_take_record(struct span whole, struct span *s, struct dns_record *r)
{
	uint16_t class, length;

	return dns_take_name(whole, s, &r->name) && take_u16be(s, &r->type) &&
	       take_u16be(s, &class) && take_u32be(s, &r->ttl) && take_u16be(s, &length) &&
	       take_span(s, length, &r->data);
}
