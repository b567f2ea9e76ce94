/* SPDX-License-Identifier: Apache-2.0 */
/* engine: the rows, and what all engines do with an answer. See engine.h. */
#include "scan/engine.h"

#include "base/scope.h"

#define ENGINE(name) extern const struct engine engine_##name;
#include "scan/engine.list"
#undef ENGINE

static const struct engine *const engines[] = {
#define ENGINE(name) &engine_##name,
#include "scan/engine.list"
#undef ENGINE
};

size_t engine_count(void)
{
	return ARRAY_LEN(engines);
}

const struct engine *engine_at(size_t index)
{
	return engines[index];
}

const struct engine *engine_find(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(engines); i++)
		if (span_is(name, engines[i]->name))
			return engines[i];
	return NULL;
}

bool engine_answer(struct engine_session *session, uint64_t index, enum engine_answer answer)
{
	uint64_t bit = 1ull << (index % 64);

	if (engine_is_answered(&session->seen, index))
		return false;
	if (answer == ENGINE_ELSEWHERE && session->seen.elsewhere) {
		if (session->seen.elsewhere[index / 64] & bit)
			return false;
		session->seen.elsewhere[index / 64] |= bit;
		session->counts.elsewhere++;
	}
	if (answer != ENGINE_ELSEWHERE) {
		session->seen.answered[index / 64] |= bit;
		session->counts.answered++;
	}
	if (answer == ENGINE_OPEN) {
		session->seen.open[index / 64] |= bit;
		session->counts.open++;
	}
	if (session->tell)
		session->tell(session, index, answer);
	return true;
}

/* RFC 6298 section 2: a new sample weighs an eighth. */
void engine_measure(struct engine_session *session, uint32_t us)
{
	struct engine_rtt *rtt = &session->rtt;

	if (rtt->n++ == 0)
		rtt->smooth = us;
	else
		rtt->smooth = (uint32_t)(((uint64_t)rtt->smooth * 7 + us) / 8);
	if (us > rtt->most)
		rtt->most = us;
}
