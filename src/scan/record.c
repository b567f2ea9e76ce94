/* SPDX-License-Identifier: Apache-2.0 */
/* record: what a worker says is checked like any stranger's bytes; and the words of the door. */
#include "base/text.h"
#include "scan/search.h"
#include "scan/worker.h"

static bool is_terminated(const char *text, size_t size)
{
	return memchr(text, 0, size) != NULL;
}

static bool proto_by_number(int32_t number, const struct proto **proto)
{
	*proto = NULL;
	if (number == NO_PROTO)
		return true;
	if (number < 0 || (size_t)number >= proto_count())
		return false;
	*proto = proto_at((size_t)number);
	return true;
}

int32_t record_number(const struct proto *proto)
{
	for (size_t i = 0; proto && i < proto_count(); i++)
		if (proto_at(i) == proto)
			return (int32_t)i;
	return NO_PROTO;
}

static bool has_bool(const bool *b)
{
	uint8_t byte;

	memcpy(&byte, b, 1);
	return byte <= 1;
}

static bool are_steps_sound(const struct scan_result *r)
{
	if (r->n_steps > SCAN_STEPS || r->n_bytes > SCAN_BYTES)
		return false;
	for (size_t i = 0; i < r->n_steps; i++) {
		const struct scan_step *step = &r->steps[i];

		if (!has_bool(&step->is_said) || (unsigned)step->reason >= N_SCAN_REASONS ||
		    !is_terminated(step->proto, SCAN_NAME) || step->at > r->n_bytes ||
		    step->kept > r->n_bytes - step->at || step->kept > step->n)
			return false;
	}
	return true;
}

bool record_check(struct record *record, size_t n_targets)
{
	struct scan_result *r = &record->result;

	if (record->magic != RECORD_MAGIC || record->index >= n_targets ||
	    (unsigned)r->state >= N_SCAN_STATES || (unsigned)r->match > PROTO_YES ||
	    !has_bool(&r->is_spared) || !has_bool(&r->is_within_tls) ||
	    !has_bool(&r->needs_no_login) || r->n_facts > SCAN_FACTS ||
	    !is_terminated(r->product, PROTO_TEXT) || !is_terminated(r->version, PROTO_TEXT) ||
	    !proto_by_number(record->proto, &r->proto) ||
	    !proto_by_number(record->spared, &r->spared))
		return false;
	for (size_t i = 0; i < r->n_facts; i++)
		if (!is_terminated(r->facts[i].name, SCAN_NAME) ||
		    !is_terminated(r->facts[i].value, PROTO_TEXT))
			return false;
	return are_steps_sound(r);
}

struct span scan_step_bytes(const struct scan_result *result, const struct scan_step *step)
{
	return span_of(result->bytes + step->at, step->kept);
}

const char *scan_state_word(enum scan_state state)
{
	static const char *const words[] = {
#define S(name, word) word,
		SCAN_STATES(S)
#undef S
	};

	return words[state];
}

#define R(name, word, sentence) {word, sentence},
static const struct {
	const char *word, *sentence;
} reasons[] = {SCAN_REASONS(R)};
#undef R

const char *scan_reason_word(enum scan_reason reason)
{
	return reasons[reason].word;
}

const char *scan_reason_sentence(enum scan_reason reason)
{
	return reasons[reason].sentence;
}

#define E(name, word, sentence) [SCAN_END_##name] = {word, sentence},
static const struct {
	const char *word, *sentence;
} ends[] = {SCAN_ENDS(E)};
#undef E

const char *scan_end_word(enum scan_end end)
{
	return ends[end].word;
}

const char *scan_end_sentence(enum scan_end end)
{
	return ends[end].sentence;
}
