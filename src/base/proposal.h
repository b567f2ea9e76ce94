/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proposal: what a visitor of a page says of a port: checked, and as one line of a file.
 *
 * The process that speaks HTTP writes the line, another one keeps it, a third shows it to a person.
 * Each of them reads it by proposal_read and trusts none of the others. Nothing of the visitor is in
 * it but what was typed: no address, no time of day.
 */
#ifndef PERIPLUS_BASE_PROPOSAL_H
#define PERIPLUS_BASE_PROPOSAL_H

#include "base/buf.h"
#include "base/port.h"

/* Most bytes of each text, and of a line with its line feed. */
enum { PROPOSAL_PRODUCT = 60, PROPOSAL_KNOWN = 160, PROPOSAL_LINK = 300, PROPOSAL_LINE = 640 };

struct proposal {
	struct span day; /* YYYY-MM-DD on which it was kept; empty before */
	uint16_t port;
	enum transport transport;
	bool is_right; /* the page was right: no text follows */
	struct span product, known, link;
};

enum proposal_fault {
	PROPOSAL_SOUND,
	PROPOSAL_NO_PRODUCT,
	PROPOSAL_TOO_LONG,
	PROPOSAL_BAD_TEXT, /* a character that a reader could not see, or no UTF-8 */
	PROPOSAL_BAD_LINK, /* not http(s), blanks, or a user name in it */
	PROPOSAL_PERSON,   /* a mailbox */
	N_PROPOSAL_FAULTS
};

enum proposal_fault proposal_check(const struct proposal *proposal);
/* day, port, transport, right or other, product, known, link, parted by tabs; "-" for none. */
void proposal_write(struct buf *out, const struct proposal *proposal);
/* A line with or without its line feed. The texts borrow from it. False unless it is exactly what
 * proposal_write writes of a sound one. */
bool proposal_read(struct span line, struct proposal *proposal) must_check;

#endif
