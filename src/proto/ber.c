/* SPDX-License-Identifier: Apache-2.0 */
/* ber: one element after another, bounded. */
#include "proto/ber.h"

enum { LONG_FORM = 0x80, LENGTH_BYTES_MAX = 3 };

bool ber_take(struct span *s, uint8_t *tag, struct span *value)
{
	uint8_t byte;
	size_t n;

	if (!take_u8(s, tag) || !take_u8(s, &byte))
		return false;
	n = byte;
	if (byte & LONG_FORM) {
		if (byte == LONG_FORM || byte > (LONG_FORM | LENGTH_BYTES_MAX))
			return false;
		n = 0;
		for (unsigned left = byte & ~LONG_FORM; left; left--) {
			if (!take_u8(s, &byte))
				return false;
			n = n << 8 | byte;
		}
	}
	return take_span(s, n, value);
}

bool ber_take_tag(struct span *s, uint8_t wanted, struct span *value)
{
	uint8_t tag;

	return ber_take(s, &tag, value) && tag == wanted;
}
