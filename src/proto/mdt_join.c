/* SPDX-License-Identifier: Apache-2.0 */
/* mdt_join: one message of the S-PMSI Join, read and written; see mdt_join.h. Nothing sends it. */
#include "proto/mdt_join.h"

enum { HEAD = 4, IPV4 = 4, IPV6 = 16 };

static bool is_multicast(struct span address)
{
	return address.n == IPV4 ? address.p[0] >> 4 == 14 : address.p[0] == 0xff;
}

/* Length of the message and of the customer's addresses; false for another type. */
static bool sizes_of(uint8_t type, size_t *length, size_t *address)
{
	*length = type == MDT_IPV4 ? MDT_IPV4_LENGTH : MDT_IPV6_LENGTH;
	*address = type == MDT_IPV4 ? IPV4 : IPV6;
	return type == MDT_IPV4 || type == MDT_IPV6;
}

static bool is_sound(const struct mdt_join *j)
{
	return !is_multicast(j->source) && is_multicast(j->group) && is_multicast(j->provider);
}

bool mdt_take(struct span *s, struct mdt_join *j)
{
	struct span rest = *s;
	uint16_t length;
	uint8_t reserved;
	size_t n;
	size_t address;

	if (!take_u8(&rest, &j->type) || !take_u16be(&rest, &length) ||
	    !take_u8(&rest, &reserved) || !sizes_of(j->type, &n, &address) || length != n ||
	    !take_span(&rest, address, &j->source) || !take_span(&rest, address, &j->group) ||
	    !take_span(&rest, IPV4, &j->provider) || !is_sound(j))
		return false;
	*s = rest;
	return true;
}

size_t mdt_put(const struct mdt_join *j, uint8_t *out, size_t size)
{
	size_t n;
	size_t address;

	if (!sizes_of(j->type, &n, &address) || n > size || j->source.n != address ||
	    j->group.n != address || j->provider.n != IPV4 || !is_sound(j))
		return 0;
	out[0] = j->type;
	out[1] = 0;
	out[2] = (uint8_t)n;
	out[3] = 0;
	memcpy(out + HEAD, j->source.p, address);
	memcpy(out + HEAD + address, j->group.p, address);
	memcpy(out + HEAD + 2 * address, j->provider.p, IPV4);
	return n;
}
