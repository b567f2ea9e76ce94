/* SPDX-License-Identifier: Apache-2.0 */
/*
 * excluded: see excluded.h. Both texts come in Windows' language: only their numbers are read.
 *
 * No documented function lists these ranges: iphlpapi.h makes, deletes and looks up one
 * (CreatePersistentTcpPortReservation and kin), so the list is netsh's.
 */
#include "host/excluded.h"

#include "base/scope.h"

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

bool dynamic_ports_read(struct span text, struct excluded_range *range)
{
	uint64_t numbers[2];
	struct span line;
	size_t n = 0;

	while (n < ARRAY_LEN(numbers) && take_line(&text, &line)) {
		ptrdiff_t colon = span_find_last(line, ':');

		if (colon >= 0 &&
		    span_u64(span_trim(span_skip(line, (size_t)colon + 1)), PORT_MAX, &numbers[n]))
			n++;
	}
	if (n < ARRAY_LEN(numbers) || !numbers[1] || numbers[0] + numbers[1] - 1 > PORT_MAX)
		return false;
	*range = (struct excluded_range){.first = (uint16_t)numbers[0],
					 .last = (uint16_t)(numbers[0] + numbers[1] - 1)};
	return true;
}
