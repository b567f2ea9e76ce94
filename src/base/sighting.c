/* SPDX-License-Identifier: Apache-2.0 */
/* sighting: see sighting.h. */
#include "base/sighting.h"

const char *hidden_reason_word(enum hidden_reason reason)
{
	static const char *const words[] = {
#define H(name, word) [HIDDEN_##name] = word,
		HIDDEN_REASONS(H)
#undef H
	};

	return words[reason];
}

const struct process *sighting_process(const struct sighting *s)
{
	const struct process *first = NULL;

	for (size_t i = 0; i < s->n_owners; i++) {
		const struct process *p = s->owners[i].process;

		if (!first || (first->is_manager && !p->is_manager) ||
		    (first->is_manager == p->is_manager && p->start_ticks < first->start_ticks))
			first = p;
	}
	return first;
}

const char *spoken_word(enum spoken_state state)
{
	static const char *const words[] = {
#define S(name, word) [SPOKEN_##name] = word,
		SPOKEN_STATES(S)
#undef S
	};

	return words[state];
}
