/* SPDX-License-Identifier: Apache-2.0 */
/*
 * excluded: see excluded.h.
 *
 * No documented function lists these ranges: iphlpapi.h makes, deletes and looks up one
 * (CreatePersistentTcpPortReservation and kin), so the list is netsh's.
 */
#include "host/excluded.h"

bool excluded_next(struct span *text, struct excluded_range *range)
{
	struct span line;

	while (take_line(text, &line)) {
		struct span word;
		uint64_t first;
		uint64_t last;

		if (!take_word(&line, &word) || !span_u64(word, PORT_MAX, &first) ||
		    !take_word(&line, &word) || !span_u64(word, PORT_MAX, &last) || first > last)
			continue;

		bool has_mark = take_word(&line, &word);

		if (has_mark && !span_is(word, "*"))
			continue;
		*range = (struct excluded_range){(uint16_t)first, (uint16_t)last, has_mark};
		return true;
	}
	return false;
}
