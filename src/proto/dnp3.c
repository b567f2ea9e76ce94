/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dnp3: what substations and water works speak. Nothing is sent: they switch. The header has a
 * check sum of its own, which makes a match sure.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { HEAD = 10, CHECKED = 8, LENGTH_MIN = 5, POLYNOMIAL = 0xa6bc, FROM_MASTER = 0x80 };

/* opendnp3 CRC.cpp: the table of this polynomial, start 0, inverted at the end */
static unsigned checksum(const uint8_t *p, size_t n)
{
	unsigned crc = 0;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (unsigned k = 0; k < 8; k++)
			crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
	}
	return ~crc & 0xffff;
}

/* opendnp3 LinkHeader.cpp: 05 64, length, control, destination 2, source 2, check sum 2 LE */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;

	if (transport != TRANSPORT_TCP && transport != TRANSPORT_UDP)
		return PROTO_NO;
	if ((bytes.n > 0 && p[0] != 0x05) || (bytes.n > 1 && p[1] != 0x64) ||
	    (bytes.n > 2 && p[2] < LENGTH_MIN) ||
	    (bytes.n > 3 && ((p[3] & FROM_MASTER) != 0) != (side == PROTO_CLIENT)))
		return PROTO_NO;
	if (bytes.n < HEAD)
		return transport == TRANSPORT_TCP ? PROTO_MORE : PROTO_NO;
	return checksum(p, CHECKED) == (p[8] | (unsigned)p[9] << 8) ? PROTO_YES : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	facts_add(facts, "destination", "%u", bytes.p[4] | (unsigned)bytes.p[5] << 8);
	facts_add(facts, "source", "%u", bytes.p[6] | (unsigned)bytes.p[7] << 8);
}

const struct proto proto_dnp3 = {
	.name = "dnp3",
	.title = "DNP3",
	PROTO_HINTS(PROTO_TCP(20000), PROTO_UDP(20000)),
	.safety = PROTO_A,
	.proves = N_("a station that speaks DNP3, and the addresses in it"),
	.source = "dnp3/opendnp3 cpp/lib/src/link LinkHeader.cpp, LinkHeaderFields, CRC.cpp",
	.recognise = recognise,
	.describe = describe,
};
